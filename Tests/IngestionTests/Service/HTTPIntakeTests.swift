import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Storage
import TestSupport
import Testing

@testable import Ingestion

@Suite("CloudEvents over HTTP")
struct HTTPIntakeTests {
  @Test("all three content modes are taken, and repeats told so")
  func modes() async throws {
    try await withIngestion { ingestion in
      let structured = try await ingestion.post(feedback("1", "structured"))
      #expect(structured.status == 202)
      #expect(structured.type == "application/json")
      let batch = try await ingestion.post(batch: [feedback("2", "batched"), feedback("1", "structured")])
      #expect(batch.status == 202)
      guard case .array(let results)? = batch.body["results"] else { throw ConditionNotMet(description: "no results") }
      #expect(results.map { $0["outcome"] } == ["accepted", "duplicate"])
      #expect(results.map { $0["position"] } == [2, 1])
      let headers = [
        "ce-specversion": "1.0", "ce-id": "caf%C3%A9", "ce-source": "/tests", "ce-type": IntakeType.feedback.rawValue,
      ]
      let binary = try await ingestion.post(
        Array(#"{"programme":"p","text":"binary"}"#.utf8),
        type: "application/json",
        headers: headers
      )
      #expect(binary.status == 202)
      let again = try await ingestion.post(feedback("1", "structured"))
      #expect(again.status == 200)
      #expect(again.body["results"] == structured.body["results"].map { $0.replacingOutcome("duplicate") })
      #expect(try await ingestion.post(batch: []).status == 202)
      let held = try await ingestion.feedback()
      #expect(held.map(\.text) == ["binary", "batched", "structured"])
      #expect(held.first?.sourceRecordID == "café")
    }
  }

  @Test("every mistake has a precise answer, and the service stays up")
  func mistakes() async throws {
    let structured = "application/cloudevents+json"
    let batch = "application/cloudevents-batch+json"
    let nested = String(repeating: "[", count: 5000)
    let cases: [(body: [UInt8], type: String, status: Int, reason: String)] = [
      (Array("{\"a\":".utf8), structured, 400, "truncatedJSON"), ([], structured, 400, "truncatedJSON"),
      ([0x22, 0xFF, 0x22], structured, 400, "invalidUTF8"), (Array("{]".utf8), structured, 400, "malformedJSON"),
      (Array("{\"a\":1,\"a\":2}".utf8), structured, 400, "duplicateMember"),
      (Array(nested.utf8), structured, 400, "nestedTooDeeply"), (Array("[]".utf8), structured, 400, "notAnObject"),
      (Array("{}".utf8), structured, 400, "missingAttribute"), (Array("{}".utf8), batch, 400, "batchNotArray"),
      (Array("[{}]".utf8), batch, 400, "missingAttribute"), (Array("[1]".utf8), batch, 400, "notAnObject"),
      (
        Array(#"[{"specversion":"1.0"},{"specversion":"0.9"}]"#.utf8), batch, 400, "mixedSpecVersions"
      ),
      (Array("{\(EventVectors.core)}".utf8), structured, 422, "unknownEventType"),
      (try Array(JSONEncoder().encode(feedback("1", ""))), structured, 422, "nothingSaid"),
      (try Array(JSONEncoder().encode(feedback("1", "x", ["programme": "x"]))), structured, 422, "unknownProgramme"),
      (try Array(JSONEncoder().encode(feedback("1", "x", ["team": "x"]))), structured, 422, "unknownTeam"),
      (try Array(JSONEncoder().encode(feedback("1", "x", ["text": 7]))), structured, 422, "wrongType"),
      (
        try Array(JSONEncoder().encode(feedback("1", "x", ["occurredAt": "2030-01-01T00:00:00Z"]))), structured, 422,
        "occursInFuture"
      ),
      (Array("<a/>".utf8), "application/cloudevents+xml", 415, "unsupportedContentType"),
      (Array("{}".utf8), "application/json", 415, "unsupportedContentType"),
      (Array("{}".utf8), "", 415, "unsupportedContentType"),
      (Array("{}".utf8), structured + "; charset=latin1", 415, "unsupportedContentType"),
      (Array(repeating: 0x20, count: 70_000), structured, 413, "tooLarge"),
      (try Array(JSONEncoder().encode((0..<6).map { feedback("\($0)") })), batch, 413, "tooLarge"),
    ]
    try await withIngestion(["--intake-body-bytes", "65536", "--intake-batch-events", "5"]) { ingestion in
      for (body, type, status, reason) in cases {
        let answer = try await ingestion.post(body, type: type)
        #expect(answer.status == status, "\(reason): \(answer.body)")
        #expect(answer.reason == reason)
        #expect(answer.type == "application/problem+json")
        #expect(answer.body["detail"]?.string?.isEmpty == false)
        #expect(answer.body["status"] == .integer(Int64(status)))
      }
      #expect(try await ingestion.feedback().isEmpty)
      #expect(try await ingestion.post(feedback("1")).status == 202)
    }
  }

  @Test("every vector of an invalid event is refused over the wire")
  func vectors() async throws {
    try await withIngestion { ingestion in
      for vector in EventVectors.invalid {
        let answer = try await ingestion.post(Array(vector.json.utf8), type: "application/cloudevents+json")
        #expect(answer.status == 400, "\(vector.name)")
        #expect(answer.reason == vector.reason, "\(vector.name)")
        #expect(answer.body["field"]?.string == vector.field, "\(vector.name)")
      }
    }
  }

  @Test("a batch with a bad event is refused whole, each bad event by its index")
  func wholeBatch() async throws {
    try await withIngestion { ingestion in
      let answer = try await ingestion.post(batch: [
        feedback("1"), feedback("2", ""), feedback("3"), feedback("4", "x", ["team": "x"]),
      ])
      #expect(answer.status == 422)
      #expect(answer.body["index"] == 1)
      #expect(answer.body["field"] == "data.text")
      guard case .array(let errors)? = answer.body["errors"] else { throw ConditionNotMet(description: "no errors") }
      #expect(errors.map { $0["index"] } == [1, 3])
      #expect(errors.map { $0["reason"] } == ["nothingSaid", "unknownTeam"])
      #expect(try await ingestion.feedback().isEmpty)
    }
  }

  @Test("binary mode refuses what headers can't say, and JSON that isn't")
  func binary() async throws {
    try await withIngestion { ingestion in
      let headers = [
        "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/tests", "ce-type": IntakeType.feedback.rawValue,
      ]
      func post(_ body: String, _ more: [String: String] = [:], type: String = "application/json") async throws
        -> RunningIngestion.Answer
      {
        try await ingestion.post(Array(body.utf8), type: type, headers: headers.merging(more) { $1 })
      }
      let overlong = try await post("{}", ["ce-subject": "%C0%80"])
      #expect(overlong.status == 400)
      #expect(overlong.reason == "invalidHeader")
      #expect(overlong.body["field"] == "ce-subject")
      #expect(try await post("{\"programme\":").status == 400)
      #expect(try await post("{\"programme\":\"p\",\"text\":\"x\"}", type: "text/plain").status == 422)
      #expect(try await post("").reason == "missingData")
      #expect(try await post("{}", ["ce-id": ""]).reason == "emptyAttribute")
    }
  }

  @Test("more requests than it may work on are told to come back")
  func overload() async throws {
    let gate = IntakeGate(capacity: 1)
    let isInside = AsyncStream.makeStream(of: Void.self)
    let mayLeave = AsyncStream.makeStream(of: Void.self)
    async let first: Void = gate.pass {
      isInside.continuation.finish()
      for await _ in mayLeave.stream {}
    }
    for await _ in isInside.stream {}
    let fault = await #expect(throws: Fault.self) { try await gate.pass {} }
    #expect(fault?.reason == "overloaded")
    let answer = IntakeProblem(try #require(fault)).response
    #expect(answer.status.code == 429)
    #expect(answer.headers[.retryAfter] == "1")
    mayLeave.continuation.finish()
    try await first
    try await gate.pass {}
  }

  @Test("trouble in the store is no fault of the sender's")
  func storeTrouble() {
    let full = IntakeProblem(StoreError(.diskFull, "no room")).response
    #expect(full.status.code == 503)
    #expect(full.headers[.retryAfter] == "1")
    #expect(IntakeProblem(StoreError(.overloaded, "busy")).response.status.code == 429)
    #expect(IntakeProblem(StoreError(.failed, "disk")).response.status.code == 503)
    #expect(IntakeProblem(IntakeProblem.Cause.tooSlow("late")).response.status.code == 408)
  }

  @Test("it says what it takes")
  func description() async throws {
    try await withIngestion { ingestion in
      let answer = try await ingestion.get()
      #expect(answer.status == 200)
      #expect(answer.body["maximumBatchEvents"] == 100)
      #expect(answer.body["maximumBodyBytes"] == 1_048_576)
      #expect(answer.body["specversion"] == "1.0")
      guard case .array(let types)? = answer.body["eventTypes"] else { throw ConditionNotMet(description: "no types") }
      #expect(types.map { $0["type"]?.string } == IntakeType.allCases.map(\.rawValue))
    }
  }
}

extension JSONValue {
  fileprivate func replacingOutcome(_ outcome: String) -> JSONValue {
    guard case .array(let results) = self else { return self }
    return .array(
      results.map { result in
        guard case .object(var members) = result else { return result }
        members["outcome"] = .string(outcome)
        return .object(members)
      }
    )
  }
}
