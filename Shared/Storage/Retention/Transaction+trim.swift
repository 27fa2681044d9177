package import Contracts
import Foundation
package import GRDB
import Records

/// What one step of trimming did.
package struct TrimStep: Hashable, Sendable {
  package internal(set) var frameCount = 0
  /// Up to where the journal is trimmed now; 0 where it is whole.
  package internal(set) var position: UInt64
  /// Whether there may be more to trim right now.
  package internal(set) var isUnfinished = false
}

extension Transaction {
  /// Drops the oldest frames of a journal that the policy lets go, a bounded number of them, so that nobody's commit
  /// waits for long.
  /// - Parameter expected: the services that follow the stream. While one of them has never said how far it is, only
  ///   what is beyond the policy's bounds goes.
  package func trim(
    _ stream: StreamName,
    by policy: RetentionPolicy,
    expecting expected: [String],
    mostFrames: Int = 100
  ) throws -> TrimStep {
    var step = TrimStep(position: try Trim.position(of: stream, in: database))
    let last = try lastPosition(of: stream)
    let applied = try Trim.applied(stream, by: expected, in: database)
    var storeBytes = policy.mostBytes == nil ? 0 : try Trim.byteCount(of: database)
    let table = Schema.journalTable(of: stream)
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT position, substr(frame, 1, ?) AS header, length(frame) AS size FROM \(table)
        ORDER BY position LIMIT ?
        """,
      arguments: [FrameHeader.byteCount, mostFrames]
    )
    for row in rows {
      let header = try FrameHeader(parsing: [UInt8](row["header"] as Data))
      guard
        header.lastPosition < last,
        policy.drops(
          header.lastPosition,
          of: header.commitTime,
          applied: applied,
          storeBytes: storeBytes,
          now: now
        )
      else { break }
      storeBytes -= row["size"]
      step.frameCount += 1
      step.position = header.lastPosition
    }
    guard step.frameCount > 0 else { return step }
    step.isUnfinished = step.frameCount == mostFrames
    try database.execute(
      sql: "DELETE FROM \(table) WHERE position <= ?",
      arguments: [Int64(clamping: step.position)]
    )
    try database.execute(
      sql: """
        INSERT INTO trims (stream, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position
        """,
      arguments: [stream.rawValue, Int64(clamping: step.position)]
    )
    return step
  }
}

/// What trimming has to know.
package enum Trim {
  /// Up to where a journal has been trimmed; 0 where it is whole.
  package static func position(of stream: StreamName, in database: Database) throws -> UInt64 {
    // A backup may be of a store that was made before anything could be trimmed.
    guard try database.tableExists("trims") else { return 0 }
    let position = try Int64.fetchOne(
      database,
      sql: "SELECT position FROM trims WHERE stream = ?",
      arguments: [stream.rawValue]
    )
    return UInt64(clamping: position ?? 0)
  }

  /// What every follower has applied, known services and others; nil where a service that follows has never said.
  package static func applied(
    _ stream: StreamName,
    by expected: [String],
    in database: Database
  ) throws -> UInt64? {
    let followers = try Follower.fetchAll(database).filter { $0.stream == stream }
    guard expected.allSatisfy({ name in followers.contains { $0.name.hasPrefix(name + "/") } }) else { return nil }
    return followers.map(\.position).min()
  }

  /// What the store takes on the disk, without pages that are free to be used again.
  static func byteCount(of database: Database) throws -> Int64 {
    func pragma(_ name: String) throws -> Int64 { try Int64.fetchOne(database, sql: "PRAGMA \(name)") ?? 0 }
    return try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
  }
}
