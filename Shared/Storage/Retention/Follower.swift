package import Contracts
package import GRDB

/// How far somebody else has applied one of the store's streams.
package struct Follower: Hashable, Sendable {
  package let stream: StreamName
  /// Service and instance, e.g. `ranking/0`.
  package let name: String
  /// Everything up to here is applied and on the follower's disk.
  package let position: UInt64
  /// When it said so first; it may have repeated it since.
  package let reportedAt: Timestamp

  /// All that have reported, by stream and name.
  package static func fetchAll(_ database: Database) throws -> [Follower] {
    try Row.fetchAll(
      database,
      sql: "SELECT stream, follower, position, reported_at FROM followers ORDER BY stream, follower"
    ).compactMap { row in
      guard let stream = StreamName(row["stream"] as String) else { return nil }
      return Follower(
        stream: stream,
        name: row["follower"],
        position: UInt64(clamping: row["position"] as Int64),
        reportedAt: Timestamp(milliseconds: row["reported_at"])
      )
    }
  }
}

extension Transaction {
  /// Remembers how far a follower says it is. It may be less than it said before: it was restored from a backup.
  package func setFollower(_ name: String, of stream: StreamName, at position: UInt64) throws {
    try database.execute(
      sql: """
        INSERT INTO followers (stream, follower, position, reported_at) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET position = excluded.position, reported_at = excluded.reported_at
        """,
      arguments: [stream.rawValue, name, Int64(clamping: position), now.milliseconds]
    )
  }

  /// Forgets a follower that is gone for good, so that nothing is kept for it any more. One that isn't reports again.
  /// - Returns: the streams that it followed.
  package func removeFollower(_ name: String) throws -> [StreamName] {
    let streams = try Follower.fetchAll(database).filter { $0.name == name }.map(\.stream)
    try database.execute(sql: "DELETE FROM followers WHERE follower = ?", arguments: [name])
    return streams
  }
}
