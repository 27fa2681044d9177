import Contracts
import GRDB
import Messaging
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceRuntime

@Suite(.timeLimit(.minutes(1))) struct EventApplierTests {
  /// A savepoint within another costs more the more the outer one has changed: `deploy/bench pipeline` shows it.
  @Test func aBatchTakesOneSavepoint() async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<100)
      let batch = try await batch(of: publisher)
      let savepoints = try await savepoints(of: follower.store) {
        let cursor = try await follower.applier.apply(batch)
        #expect(cursor == batch.end)
      }
      #expect(savepoints == 1)
      #expect(try await noteKeys(of: follower.store) == (0..<100).map { "p/\($0)" })
    }
  }

  @Test func whereOneIsRefusedTheOthersAreAppliedOnceAndInOrder() async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<100)
      for key in ["p/0", "p/50", "p/99"] {
        try await follower.store.write {
          try $0.database.execute(sql: "INSERT INTO notes (key, text) VALUES (?, 'here before')", arguments: [key])
        }
      }
      let batch = try await batch(of: publisher)
      #expect(try await follower.applier.apply(batch) == batch.end)
      #expect(try await follower.applier.apply(batch) == batch.end)
      let others = (0..<100).filter { ![0, 50, 99].contains($0) }
      #expect(try await noteKeys(of: follower.store) == ["p/0", "p/50", "p/99"] + others.map { "p/\($0)" })
      let letters = try await follower.store.deadLetters()
      #expect(letters.map(\.record.key).sorted() == ["p/0", "p/50", "p/99"])
      #expect(try await ingestionCursor(of: follower.store) == batch.end)
    }
  }

  /// All that the publisher has written.
  private func batch(of publisher: NotePublisher) async throws -> RecordBatch {
    let frames = Mutex<[RecordFrame]>([])
    _ = try await publisher.source.read(JournalPlace(stream: .ingestion, instance: 0, after: .beginning)) { some in
      frames.withLock { $0 += some }
    }
    let slices = frames.withLock { $0.map { FrameSlice(frame: $0, skippedRecords: 0) } }
    return try DeliveryTrack(.beginning).batch(of: slices)
  }

  /// How many savepoints are begun meanwhile.
  private func savepoints(of store: Store, _ body: () async throws -> Void) async throws -> Int {
    let count = Mutex(0)
    try await store.write { transaction in
      transaction.database.trace { event in
        if "\(event)".hasPrefix("SAVEPOINT") { count.withLock { $0 += 1 } }
      }
    }
    try await body()
    return count.withLock { $0 }
  }
}
