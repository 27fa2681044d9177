package import Contracts
import Foundation
package import GRDB
import Records

/// What one step of trimming a journal did.
package struct TrimStep: Hashable, Sendable {
  package internal(set) var frameCount = 0
  /// Of the frames that went.
  package internal(set) var byteCount: Int64 = 0
  /// Up to where the journal is trimmed now; 0 where it is whole.
  package internal(set) var position: UInt64
  /// Whether there may be more to trim right now.
  package internal(set) var isUnfinished = false

  /// Nothing done yet.
  package init(position: UInt64 = 0) {
    self.position = position
  }

  /// Counts in what came after it.
  package mutating func add(_ next: TrimStep) {
    frameCount += next.frameCount
    byteCount += next.byteCount
    position = next.position
    isUnfinished = next.isUnfinished
  }

  fileprivate mutating func add(_ frame: StoredFrame) {
    frameCount += 1
    byteCount += frame.byteCount
    position = frame.header.lastPosition
  }
}

/// What trimming looks at of a frame.
private struct StoredFrame {
  let header: FrameHeader
  let byteCount: Int64
}

extension Transaction {
  /// Drops the oldest frames of a journal that the policy lets go for their age, a bounded number of them, so that
  /// nobody's commit waits for long.
  /// - Parameter expected: the services that follow the stream. While one of them has never said how far it is, only
  ///   what is beyond the policy's bounds goes.
  package func trim(
    _ stream: StreamName,
    by policy: RetentionPolicy,
    expecting expected: [String],
    mostFrames: Int = 100
  ) throws -> TrimStep {
    var step = TrimStep(position: try Trim.position(of: stream, in: database))
    let applied = try Trim.applied(stream, by: expected, in: database)
    for frame in try oldestFrames(of: stream, limit: mostFrames) {
      let header = frame.header
      guard policy.drops(header.lastPosition, of: header.commitTime, applied: applied, now: now) else { break }
      step.add(frame)
    }
    step.isUnfinished = step.frameCount == mostFrames
    try drop(step, of: stream)
    return step
  }

  /// Drops the oldest frames of several journals, whoever still needs them, until so many bytes are gone; a bounded
  /// number of frames.
  /// - Returns: what was done to each journal, in the order of `streams`.
  package func trimOldest(of streams: [StreamName], byteCount: Int64, mostFrames: Int = 100) throws -> [TrimStep] {
    var steps = try streams.map { TrimStep(position: try Trim.position(of: $0, in: database)) }
    var queues = try streams.map { ArraySlice(try oldestFrames(of: $0, limit: mostFrames)) }
    var remaining = byteCount
    for _ in 0..<mostFrames where remaining > 0 {
      let next = queues.indices.compactMap { index in queues[index].first.map { (index: index, frame: $0) } }
        .min { $0.frame.header.commitTime < $1.frame.header.commitTime }
      guard let next else { break }
      queues[next.index].removeFirst()
      steps[next.index].add(next.frame)
      remaining -= next.frame.byteCount
    }
    for (stream, step) in zip(streams, steps) { try drop(step, of: stream) }
    return steps
  }

  /// A journal's first frames, without the last of all, which says where the journal ends.
  private func oldestFrames(of stream: StreamName, limit: Int) throws -> [StoredFrame] {
    let last = try lastPosition(of: stream)
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT substr(frame, 1, ?) AS header, length(frame) AS size FROM \(Schema.journalTable(of: stream))
        WHERE position < ? ORDER BY position LIMIT ?
        """,
      arguments: [FrameHeader.byteCount, Int64(clamping: last), limit]
    )
    return try rows.map { row in
      StoredFrame(header: try FrameHeader(parsing: [UInt8](row["header"] as Data)), byteCount: row["size"])
    }
  }

  private func drop(_ step: TrimStep, of stream: StreamName) throws {
    guard step.frameCount > 0 else { return }
    try database.execute(
      sql: "DELETE FROM \(Schema.journalTable(of: stream)) WHERE position <= ?",
      arguments: [Int64(clamping: step.position)]
    )
    try database.execute(
      sql: """
        INSERT INTO trims (stream, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position
        """,
      arguments: [stream.rawValue, Int64(clamping: step.position)]
    )
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
}
