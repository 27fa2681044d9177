import Contracts
import Foundation
import FoundationNetworking
import GRDB
import Logging
import Messaging
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceRuntime

/// Followers say how far they are, and publishers keep what they need.
@Suite(.timeLimit(.minutes(2))) struct RetentionTests {
  private func take(_ keys: [String], _ harness: ServiceHarness) async throws {
    let client = try harness.client(of: .ingestion)
    for key in keys { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: "x")) }
  }

  @discardableResult
  private func report(
    _ position: String,
    chain: String? = nil,
    as name: String,
    _ harness: ServiceHarness
  ) async throws -> CursorReceipt {
    try await harness.client(of: .ingestion, as: Principal(role: .program, name: name)).call(
      JournalAPI.reportCursor,
      CursorReport(stream: .ingestion, instance: 0, followerInstance: 0, position: position, chain: chain)
    )
  }

  private func followers(of service: RunningService) async throws -> [String: UInt64] {
    let followers = try await service.store.read { try Follower.fetchAll($0) }
    return Dictionary(uniqueKeysWithValues: followers.map { ($0.name, $0.position) })
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
    }
  }

  @Test func nothingGoesOfAStreamThatNobodyCouldBeginToFollow() async throws {
    let lines = Lines()
    let logger = Logger(label: "test") { label in
      LineLogHandler(label: label, level: .info, format: .human, write: { line in lines.text.withLock { $0 += line } })
    }
    try await withServiceHarness(logger: logger) { harness in
      let flags = ["--journal-keep-days", "1", "--journal-most-days", "30", "--integrity-check-hours", "0"]
      try await harness.start(notary(snapshots: []), flags)
      try await take(["a", "b", "c"], harness)
      for name in ["ranking", "loop-closure", "gateway"] { try await report("3", as: name, harness) }
      try await waitUntil("retention waits for its first turn") { harness.clock.sleeperCount == 1 }
      harness.clock.advance(by: .days(2))
      try await waitUntil("retention waits for its second turn") { harness.clock.sleeperCount == 1 }
      #expect(try await report("3", as: "gateway", harness).trimmed == "0")
      harness.clock.advance(by: .days(29))
      try await waitUntil("the bound holds for it, too") {
        try await report("3", as: "gateway", harness).trimmed == "2"
      }
      // Whoever comes now needs a backup, and says so.
      try await harness.start(reader())
      let client = try harness.client(of: readerProfile)
      try await waitUntil("the reader has given up") {
        try await client.call(OperationsAPI.status, StatusRequest()).upstreams.contains { $0.state == .failed }
      }
      let problem = try await client.call(OperationsAPI.status, StatusRequest()).upstreams.first?.problem
      #expect(problem?.contains("no longer holds the records after 0") == true, "\(String(describing: problem))")
      #expect(problem?.contains("No snapshot is made of ingestion") == true, "\(String(describing: problem))")
    }
    let warning = lines.text.withLock { $0 }.split(separator: "\n").first { $0.contains("no snapshot is made of") }
    #expect(warning?.contains("through=2") == true, "\(String(describing: warning))")
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

  @Test func ofAPartitionOnItsWayOnlyThatIsReportedWhichItsNextOwnerWontRead() async throws {
    let (feedback, directory) = (
      Ownership.Upstream(stream: .ingestion, instance: 0), Ownership.Upstream(stream: .directory, instance: 0)
    )
    let partitioning = Partitioning(claim: .all, tables: [])
    try await withStores(partitioning) { _, follower in
      func reported() async throws -> [UInt64?] {
        try await DurableCursors.fetch(of: follower.store, following: [feedback, directory]).map { $0.cursor?.position }
      }
      func read(upTo position: UInt64) async throws {
        try await follower.store.write { transaction in
          for upstream in [feedback, directory] {
            let identity = StreamIdentity(stream: upstream.stream, instance: upstream.instance, epoch: 1)
            var cursor = Records.Cursor(startOf: identity)
            cursor.position = position
            try transaction.setCursor(cursor)
          }
        }
      }
      #expect(try await reported() == [nil, nil])
      try await read(upTo: 5)
      _ = try await follower.store.write { try $0.release(Partition(of: "p"), to: 1, epoch: 2, partitioning) }
      try await read(upTo: 9)
      // Whoever gets it reads on from 5; the directory is applied in whole by everyone anyway.
      #expect(try await reported() == [5, 9])
      try await follower.store.write { try $0.complete(Partition(of: "p"), epoch: 2, partitioning) }
      #expect(try await reported() == [9, 9])
    }
  }

  @Test func aFollowerOfAnotherHistoryDoesNotCount() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--integrity-check-hours", "0"])
      try await take(["a", "b", "c", "d", "e"], harness)
      let journal = try service.store.journal(of: .ingestion)
      let (third, fourth) = (try #require(try await journal.chain(at: 3)), try #require(try await journal.chain(at: 4)))
      try await report("3", chain: third.description, as: "ranking", harness)
      let parted = await #expect(throws: Fault.self) {
        try await report("4", chain: third.description, as: "ranking", harness)
      }
      #expect(parted?.code == .failedPrecondition && parted?.reason == "diverged", "\(String(describing: parted))")
      let malformed = await #expect(throws: Fault.self) { try await report("4", chain: "4", as: "ranking", harness) }
      #expect(malformed?.code == .invalidArgument && malformed?.field == "chain")
      #expect(try await followers(of: service) == ["ranking/0": 3], "what it said before still holds")

      // The hash at the last trimmed position is known from the frame behind it; what lies before can't be compared.
      try await service.store.write {
        try $0.database.execute(
          sql: #"DELETE FROM "journal/ingestion" WHERE position <= 4; INSERT INTO trims VALUES ('ingestion', 4)"#
        )
      }
      try await report("4", chain: fourth.description, as: "ranking", harness)
      await #expect(throws: Fault.self) { try await report("4", chain: third.description, as: "gateway", harness) }
      try await report("3", chain: third.description, as: "gateway", harness)
      #expect(try await followers(of: service) == ["ranking/0": 4, "gateway/0": 3])
    }
  }

  @Test func aReportThatSaysNothingNewIsNoCommit() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--integrity-check-hours", "0"])
      try await take(["a", "b"], harness)
      try await report("1", as: "ranking", harness)
      let commits = service.store.statistics.commits
      for _ in 0..<3 { try await report("1", as: "ranking", harness) }
      #expect(service.store.statistics.commits == commits)
      try await report("2", as: "ranking", harness)
      try await report("1", as: "ranking", harness)
      #expect(service.store.statistics.commits == commits + 2)
      #expect(try await followers(of: service) == ["ranking/0": 1], "it may have been restored from a backup")
    }
  }

  @Test func journalsAreBoundedWhateverElseTheStoreHolds() async throws {
    let lines = Lines()
    let logger = Logger(label: "test") { label in
      LineLogHandler(label: label, level: .info, format: .human, write: { line in lines.text.withLock { $0 += line } })
    }
    try await withServiceHarness(logger: logger) { harness in
      let flags = ["--journal-most-megabytes", "1", "--integrity-check-hours", "0"]
      let service = try await harness.start(notary(), flags)
      try await service.store.write {
        try $0.database.execute(sql: "CREATE TABLE ballast (bytes); INSERT INTO ballast VALUES (zeroblob(4000000))")
      }
      let client = try harness.client(of: .ingestion)
      let text = String(repeating: "x", count: 300_000)
      for key in ["a", "b", "c"] { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: text)) }
      try await report("1", as: "ranking", harness)
      try await waitUntil("retention waits for its first turn") { harness.clock.sleeperCount == 1 }
      harness.clock.advance(by: .seconds(60))
      try await waitUntil("retention waits for its second turn") { harness.clock.sleeperCount == 1 }
      #expect(try await report("1", as: "ranking", harness).trimmed == "0")
      for key in ["d", "e"] { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: text)) }
      try await waitUntil("the oldest two are trimmed") {
        harness.clock.advance(by: .seconds(60))
        return try await report("1", as: "ranking", harness).trimmed == "2"
      }
    }
    let warning = lines.text.withLock { $0 }.split(separator: "\n").first { $0.contains("followers lack") }
    #expect(warning?.contains("ranking/0 at 1") == true, "\(String(describing: warning))")
  }

  @Test func nothingIsKeptForAFollowerThatIsForgotten() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--journal-keep-days", "1", "--integrity-check-hours", "0"])
      try await take(["a", "b", "c"], harness)
      for name in ["ranking", "loop-closure", "gateway"] { try await report("3", as: name, harness) }
      try await report("1", as: "gone", harness)
      let text = try await metrics(of: service)
      let labels = #"follower="gone/0",stream="ingestion""#
      #expect(text.contains("groundswell_follower_lag_records{\(labels)} 2\n"), "\(text)")
      let line = text.split(separator: "\n")
        .first { $0.hasPrefix("groundswell_follower_position_since_seconds{\(labels)} ") }
      let since = line?.split(separator: " ").last.flatMap { Double($0) }
      #expect(since == Double(harness.clock.now.milliseconds) / 1000, "\(text)")

      func forget(_ name: String) async throws -> [StreamName] {
        try await harness.client(of: .ingestion)
          .call(OperationsAPI.forgetFollower, ForgetFollower(follower: name)).streams
      }
      #expect(try await forget("gone/1") == [])
      #expect(try await forget("gone/0") == [.ingestion])
      #expect(try await followers(of: service).keys.sorted() == ["gateway/0", "loop-closure/0", "ranking/0"])
      try await waitUntil("what was kept for it goes") {
        harness.clock.advance(by: .hours(6))
        return try await report("3", as: "gateway", harness).trimmed == "2"
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

private final class Lines: Sendable {
  let text = Mutex("")
}
