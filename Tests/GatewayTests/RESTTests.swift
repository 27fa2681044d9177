import Contracts
import Foundation
import Messaging
import Records
import ServiceRuntime
import Storage
import Testing

@testable import Gateway

@Suite struct RESTTests {
  @Test func aChangeIsForwardedOnceUnderItsKey() async throws {
    try await GatewayBench.run { bench in
      bench.calls.answer { _ in CallReply(Array(#"{"id":"idea-1"}"#.utf8), positions: ["loop-closure/0/7/12"]) }
      let answer = try await bench.send(
        "POST",
        "/api/v1/programmes/telco/ideas",
        #"{"title":"Call back at eight","text":"Ask first"}"#,
        [
          "Idempotency-Key": "\"key-1\"", "Groundswell-After": "ingestion/0/1/5, loop-closure/0/7/3, directory/0/2/9",
          "Groundswell-Actor": "%7B%22role%22%3A%22frontLine%22%2C%22name%22%3A%22Z%C3%A9%22%7D",
        ]
      )
      #expect(answer.status == 200 && answer.text == #"{"id":"idea-1"}"#)
      #expect(answer.headers["groundswell-position"] == "loop-closure/0/7/12")
      #expect(answer.headers["idempotency-key"] == "key-1")
      let asked = try #require(bench.calls.asked.first)
      #expect(asked.service == .loopClosure && asked.method == LoopClosureAPI.submitIdea.name && asked.isCommand)
      #expect(asked.message["programme"] == "telco" && asked.message["title"] == "Call back at eight")
      #expect(asked.settings.requestID == "key-1" && asked.settings.principal?.name == "Zé")
      #expect(asked.settings.after == ["ingestion/0/1/5", "loop-closure/0/7/3", "directory/0/2/9"])
    }
  }

  /// Ingestion hears nothing of ideas: to wait there for a position of LoopClosure's would be in vain.
  @Test func positionsThatAServiceNeverComesToAreLeftOut() async throws {
    try await GatewayBench.run { bench in
      _ = try await bench.send(
        "GET",
        "/api/v1/programmes/telco/feedback",
        nil,
        ["Groundswell-After": "loop-closure/0/7/3, ingestion/0/1/5"]
      )
      #expect(bench.calls.asked.first?.settings.after == ["ingestion/0/1/5"])
    }
  }

  @Test func aKeyIsMadeWhereNoneIsGiven() async throws {
    try await GatewayBench.run { bench in
      bench.calls.answer { _ in CallReply(Array("{}".utf8)) }
      let answer = try await bench.send(
        "POST",
        "/api/v1/programmes/telco/graves/grave-1/visit",
        #"{"visit":"tribute"}"#
      )
      let key = try #require(answer.headers["idempotency-key"])
      #expect(bench.calls.asked.first?.settings.requestID?.rawValue == key)
    }
  }

  @Test func aServiceThatIsDownIsAPreciseProblem() async throws {
    try await GatewayBench.run { bench in
      let answer = try await bench.send("GET", "/api/v1/programmes/telco/goals")
      #expect(answer.status == 503)
      #expect(answer.headers["content-type"] == "application/problem+json")
      let problem = try answer.json
      #expect(problem["reason"] == "serviceUnavailable" && problem["status"] == 503)
      #expect(problem["detail"]?.string?.contains("goal-setting") == true)
      // The gateway's own pages stay up.
      #expect(try await bench.send("GET", "/").status == 200)
      #expect(try await bench.send("GET", "/api/v1/programmes").status == 200)
      let health = try await bench.send("GET", "/api/v1/health").json
      #expect(health["isWell"] == false)
      #expect(health["services"]?.elements.map { $0["isAnswering"] } == [false, false, false, false, true])
    }
  }

  @Test func healthNamesEveryInstance() async throws {
    try await GatewayBench.run { bench in
      bench.calls.set(3, instancesOf: .ranking)
      bench.calls.answer { asked in
        let instance = try #require(asked.instance)
        guard (asked.service, instance) != (.ranking, 1) else {
          throw Fault(.unavailable, reason: "gone", "it is gone")
        }
        let status = ServiceStatus(
          service: asked.service.name,
          version: "1",
          instance: UInt16(instance),
          startedAt: .epoch,
          now: .epoch,
          isAccepting: true,
          heads: [],
          upstreams: [],
          deadLetters: 0,
          queueDepth: 0
        )
        return CallReply(try MessageCoding.encode(status))
      }
      let health = try await bench.send("GET", "/api/v1/health").json
      #expect(health["isWell"] == false, "one of them doesn't answer")
      let services = health["services"]?.elements ?? []
      let names = services.map { "\($0["service"]?.string ?? "")/\($0["status"]?["instance"] == $0["instance"])" }
      #expect(
        names == [
          "ingestion/true", "ranking/true", "ranking/false", "ranking/true", "goal-setting/true", "loop-closure/true",
          "gateway/true",
        ]
      )
      #expect(services.map { $0["instance"] } == [0, 0, 1, 2, 0, 0, 0])
      #expect(services.map { $0["isAnswering"] } == [true, true, false, true, true, true, true])
      #expect(services[2]["problem"] == "it is gone")
    }
  }

  @Test func aFaultBecomesAProblem() async throws {
    try await GatewayBench.run { bench in
      bench.calls.answer { _ in
        throw Fault(.failedPrecondition, reason: "scoreTargetForbidden", "Not on NPS.", field: "behaviour")
      }
      let answer = try await bench.send("POST", "/api/v1/programmes/telco/goals", #"{"behaviour":"NPS"}"#)
      #expect(answer.status == 422)
      #expect(try answer.json["reason"] == "scoreTargetForbidden" && answer.json["field"] == "behaviour")
    }
  }

  @Test(
    arguments: [
      ("GET", "/api/v1/programmes/telco/cases?limt=5", nil, [:], 400, "unknownParameter"),
      ("POST", "/api/v1/programmes/telco/ideas", "{", [:], 400, "malformedJSON"),
      ("POST", "/api/v1/programmes/telco/ideas", "{}", ["Origin": "https://evil.example"], 403, "foreignOrigin"),
      ("POST", "/api/v1/programmes/telco/ideas", "{}", ["Content-Type": "text/plain"], 400, "contentTypeMissing"),
      ("POST", "/api/v1/programmes/telco/ideas", "{}", ["Idempotency-Key": ""], 400, "malformedIdempotencyKey"),
      ("GET", "/api/v1/programmes", nil, ["Groundswell-Actor": "Ana"], 400, "malformedActor"),
      ("GET", "/api/v1/programmes/none", nil, [:], 404, "unknownProgramme"),
      ("GET", "/api/v1/programmes/none/scores", nil, [:], 404, "unknownProgramme"),
      ("GET", "/console/../Gateway.swift", nil, [:], 404, nil),
    ] as [(String, String, String?, [String: String], Int, String?)]
  )
  func badRequestsChangeNothing(
    verb: String,
    path: String,
    body: String?,
    headers: [String: String],
    status: Int,
    reason: String?
  ) async throws {
    try await GatewayBench.run { bench in
      let answer = try await bench.send(verb, path, body, headers)
      #expect(answer.status == status)
      if let reason { #expect(try answer.json["reason"]?.string == reason) }
      #expect(bench.calls.asked.isEmpty)
    }
  }

  @Test func feedbackGoesThroughIngestionsDoor() async throws {
    try await GatewayBench.run { bench in
      bench.calls.answer { _ in
        CallReply(
          Array(#"{"results":[{"outcome":"accepted","feedback":"f-1","position":3}]}"#.utf8),
          positions: ["ingestion/0/1/3"]
        )
      }
      let base = "/api/v1/programmes/telco"
      let note = try await bench.send(
        "POST",
        "\(base)/field-notes",
        #"{"text":"She had to ring twice","team":"porto"}"#,
        ["Idempotency-Key": "n-1"]
      )
      #expect(note.status == 200 && note.headers["groundswell-position"] == "ingestion/0/1/3")
      _ = try await bench.send(
        "POST",
        "\(base)/adaptations",
        #"{"standard":"Send a form","didInstead":"Did it at once","outcome":"Thanked me"}"#
      )
      let events = bench.calls.asked.compactMap { $0.message["events"]?.elements.first }
      #expect(events.first?["id"] == "n-1" && events.first?["specversion"] == "1.0")
      #expect(events.first?["data"]?["channel"] == "fieldNote" && events.first?["data"]?["team"] == "porto")
      #expect(events.last?["data"]?["channel"] == "adaptation")
      #expect(events.last?["data"]?["adaptation"]?["didInstead"] == "Did it at once")
    }
  }

  @Test func theDirectoryIsKeptHere() async throws {
    try await GatewayBench.run { bench in
      let key = ["Idempotency-Key": "p-1"]
      let first = try await bench.send("PUT", "/api/v1/programmes/telco", programme, key)
      #expect(first.status == 200)
      let position = try #require(first.headers["groundswell-position"])
      let again = try await bench.send("PUT", "/api/v1/programmes/telco", programme, key)
      #expect(again.headers["groundswell-position"] == position && again.text == first.text)
      #expect(try bench.store.journal(of: .directory).head().position == 1)
      let team = #"{"name":"Porto","people":6,"fullTimeEquivalents":5.5}"#
      #expect(try await bench.send("PUT", "/api/v1/programmes/telco/teams/porto", team).status == 200)
      #expect(try await bench.send("PUT", "/api/v1/programmes/bank/teams/porto", team).status == 404)
      let directory = try await bench.send("GET", "/api/v1/programmes/telco").json
      #expect(directory["teams"]?.elements.first?["name"] == "Porto")
      #expect(bench.calls.asked.isEmpty)
    }
  }

  private let programme = #"{"name":"Telco","timeZone":"Europe/Lisbon","defaultLanguage":"pt"}"#
}
