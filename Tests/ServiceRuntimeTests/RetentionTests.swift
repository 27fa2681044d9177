import Contracts
import Foundation
import FoundationNetworking
import GRDB
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

/// Followers say how far they are, and publishers keep what they need.
@Suite(.timeLimit(.minutes(2))) struct RetentionTests {
  private func take(_ keys: [String], _ harness: ServiceHarness) async throws {
    let client = try harness.client(of: .ingestion)
    for key in keys { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: "x")) }
  }

  private func report(_ position: String, as name: String, _ harness: ServiceHarness) async throws -> CursorReceipt {
    try await harness.client(of: .ingestion, as: Principal(role: .program, name: name)).call(
      JournalAPI.reportCursor,
      CursorReport(stream: .ingestion, instance: 0, followerInstance: 0, position: position)
    )
  }

  private func metrics(of service: RunningService) async throws -> String {
    let address = try #require(service.address(of: .admin))
    let url = try #require(URL(string: "http://\(address)/metrics"))
    return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
  }

  @Test func whatEveryFollowerHasAppliedGoesInTime() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--journal-keep-days", "1", "--integrity-check-hours", "0"])
      try await take(["a", "b", "c", "d", "e"], harness)
      #expect(try await report("3", as: "ranking", harness).trimmed == "0")
      _ = try await report("4", as: "loop-closure", harness)
      _ = try await report("5", as: "gateway", harness)
      try await waitUntil("the three oldest are trimmed") {
        harness.clock.advance(by: .hours(6))
        return try await report("5", as: "gateway", harness).trimmed == "3"
      }
      let text = try await metrics(of: service)
      #expect(text.contains("groundswell_journal_trimmed_position{stream=\"ingestion\"} 3\n"), "\(text)")
      #expect(text.contains("groundswell_journal_oldest_cursor{stream=\"ingestion\"} 3\n"))
      #expect(text.contains("groundswell_follower_lag_records{follower=\"ranking/0\",stream=\"ingestion\"} 2\n"))

      // Whoever comes now has to begin elsewhere, and says so.
      try await harness.start(reader())
      let client = try harness.client(of: readerProfile)
      try await waitUntil("the reader has given up") {
        try await client.call(OperationsAPI.status, StatusRequest()).upstreams.contains { $0.state == .failed }
      }
      let problem = try await client.call(OperationsAPI.status, StatusRequest()).upstreams.first?.problem
      #expect(problem?.contains("no longer holds the records after 0") == true, "\(String(describing: problem))")
    }
  }

  @Test func aFollowerReportsWhatItHasOnDisk() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--integrity-check-hours", "0"])
      try await harness.start(reader(), ["--integrity-check-hours", "0"])
      try await take(["a", "b", "c"], harness)
      let client = try harness.client(of: readerProfile)
      try await waitUntil("the reader has all") { try await client.call(NotesAPI.count, Question()).number == 3 }
      try await waitUntil("the reader has said so") {
        harness.clock.advance(by: .seconds(10))
        return try await service.store.read { try Follower.fetchAll($0) }
          .contains { $0.name == "reader/0" && $0.position == 3 }
      }
    }
  }

  @Test func reportsThatCannotBeAreRefused() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      try await take(["a"], harness)
      for (position, code) in [("2", StatusCode.failedPrecondition), ("one", .invalidArgument)] {
        let fault = await #expect(throws: Fault.self) { try await report(position, as: "ranking", harness) }
        #expect(fault?.code == code)
      }
      let stranger = await #expect(throws: Fault.self) { try await report("1", as: "goal-setting", harness) }
      #expect(stranger?.code == .permissionDenied)
    }
  }
}
