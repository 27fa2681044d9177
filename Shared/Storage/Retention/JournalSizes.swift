package import Contracts
package import GRDB

/// How many bytes the frames of each journal have. All of them are counted once; after that only what was appended.
package struct JournalSizes: Sendable {
  private struct Size {
    var byteCount: Int64 = 0
    /// Up to where frames are counted.
    var position: UInt64 = 0
  }

  private var sizes: [StreamName: Size] = [:]

  package init() {}

  /// Of all journals that were counted.
  package var byteCount: Int64 { sizes.values.reduce(0) { $0 + $1.byteCount } }

  /// Counts some of a journal's frames that aren't counted yet, so that no read lasts long.
  /// - Returns: whether there were no more.
  package mutating func count(_ stream: StreamName, in database: Database, mostFrames: Int = 10_000) throws -> Bool {
    var size = sizes[stream] ?? Size()
    let row = try Row.fetchOne(
      database,
      // The length of a blob is read without the blob.
      sql: """
        SELECT count(*) AS frames, sum(size) AS bytes, max(position) AS last FROM (
          SELECT position, length(frame) AS size FROM \(Schema.journalTable(of: stream))
          WHERE position > ? ORDER BY position LIMIT ?
        )
        """,
      arguments: [Int64(clamping: size.position), mostFrames]
    )
    guard let row, let last = row["last"] as Int64? else { return true }
    size.byteCount += row["bytes"] as Int64
    size.position = UInt64(clamping: last)
    sizes[stream] = size
    return (row["frames"] as Int) < mostFrames
  }

  /// Takes off what was trimmed.
  package mutating func subtract(_ step: TrimStep, of stream: StreamName) {
    guard step.frameCount > 0, var size = sizes[stream] else { return }
    // Beyond what is counted, nothing that was counted is left.
    size.byteCount = step.position < size.position ? size.byteCount - step.byteCount : 0
    size.position = max(size.position, step.position)
    sizes[stream] = size
  }
}
