package import GRDB
package import Records

/// One state of a store, held still for as long as somebody holds this: every read of it sees the same commit. It has a
/// connection of its own. Meanwhile the write-ahead log grows, because it can't start over.
package final class StoreSnapshot: Sendable {
  private let snapshot: DatabaseSnapshot
  /// Where the store's journals ended then, by stream.
  package let heads: [HeadVector]

  fileprivate init(_ snapshot: DatabaseSnapshot, heads: [HeadVector]) {
    self.snapshot = snapshot
    self.heads = heads
  }

  package func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
    try await snapshot.read(body)
  }
}

extension Store {
  /// Holds the store's state still, as of the last commit.
  package func snapshot() async throws -> StoreSnapshot {
    if case .closed = state.health { throw StoreError(.closed, "the store is closed") }
    let snapshot = try pool.makeSnapshot()
    return StoreSnapshot(snapshot, heads: try await snapshot.read { try Records.Cursor.fetchHeads($0) })
  }
}
