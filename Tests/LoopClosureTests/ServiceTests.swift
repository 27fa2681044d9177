import Contracts
import Foundation
import LoopClosure
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

/// The service as it runs: called over the transport, fed by another service's journal, stopped and started again.
@Suite struct ServiceTests {
  private let source = ServiceDefinition(.ingestion) { _ in
    ServiceBlueprint(migrations: [])
  }

  private let directory = ServiceDefinition(.gateway) { _ in
    ServiceBlueprint(migrations: [])
  }

  private func record(_ id: ID<Feedback>, _ now: Timestamp) -> FeedbackRecorded {
    FeedbackRecorded(
      feedback: Feedback(
        id: id,
        programme: "telco",
        source: "test",
        sourceRecordID: id.rawValue,
        channel: .known(.complaint),
        occurredAt: now,
        receivedAt: now,
        customer: "c1",
        team: "porto",
        language: "en",
        text: "Nobody calls back",
        signals: [.known(.complaint)],
        urgency: 0.9,
        sentiment: -1,
        redaction: Redaction(method: "none", countsByKind: [:]),
        rawHash: "",
        revision: 1
      )
    )
  }

  @Test func whatIsDueSurvivesARestart() async throws {
    let clock = ManualClock(at: LoopBench.monday)
    try await withServiceHarness(clock: clock) { harness in
      let gateway = try await harness.start(directory, ["--http", "127.0.0.1:0"])
      _ = try await gateway.store.write {
        try $0.append(ProgrammeSet(value: Programme(id: "telco", name: "Telco")))
        try $0.append(TeamSet(team: Team(id: "porto", programme: "telco", name: "Porto")))
      }
      let ingestion = try await harness.start(source, ["--http", "127.0.0.1:0"])
      _ = try await ingestion.store.write { try $0.append(record("f1", clock.now)) }
      var loops = try await harness.start(LoopClosure.definition)
      let client = try harness.client(of: .loopClosure)
      func cases() async throws -> [Case] {
        do {
          return try await client.call(LoopClosureAPI.cases, CasesRequest(programme: "telco")).cases
        } catch let fault where fault.reason == "unknownProgramme" {
          return []
        }
      }
      try await waitUntil("a case") { try await cases().count == 1 }
      try await loops.stop()
      // While it is away the day passes on which the customer should have been called.
      clock.advance(by: .days(3))
      _ = try await ingestion.store.write { try $0.append(record("f2", clock.now)) }
      loops = try await harness.start(LoopClosure.definition)
      try await waitUntil("the other case") { try await cases().count == 2 }
      try await waitUntil("the miss") {
        clock.advance(by: .seconds(2))
        return try await cases().contains { $0.feedback == "f1" && $0.missedFirstContact }
      }
      let second = try #require(try await cases().first { $0.feedback == "f2" })
      #expect(!second.missedFirstContact)
      let step = AdvanceCase(programme: "telco", id: second.id, step: .known(.closed))
      let fault = try await #require(throws: Fault.self) {
        try await client.call(LoopClosureAPI.advanceCase, step)
      }
      #expect(fault.reason == "wrongState" && fault.code == .failedPrecondition)
    }
  }
}
