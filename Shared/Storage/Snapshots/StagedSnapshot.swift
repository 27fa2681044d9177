import Contracts
import Foundation
package import GRDB
package import Records

/// A publisher's state on its way into this store.
///
/// Its frames are put by first, all of them, so that the publisher needn't hold its state still for longer than copying
/// takes; then they are applied one by one, each in the transaction that takes it away, the last in the one that sets
/// the cursor. So it doesn't matter when it is interrupted: what wasn't complete is put by anew, what was is gone on with.
package struct StagedSnapshot: Hashable, Sendable {
  package let upstream: Ownership.Upstream
  /// Where in the publisher's journal its state was this; nil until all frames are here.
  package let head: HeadVector?

  static let migration = Migration(
    "storage.4",
    sql: """
      -- States of others on their way into this store. The head is a cursor blob; NULL until all frames are here.
      CREATE TABLE snapshots (
        stream TEXT NOT NULL, instance INTEGER NOT NULL, head BLOB, PRIMARY KEY (stream, instance)
      ) WITHOUT ROWID;
      -- Their frames that are yet to be applied, by the position of the last record.
      CREATE TABLE snapshot_frames (
        stream TEXT NOT NULL, instance INTEGER NOT NULL, position INTEGER NOT NULL, frame BLOB NOT NULL,
        PRIMARY KEY (stream, instance, position)
      );
      """
  )

  /// - Returns: nil where none is on its way.
  package static func fetch(of upstream: Ownership.Upstream, in database: Database) throws -> StagedSnapshot? {
    let row = try Row.fetchOne(
      database,
      sql: "SELECT head FROM snapshots WHERE stream = ? AND instance = ?",
      arguments: [upstream.stream.rawValue, upstream.instance]
    )
    guard let row else { return nil }
    return StagedSnapshot(
      upstream: upstream,
      head: try (row["head"] as Data?).map { try HeadVector(stored: $0) }
    )
  }
}

extension Transaction {
  /// Begins to put a publisher's state by.
  package func beginSnapshot(of upstream: Ownership.Upstream) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO snapshots (stream, instance) VALUES (?, ?)",
      arguments: [upstream.stream.rawValue, upstream.instance]
    )
  }

  /// Drops frames of an attempt that wasn't completed, a bounded number of them.
  /// - Returns: whether there may be more.
  package func dropStagedFrames(of upstream: Ownership.Upstream, mostFrames: Int = 100) throws -> Bool {
    try database.execute(
      sql: """
        DELETE FROM snapshot_frames WHERE rowid IN (
          SELECT rowid FROM snapshot_frames WHERE stream = ? AND instance = ? LIMIT ?)
        """,
      arguments: [upstream.stream.rawValue, upstream.instance, mostFrames]
    )
    return database.changesCount == mostFrames
  }

  package func stage(_ frames: [RecordFrame], of upstream: Ownership.Upstream) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO snapshot_frames (stream, instance, position, frame) VALUES (?, ?, ?, ?)"
    )
    for frame in frames {
      try statement.execute(arguments: [
        upstream.stream.rawValue, upstream.instance, Int64(clamping: frame.header.lastPosition), Data(frame.bytes),
      ])
    }
  }

  /// All frames are here.
  /// - Parameter head: the place whose state they tell.
  package func completeSnapshot(of upstream: Ownership.Upstream, at head: HeadVector) throws {
    try database.execute(
      sql: "UPDATE snapshots SET head = ? WHERE stream = ? AND instance = ?",
      arguments: [head.storedBlob, upstream.stream.rawValue, upstream.instance]
    )
  }

  /// Takes the first frame that is yet to be applied away.
  /// - Returns: nil where there is none left.
  /// - Throws: `FrameError` where it is damaged.
  package func takeStagedFrame(of upstream: Ownership.Upstream) throws -> RecordFrame? {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT rowid, frame FROM snapshot_frames WHERE stream = ? AND instance = ? ORDER BY position LIMIT 1
        """,
      arguments: [upstream.stream.rawValue, upstream.instance]
    )
    guard let row else { return nil }
    try database.execute(sql: "DELETE FROM snapshot_frames WHERE rowid = ?", arguments: [row["rowid"] as Int64])
    return try RecordFrame(validating: [UInt8](row["frame"] as Data), as: .snapshot)
  }

  package func hasStagedFrames(of upstream: Ownership.Upstream) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM snapshot_frames WHERE stream = ? AND instance = ?)",
      arguments: [upstream.stream.rawValue, upstream.instance]
    ) ?? false
  }

  /// Everything is applied: what follows is read from the journal.
  package func endSnapshot(of upstream: Ownership.Upstream, at head: HeadVector) throws {
    try database.execute(
      sql: "DELETE FROM snapshots WHERE stream = ? AND instance = ?",
      arguments: [upstream.stream.rawValue, upstream.instance]
    )
    try setCursor(head)
  }

  /// - Throws: a `Fault` while a publisher's state is on its way into this store: what is applied of it so far belongs
  ///   to no position, so that no partition can leave or come.
  func requireNoSnapshot() throws {
    let stream = try String.fetchOne(database, sql: "SELECT stream FROM snapshots LIMIT 1")
    guard let stream else { return }
    throw Fault(
      .unavailable,
      reason: "snapshotUnderWay",
      "This instance is still taking over the state of \(stream), and partitions can't move meanwhile: ask again in a moment."
    )
  }
}
