import Contracts
import GRDB
import Records

/// The journal of one stream, as the writer's thread sees it.
final class JournalWriter {
  let stream: StreamName
  var builder: FrameBuilder
  private let insertFrame: HotStatement
  private let updateHead: HotStatement

  init(resuming head: HeadVector, in database: Database) throws {
    stream = head.identity.stream
    builder = FrameBuilder(resuming: head)
    insertFrame = try HotStatement(
      database,
      "INSERT INTO \(Schema.journalTable(of: stream)) (position, frame) VALUES (?, ?)"
    )
    // A stream's name has no character that could end the quotes.
    updateHead = try HotStatement(
      database,
      "UPDATE heads SET position = ?, head = ? WHERE stream = '\(stream)'"
    )
  }

  // Asked for once per command; through these the builder is read in place rather than copied out.
  var mark: FrameBuilder.Mark { builder.mark }
  var pendingByteCount: Int { builder.pendingByteCount }

  /// Writes what was appended, in the running transaction.
  /// - Returns: the frames, to be published once the transaction is durable.
  func store(at commitTime: Timestamp) throws -> [RecordFrame] {
    guard builder.pendingRecordCount > 0 else { return [] }
    let frames = builder.seal(at: commitTime)
    for frame in frames {
      try frame.bytes.withUnsafeBytes { bytes in
        insertFrame.bind(Int64(frame.header.lastPosition), at: 1)
        insertFrame.bind(bytes, at: 2)
        try insertFrame.run()
      }
    }
    let head = builder.sealedHead
    try head.blob.withUnsafeBytes { bytes in
      updateHead.bind(Int64(head.position), at: 1)
      updateHead.bind(bytes, at: 2)
      try updateHead.run()
    }
    return frames
  }
}
