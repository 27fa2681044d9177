package import Contracts
import GRDB
package import Records

/// Reads one stream's journal, page by page. Each page is a read of its own, so that however long somebody follows
/// the journal, the write-ahead log can start over in between.
package struct JournalReader: Sendable {
  package let stream: StreamName
  private let store: Store
  private let index: Int

  init(stream: StreamName, store: Store, index: Int) {
    self.stream = stream
    self.store = store
    self.index = index
  }

  /// How far the stream has got, as of the last commit.
  package func head() -> HeadVector { store.state.heads[index] }

  /// Why the store that holds the journal can't do all that it should; nil where it can.
  package var problem: StoreError? { store.health.problem }

  /// The frames that hold the records after `position`, in order, as many as fit the limits, but at least one unless
  /// there is none.
  ///
  /// The first frame may begin at or before `position`: skip what is known already. Each frame's checksums and chain
  /// hash have been checked. The cost is that of what is returned, however long the journal.
  /// - Throws: `StoreError.damaged` where the first frame is not what was written. What is sound before a damaged frame
  ///   is handed out, so that a reader stands right before the damage when it is told.
  package func frames(
    after position: UInt64,
    mostBytes: Int = 1024 * 1024,
    mostRecords: Int = 10_000
  ) async throws -> [RecordFrame] {
    try await store.read { database in
      try JournalReader.frames(
        of: stream,
        after: position,
        mostBytes: mostBytes,
        mostRecords: mostRecords,
        in: database
      )
    }
  }

  /// The chain hash after the record at `position`.
  /// - Returns: nil unless a frame of the journal ends there; 0 is where every journal begins.
  package func chain(at position: UInt64) async throws -> ChainHash? {
    guard position > 0 else { return .genesis }
    return try await store.read { database in
      let statement = try HotStatement(
        database,
        "SELECT substr(frame, 1, ?) FROM \(Schema.journalTable(of: stream)) WHERE position = ?"
      )
      statement.bind(Int64(FrameHeader.byteCount), at: 1)
      statement.bind(Int64(clamping: position), at: 2)
      return try statement.firstRow { try FrameHeader(parsing: $0.bytes(0)).chain }
    }
  }

  /// Like the method of the same name, in a read that is going on.
  static func frames(
    of stream: StreamName,
    after position: UInt64,
    mostBytes: Int,
    mostRecords: Int,
    in database: Database
  ) throws -> [RecordFrame] {
    var frames: [RecordFrame] = []
    var byteCount = 0
    var recordCount = 0
    try storedFrames(of: stream, after: position, in: database) { last, bytes in
      let frame: RecordFrame
      do {
        frame = try checked(bytes, of: stream, endingAt: last)
      } catch {
        guard frames.isEmpty else { return false }
        throw error
      }
      byteCount += frame.bytes.count
      recordCount += frame.header.recordCount
      guard frames.isEmpty || (byteCount <= mostBytes && recordCount <= mostRecords) else { return false }
      frames.append(frame)
      return byteCount < mostBytes && recordCount < mostRecords
    }
    return frames
  }

  /// Hands over the stored frames from the one that holds the record after `position`, unchecked, with the position
  /// that each is filed under, until `body` says that it has enough.
  static func storedFrames(
    of stream: StreamName,
    after position: UInt64,
    in database: Database,
    _ body: (_ last: UInt64, _ bytes: [UInt8]) throws -> Bool
  ) throws {
    let statement = try HotStatement(
      database,
      "SELECT position, frame FROM \(Schema.journalTable(of: stream)) WHERE position > ? ORDER BY position"
    )
    statement.bind(Int64(clamping: position), at: 1)
    try statement.rows { row in try body(UInt64(row.integer(0)), [UInt8](row.bytes(1))) }
  }

  static func checked(_ bytes: [UInt8], of stream: StreamName, endingAt last: UInt64) throws -> RecordFrame {
    do {
      let frame = try RecordFrame(validating: bytes)
      guard frame.header.identity.stream == stream, frame.header.lastPosition == last else {
        throw FrameError.malformedHeader
      }
      return frame
    } catch {
      throw StoreError(
        .damaged,
        "the frame of \(stream) that ends at \(last) is damaged (\(error)): restore the latest backup"
      )
    }
  }
}
