import GRDB
import Messaging
import Records
import Storage

/// What breaks a service's bookkeeping, planted into its store from outside.
enum SabotagedStore {
  /// Every third cursor is written as it was.
  static func skipCursorUpdates(in store: Store) async throws {
    try await store.write { transaction in
      try transaction.database.execute(
        sql: """
          CREATE TRIGGER IF NOT EXISTS sabotage BEFORE UPDATE ON cursors WHEN new.position % 3 = 0
          BEGIN SELECT RAISE(IGNORE); END
          """
      )
    }
  }

  static func forgetRequests(in store: Store) async throws {
    try await store.write { transaction in
      try transaction.database.execute(
        sql: """
          CREATE TRIGGER IF NOT EXISTS sabotage AFTER INSERT ON requests
          BEGIN DELETE FROM requests WHERE number = new.number; END
          """
      )
    }
  }
}

/// Hands every batch to the sink twice, as if it had never had the first.
struct DoublingSink: RecordSink {
  let sink: any RecordSink
  let store: Store

  func apply(_ batch: RecordBatch) async throws -> Records.Cursor {
    let cursor = try await sink.apply(batch)
    guard cursor == batch.end else { return cursor }
    try await store.write { try $0.setCursor(batch.start) }
    return try await sink.apply(batch)
  }
}
