package import Contracts
import Foundation
package import GRDB
package import Records
import Storage

/// Reads a store's journals from the first frame to the last, and proves that they hang together.
package struct JournalWalk {
  package struct Findings: Sendable {
    package var frames: [StreamName: [RecordFrame]] = [:]
    package var records: [StreamName: [Records.Record]] = [:]
    package var heads: [StreamName: Records.Cursor] = [:]
    package var problems: [String] = []

    /// The chain hash after the record at `position`; nil unless a frame ends there.
    package func chain(of stream: StreamName, at position: UInt64) -> ChainHash? {
      frames[stream]?.first { $0.header.lastPosition == position }?.header.chain
    }
  }

  private let db: Database
  private let service: String
  private let trimmed: [StreamName: [RecordFrame]]

  /// - Parameter trimmed: frames that have been in the journals, and may have been trimmed since.
  package init(_ db: Database, _ service: String, trimmed: [StreamName: [RecordFrame]] = [:]) {
    self.db = db
    self.service = service
    self.trimmed = trimmed
  }

  package func everything() throws -> Findings {
    var findings = Findings()
    for row in try Row.fetchAll(db, sql: "SELECT stream, head FROM heads") {
      guard let stream = StreamName(row["stream"]), let head = Records.Cursor(blob: [UInt8](row["head"] as Data)) else {
        findings.problems.append("\(service): a head can't be read")
        continue
      }
      var cursor = Records.Cursor(startOf: head.identity)
      for frame in try frames(of: stream) {
        // Positions and partitions' sequences are dense, and each frame continues the chain of the one before.
        try cursor.advance(past: frame)
        findings.frames[stream, default: []].append(frame)
        findings.records[stream, default: []] += frame.records()
      }
      // A store that was restored writes under a new epoch, but may not have written anything yet.
      cursor.identity.epoch = head.identity.epoch
      if cursor != head { findings.problems.append("\(service): the journal of \(stream) ends where its head doesn't") }
      findings.heads[stream] = head
    }
    return findings
  }

  private func frames(of stream: StreamName) throws -> [RecordFrame] {
    let stored = try Data.fetchAll(db, sql: "SELECT frame FROM \"journal/\(stream)\" ORDER BY position")
      .map { try RecordFrame(validating: [UInt8]($0)) }
    guard let first = stored.first?.header.firstPosition else { return [] }
    return trimmed[stream, default: []].filter { $0.header.lastPosition < first } + stored
  }
}
