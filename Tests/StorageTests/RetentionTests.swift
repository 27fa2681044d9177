import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

/// What followers no longer need goes, oldest first, in small steps; what is left is still one history.
@Suite struct RetentionTests {
  private static let start = Timestamp(milliseconds: 1_795_348_800_000)

  @Test func `a record goes when all have it and it is old, or when a bound says so`() {
    let now = Self.start
    func drops(_ policy: RetentionPolicy, daysOld: Int, applied: UInt64?) -> Bool {
      policy.drops(10, of: now - .days(daysOld), applied: applied, now: now)
    }
    let keeping = RetentionPolicy(keep: .days(7))
    #expect(drops(keeping, daysOld: 8, applied: 10))
    #expect(!drops(keeping, daysOld: 6, applied: 10))
    #expect(!drops(keeping, daysOld: 8, applied: 9))
    #expect(!drops(keeping, daysOld: 8, applied: nil))
    let bounded = RetentionPolicy(keep: .days(7), mostAge: .days(30), mostBytes: 1000)
    #expect(drops(bounded, daysOld: 31, applied: nil))
    #expect(!drops(bounded, daysOld: 29, applied: nil))
    #expect(!drops(RetentionPolicy(), daysOld: 10_000, applied: 10))
  }

  private func trim(
    _ store: Store,
    _ policy: RetentionPolicy,
    expecting expected: [String] = [],
    mostFrames: Int = 100
  ) async throws -> TrimStep {
    try await store.write {
      try $0.trim(.ingestion, by: policy, expecting: expected, mostFrames: mostFrames)
    }
  }

  @Test func `nothing goes before every follower has said how far it is`() async throws {
    let clock = ManualClock(at: Self.start)
    try await withTemporaryStore(clock: clock) { store in
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      clock.advance(by: .days(2))
      let policy = RetentionPolicy(keep: .days(1))
      try await store.write { try $0.setFollower("ranking/0", of: .ingestion, at: 65) }
      #expect(try await trim(store, policy, expecting: ["ranking", "gateway"]).position == 0)
      try await store.write { try $0.setFollower("gateway/0", of: .ingestion, at: 100) }
      try await store.write { try $0.setFollower("gateway/1", of: .ingestion, at: 45) }
      let step = try await trim(store, policy, expecting: ["ranking", "gateway"])
      #expect(step.position == 40 && step.frameCount == 4, "45 lies within a frame, which stays")

      let journal = try store.journal(of: .ingestion)
      #expect(try await journal.frames(after: 0).first?.header.firstPosition == 41)
      #expect(try await store.checkIntegrity().problems.isEmpty)
    }
  }

  @Test(arguments: [(0, 100), (1, 64), (1, 65), (1, 200), (2, 30), (1, 309)])
  func `what is trimmed while a check goes on is no damage`(pages: Int, trimmed: Int) async throws {
    let clock = ManualClock(at: Self.start)
    try await withTemporaryStore(clock: clock) { store in
      try await JournalTests.fill(store, count: 300, perCommit: 1)
      var check = JournalCheck(of: store.heads()[0])
      for _ in 0..<pages { check = try await nextPage(of: check, store) }
      try await JournalTests.fill(store, count: 10, perCommit: 1)
      clock.advance(by: .days(2))
      #expect(try await trim(store, RetentionPolicy(mostAge: .days(1)), mostFrames: trimmed).position == trimmed)
      while !check.isDone { check = try await nextPage(of: check, store) }
      #expect(check.problems.isEmpty)
      let first = max(UInt64(trimmed), UInt64(64 * pages))
      #expect(check.framesChecked == 64 * pages + Int(300 - min(300, first)))
    }
  }

  private func nextPage(of check: JournalCheck, _ store: Store) async throws -> JournalCheck {
    try await store.read { database in
      var check = check
      try check.readPage(in: database)
      return check
    }
  }

