import Contracts
import GRDB
import Logging
import Messaging
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceRuntime

/// Those who come after a journal was trimmed get its publisher's state, once, whatever interrupts it.
@Suite(.timeLimit(.minutes(2))) struct SnapshotTests {
  // MARK: Services

  @Test func aNewFollowerOfATrimmedJournalTakesTheStateAndGoesOn() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary())
      let notary = try harness.client(of: .ingestion)
      for key in ["a", "b", "c", "d"] { _ = try await notary.call(NotesAPI.take, TakeNote(key: key, text: key)) }
      harness.clock.advance(by: .days(2))
      let trimmed = try await service.store.write { transaction in
        try transaction.database.execute(sql: "DELETE FROM notes WHERE key = 'b'")
        return try transaction.trim(.ingestion, by: RetentionPolicy(mostAge: .days(1)), expecting: [])
      }
      #expect(trimmed.position == 3)
      let reading = try await harness.start(reader())
      let client = try harness.client(of: readerProfile)
      try await waitUntil("what is kept is there") { try await client.call(NotesAPI.count, Question()).number == 3 }
      _ = try await notary.call(NotesAPI.take, TakeNote(key: "e", text: "e"))
      try await waitUntil("what comes is there") { try await noteKeys(of: reading.store) == ["a", "c", "d", "e"] }
      let status = try await client.call(OperationsAPI.status, StatusRequest())
      #expect(status.upstreams.first?.position == 5 && status.deadLetters == 0)
      #expect(try await ingestionCursor(of: reading.store) == service.store.heads()[0])

      // It has a state of its own now; what is trimmed while it is away is lost to it.
      try await reading.stop()
      for key in ["f", "g"] { _ = try await notary.call(NotesAPI.take, TakeNote(key: key, text: key)) }
      harness.clock.advance(by: .days(2))
      try await service.store.write {
        _ = try $0.trim(.ingestion, by: RetentionPolicy(mostAge: .days(1)), expecting: [])
      }
      try await harness.start(reader())
      try await waitUntil("the reader has given up") {
        try await client.call(OperationsAPI.status, StatusRequest()).upstreams.contains { $0.state == .failed }
      }
      let problem = try await client.call(OperationsAPI.status, StatusRequest()).upstreams.first?.problem
      #expect(problem?.contains("has been applied here up to 5") == true, "\(String(describing: problem))")
    }
  }

  // MARK: Interruptions

  @Test func whatWasOnlyPutByIsPutByAnew() async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<1000)
      let broken = BrokenSource(publisher.source, afterFrames: 2)
      await #expect(throws: Interruption.self) { try await follower.takeSnapshot(broken) }
      #expect(try await noteKeys(of: follower.store).isEmpty, "nothing is applied before all is there")
      // What changes meanwhile belongs to the state that is taken in the end.
      try await publisher.store.write { try $0.database.execute(sql: "DELETE FROM notes WHERE number <= 10") }
      try await publisher.take(1000..<1020)
      let head = try await follower.takeSnapshot(publisher.source)
      #expect(head == publisher.store.heads()[0])
      #expect(try await noteKeys(of: follower.store) == noteKeys(of: publisher.store))
      #expect(try await ingestionCursor(of: follower.store) == head)
      #expect(try await follower.leftovers() == 0)
    }
  }

  @Test(arguments: 0..<4) func whatWasPutByIsAppliedOnceHoweverOftenItIsInterrupted(_ frames: Int) async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<1000)
      let head = publisher.store.heads()[0]
      let before = try await noteKeys(of: publisher.store)
      follower.fail(afterFrames: frames)
      await #expect(throws: Interruption.self) { try await follower.takeSnapshot(publisher.source) }
      #expect(try await noteKeys(of: follower.store).count == frames * 250)
      #expect(try await ingestionCursor(of: follower.store) == nil)
      // Later changes come with the journal, which goes on from the state that was put by.
      try await publisher.store.write { try $0.database.execute(sql: "DELETE FROM notes WHERE number <= 10") }
      follower.fail(afterFrames: nil)
      let none = BrokenSource(publisher.source, afterFrames: 0)
      if frames % 2 == 0 {
        #expect(try await follower.takeSnapshot(none) == head)
      } else {
        // As where the journal could be read from the beginning after all: the state comes first.
        let frame = try #require(try await publisher.store.journal(of: .ingestion).frames(after: 0).first)
        var end = Records.Cursor(startOf: head.identity)
        try end.advance(past: frame)
        let batch = RecordBatch(
          slices: [FrameSlice(frame: frame, skippedRecords: 0)],
          start: Records.Cursor(startOf: head.identity),
          end: end
        )
        #expect(try await follower.applier.apply(batch) == head)
      }
      #expect(try await noteKeys(of: follower.store) == before)
      #expect(try await ingestionCursor(of: follower.store) == head)
      #expect(try await follower.leftovers() == 0)
    }
  }

  @Test func aStateIsForThoseWhoHaveNothing() async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<10)
      _ = try await follower.takeSnapshot(publisher.source)
      let fault = await #expect(throws: Fault.self) { try await follower.takeSnapshot(publisher.source) }
      #expect(fault?.code == .outOfRange && fault?.reason == "stateHeld")
      #expect(try await noteKeys(of: follower.store).count == 10)
    }
  }

  @Test func anEmptyStateIsOneToo() async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<10)
      try await publisher.store.write { try $0.database.execute(sql: "DELETE FROM notes") }
      let head = try await follower.takeSnapshot(publisher.source)
      #expect(try await ingestionCursor(of: follower.store) == head && head.position == 10)
    }
  }

  @Test func anInstanceTakesWhatItOwnsAndMovesNothingMeanwhile() async throws {
    let (mine, others) = (programmes(inPartitions: 0...31, count: 1)[0], programmes(inPartitions: 32...63, count: 1)[0])
    let tables = PartitionedTable.ofEveryone(["notes"])
    let partitioning = Partitioning(claim: PartitionSet("0-31") ?? .none, tables: tables)
    try await withStores(partitioning) { publisher, follower in
      try await publisher.take(0..<300, of: mine)
      try await publisher.take(0..<300, of: others)
      follower.fail(afterFrames: 1)
      await #expect(throws: Interruption.self) { try await follower.takeSnapshot(publisher.source) }
      let partition = Partition(of: ID(mine))
      let fault = await #expect(throws: Fault.self) {
        try await follower.store.write { try $0.release(partition, to: 1, epoch: 2, partitioning) }
      }
      #expect(fault?.reason == "snapshotUnderWay")
      follower.fail(afterFrames: nil)
      _ = try await follower.takeSnapshot(publisher.source)
      let expected = try await noteKeys(of: publisher.store).filter { $0.hasPrefix(mine) }
      #expect(try await noteKeys(of: follower.store) == expected && expected.count == 300)
      #expect(try await follower.store.write { try $0.release(partition, to: 1, epoch: 2, partitioning) }.epoch == 2)
    }
  }

  // MARK: The publisher

  @Test func aStateIsThatOfOneMomentWhateverIsWrittenMeanwhile() async throws {
    try await withStores { publisher, _ in
      try await publisher.take(0..<600)
      let before = publisher.store.heads()[0]
      let snapshot = try StateSnapshot(noteSnapshots, of: try await publisher.store.snapshot(), at: .epoch)
      var taken = try await snapshot.nextFrames().flatMap { $0.records().map(\.key) }
      try await publisher.store.write { try $0.database.execute(sql: "DELETE FROM notes WHERE number > 500") }
      try await publisher.take(600..<700)
      while true {
        let frames = try await snapshot.nextFrames()
        if frames.isEmpty { break }
        #expect(frames.allSatisfy { $0.header.kind == .snapshot && $0.bytes.count <= RecordFrame.mostBytes })
        taken += frames.flatMap { $0.records().map(\.key) }
      }
      #expect(snapshot.head == before)
      #expect(taken == (0..<600).map { "p/\($0)" })
    }
  }

  @Test func noMoreThanTwoAreReadAtOnce() async throws {
    try await withStores { publisher, _ in
      try await publisher.take(0..<10)
      let (source, door) = (publisher.source, Door())
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 { group.addTask { try await Self.read(source, waitingAt: door) } }
        try await waitUntil("both are at it") { door.arrivals.withLock { $0 } == 2 }
        let fault = await #expect(throws: Fault.self) { try await Self.read(source, waitingAt: door) }
        #expect(fault?.code == .resourceExhausted)
        door.open()
        try await group.waitForAll()
      }
      try await Self.read(source, waitingAt: door)
    }
  }

  private static func read(_ source: LocalJournalSource, waitingAt door: Door) async throws {
    _ = try await source.snapshot(of: .ingestion, instance: 0) { _ in await door.pass() }
  }
}
