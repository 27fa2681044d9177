import Contracts
import Foundation
import FoundationNetworking
import Messaging
import ServiceRuntime
import Storage
import TestSupport
import Testing

@testable import Ingestion

/// Stands in for the gateway: writes the directory's journal, which is all that Ingestion follows.
let directoryService = ServiceDefinition(.gateway) { _ in
  ServiceBlueprint(
    migrations: [],
    calls: { calls in
      calls.command(DirectoryAPI.setProgramme) { input, _, transaction in
        try transaction.append(ProgrammeSet(value: input.value))
        return input.value
      }
      calls.command(DirectoryAPI.setTeam) { input, _, transaction in
        try transaction.append(TeamSet(team: input.team))
        return input.team
      }
    }
  )
}

/// Ingestion as a running service, with a directory that holds the programme `p` and its team `t`.
struct RunningIngestion {
  let harness: ServiceHarness
  let service: RunningService
  let client: CallClient
  let directory: CallClient
  let events: URL

  struct Answer {
    var status: Int
    var type: String?
    var retryAfter: String?
    var body: JSONValue

    var reason: String? { body["reason"]?.string }
  }

  /// Sends a request over a real socket.
  func post(_ body: [UInt8], type: String? = nil, headers: [String: String] = [:]) async throws -> Answer {
    var request = URLRequest(url: events)
    request.httpMethod = "POST"
    request.httpBody = Data(body)
    // URLSession would name a type of its own.
    request.setValue(type ?? "", forHTTPHeaderField: "Content-Type")
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    return try await answer(to: request)
  }

  func post(_ event: JSONValue) async throws -> Answer {
    try await post(Array(JSONEncoder().encode(event)), type: "application/cloudevents+json")
  }

  func post(batch: [JSONValue]) async throws -> Answer {
    try await post(Array(JSONEncoder().encode(batch)), type: "application/cloudevents-batch+json")
  }

  func get() async throws -> Answer { try await answer(to: URLRequest(url: events)) }

  private func answer(to request: URLRequest) async throws -> Answer {
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    return Answer(
      status: http.statusCode,
      type: http.value(forHTTPHeaderField: "Content-Type"),
      retryAfter: http.value(forHTTPHeaderField: "Retry-After"),
      body: data.isEmpty ? .null : try JSONReader.value(of: Array(data))
    )
  }

  func feedback() async throws -> [Feedback] {
    try await client.call(IngestionAPI.feedback, FeedbackRequest(programme: "p", limit: 500)).feedback
  }
}

func withIngestion(
  _ arguments: [String] = [],
  _ body: (RunningIngestion) async throws -> Void
) async throws {
  try await withServiceHarness { harness in
    try await harness.start(directoryService)
    let service = try await harness.start(Ingestion.definition, arguments)
    let directory = try harness.client(of: .gateway)
    let client = try harness.client(of: .ingestion)
    _ = try await directory.call(DirectoryAPI.setProgramme, SetProgramme(value: Programme(id: "p", name: "P")))
    let team = try await directory.reply(
      to: DirectoryAPI.setTeam,
      SetTeam(team: Team(id: "t", programme: "p", name: "T"))
    )
    // Answers once the directory has been followed that far.
    var settings = CallSettings()
    settings.after = team.positions
    _ = try await client.call(IngestionAPI.coverage, CoverageRequest(programme: "p"), settings)
    let address = try #require(service.address(of: .http))
    let events = try #require(URL(string: "http://\(address)/v1/events"))
    try await body(
      RunningIngestion(harness: harness, service: service, client: client, directory: directory, events: events)
    )
  }
}