  @Test func `a journal that is said to be trimmed beyond its end is damaged`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 20, perCommit: 10)
      try await store.write {
        try $0.database.execute(sql: "DELETE FROM \"journal/ingestion\"; INSERT INTO trims VALUES ('ingestion', 30)")
      }
      #expect(try await store.checkIntegrity().problems.count == 1)
    }
  }

  @Test func `trimming goes in steps, and leaves the last frame`() async throws {
    let clock = ManualClock(at: Self.start)
    try await withTemporaryStore(clock: clock) { store in
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      clock.advance(by: .days(31))
      let policy = RetentionPolicy(mostAge: .days(30))
      var positions: [UInt64] = []
      var step: TrimStep
      repeat {
        step = try await trim(store, policy, mostFrames: 4)
        positions.append(step.position)
      } while step.isUnfinished
      #expect(positions == [40, 80, 90])
      #expect(try await trim(store, policy).frameCount == 0)
      try await JournalTests.fill(store, count: 10, perCommit: 10)
      #expect(store.heads()[0].position == 110)
      #expect(try await store.checkIntegrity().problems.isEmpty)
    }
  }

  /// How many bytes the frames of a journal have, by looking at all of them.
  private func byteCount(of stream: StreamName, in store: Store) async throws -> Int64 {
    try await store.journal(of: stream).frames(after: 0, mostBytes: .max, mostRecords: .max)
      .reduce(0) { $0 + Int64($1.bytes.count) }
  }

  @Test func `journals that are too large lose their oldest records, whichever journal they are in`() async throws {
    let clock = ManualClock(at: Self.start)
    let streams: [StreamName] = [.ingestion, .scores]
    try await withTemporaryStore(streams: streams, clock: clock) { store in
      // In turns: first the notes are older, then the scores.
      try await JournalTests.fill(store, count: 3, perCommit: 1)
      for _ in 0..<6 {
        clock.advance(by: .seconds(1))
        try await store.write { try $0.append(NoteScored()) }
      }
      clock.advance(by: .seconds(1))
      try await JournalTests.fill(store, count: 3, perCommit: 1)
      func trim(_ byteCount: Int64, mostFrames: Int = 100) async throws -> [UInt64] {
        try await store.write { try $0.trimOldest(of: streams, byteCount: byteCount, mostFrames: mostFrames) }
          .map(\.position)
      }
      #expect(try await trim(0) == [0, 0])
      #expect(try await trim(1) == [1, 0])
      #expect(try await trim(.max, mostFrames: 4) == [3, 2])
      #expect(try await trim(.max, mostFrames: 3) == [3, 5])
      #expect(try await trim(.max) == [5, 5], "of each journal the last frame stays")
      #expect(try await trim(.max) == [5, 5])
      #expect(try await store.checkIntegrity().problems.isEmpty)
    }
  }

  @Test func `only as much goes as is too much, and each frame is counted once`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 1000, perCommit: 10)
      var sizes = JournalSizes()
      func count(mostFrames: Int) async throws -> Bool {
        let (counted, isDone) = try await store.read { [sizes] database in
          var sizes = sizes
          let isDone = try sizes.count(.ingestion, in: database, mostFrames: mostFrames)
          return (sizes, isDone)
        }
        sizes = counted
        return isDone
      }
      #expect(try await !count(mostFrames: 60))
      #expect(try await count(mostFrames: 60))
      let whole = try await byteCount(of: .ingestion, in: store)
      #expect(sizes.byteCount == whole)
      let step = try await store.write { try $0.trimOldest(of: [.ingestion], byteCount: whole / 2) }[0]
      sizes.subtract(step, of: .ingestion)
      #expect(try await byteCount(of: .ingestion, in: store) == sizes.byteCount)
      #expect((whole * 4 / 10...whole / 2).contains(sizes.byteCount))
      try await JournalTests.fill(store, count: 20, perCommit: 10)
      #expect(try await count(mostFrames: 60))
      #expect(try await byteCount(of: .ingestion, in: store) == sizes.byteCount)

      // Frames that go before they are counted leave nothing of what was counted.
      try await JournalTests.fill(store, count: 20, perCommit: 10)
      let last = try await store.write { try $0.trimOldest(of: [.ingestion], byteCount: .max) }[0]
      sizes.subtract(last, of: .ingestion)
      #expect(sizes.byteCount == 0)
      #expect(try await count(mostFrames: 60))
      #expect(try await byteCount(of: .ingestion, in: store) == sizes.byteCount)
    }
  }

  @Test func `a trimmed store can be opened, backed up and restored, and a hole is still found`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "store.sqlite")
      func open() throws -> Store {
        try Store.open(storeConfiguration(at: path), streams: [.ingestion], now: { Self.start + .days(2) })
      }
      let first = try open()
      try await JournalTests.fill(first, count: 100, perCommit: 10)
      let steps = try await first.write { try $0.trimOldest(of: [.ingestion], byteCount: .max, mostFrames: 5) }
      #expect(steps.map(\.position) == [50])
      try await first.backUp(to: directory.path(of: "backup.sqlite"))
      await first.close()
      let expectation = StoreExpectation(streams: [.ingestion], instance: 0, migrations: [])
      _ = try Store.restore(from: directory.path(of: "backup.sqlite"), over: path, expecting: expectation, now: .epoch)

      let second = try open()
      #expect(try await second.checkIntegrity().problems.isEmpty)
      try await second.write {
        try $0.database.execute(sql: #"DELETE FROM "journal/ingestion" WHERE position = 60"#)
      }
      #expect(try await second.checkIntegrity().problems.count == 1, "the first frame that should be there is missing")
      await second.close()
    }
  }
}

private struct NoteScored: Event {
  static let type = EventType("note.scored")
  static let stream = StreamName.scores
  static let schemaVersion: UInt16 = 1
  var programme: ID<Programme> = "acme"
  var key = "note"
}
