import CChecksum
import Contracts
import Foundation

@testable import Messaging
@testable import Records

extension FuzzedDecoder {
  /// A frame off a live feed or a journal. Checksums are set right first: no mutation would ever get past them.
  static let eventFrames = FuzzedDecoder(
    name: "event-frames",
    seeds: {
      var builder = FrameBuilder(resuming: HeadVector(startOf: identity))
      for trace in [nil, TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")] {
        _ = try Array(#"{"text":"lost luggage"}"#.utf8).withRawBytes { (body) throws(Records.FrameError) in
          try builder.append(
            type: FeedbackRecorded.type,
            programme: "acme",
            key: "f-1",
            schemaVersion: 1,
            time: Timestamp(milliseconds: 1_795_348_800_000),
            trace: trace,
            body: body
          )
        }
      }
      let frames = builder.seal(at: Timestamp(milliseconds: 1_795_348_800_123))
      builder.accept()
      return try frames.flatMap { [$0.bytes, try $0.erasing(1).bytes] }
        + [builder.head.encoded(at: .epoch), HeadVector(startOf: identity).encoded(as: .welcome, at: .epoch)]
    }
  ) { bytes in
    // As they came, too: only the header's checksum may be right by chance.
    _ = try? LiveMessage(bytes)
    guard let message = try? LiveMessage(FrameMender.mended(bytes)) else { return false }
    switch message {
    case .frame(let frame): try check(frame)
    case .head(let head):
      let again = try HeadVector(validating: head.encoded(as: .welcome, at: .epoch))
      try require(again == head, "the head \(head) came back as \(again)")
    }
    return true
  }

  private static let identity = StreamIdentity(stream: .ingestion, instance: 3, epoch: 0x0102_0304_0506_0708)

  private static func check(_ frame: RecordFrame) throws {
    var header = frame.bytes
    header.withMutableRawBytes { frame.header.store(in: $0) }
    try require(header == frame.bytes, "the header \(frame.header) is written in another way than it was read")
    // What lag is told by: their clock against ours.
    _ = Timestamp(milliseconds: 1_795_348_800_000) - frame.header.commitTime
    var views: [Record] = []
    try frame.withUnsafeRecords { (view) throws in
      _ = (view.time.description, view.trace?.description)
      let instance = frame.header.identity.instance
      let record = try Record(position: view.position, parsing: Array(view.bytes), instance: instance)
      try require(record == Record(view, instance: instance), "\(record) reads in another way on its own")
      views.append(record)
    }
    try require(views == frame.records(), "the records differ from reading to reading")
    for record in views where !record.isErased {
      guard let erased = try? frame.erasing(record.position) else { continue }
      try require(try RecordFrame(validating: erased.bytes) == erased, "erasing \(record.position) damages the frame")
    }
    var cursor = HeadVector(startOf: frame.header.identity)
    _ = try? cursor.advance(past: frame)
    cursor.move(past: frame)
    _ = try? cursor.advance(past: frame)
    let stored = Cursor(blob: cursor.blob)
    try require(stored == cursor, "the cursor \(cursor) came back as \(String(describing: stored))")
  }

  /// What is asked of a journal, and what it says of its heads; both as JSON.
  static let journalRequests = FuzzedDecoder(
    name: "journal-requests",
    seeds: {
      let place = JournalPlace(stream: .scores, instance: 1, epoch: 7, after: HistoryMark(position: 9, chain: .genesis))
      var head = HeadVector(startOf: identity)
      head.position = 5
      return try [
        [UInt8](JSONEncoder().encode(JournalReadRequest(place))), [UInt8](JSONEncoder().encode(JournalHead(head))),
      ]
    }
  ) { bytes in
    var isTaken = false
    if let request = try? JSONDecoder().decode(JournalReadRequest.self, from: Data(bytes)),
      let place = try? JournalPlace(request)
    {
      isTaken = true
      try require(try JournalPlace(JournalReadRequest(place)) == place, "the place \(place) comes back as another")
    }
    if let heads = try? JSONDecoder().decode(JournalHead.self, from: Data(bytes)), let head = try? HeadVector(heads) {
      isTaken = true
      try require(try HeadVector(JournalHead(head)) == head, "the head \(head) comes back as another")
    }
    return isTaken
  }
}

/// Sets right what protects a frame: its length, checksums and chain hash.
private enum FrameMender {
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= FrameHeader.byteCount else { return bytes }
    var frame = bytes
    frame.withMutableRawBytes { frame in
      frame.storeLittleEndian(UInt32(clamping: frame.count), at: FrameHeader.Offset.byteCount)
      if frame[FrameHeader.Offset.kind] == FrameKind.records.rawValue {
        mendRecords(in: frame)
      } else if frame.count >= FrameHeader.byteCount + 4 {
        frame.storeLittleEndian(
          checksum(UnsafeRawBufferPointer(frame).slice(FrameHeader.byteCount, frame.count - FrameHeader.byteCount - 4)),
          at: frame.count - 4
        )
      }
      frame.storeLittleEndian(UInt32(0), at: FrameHeader.Offset.checksum)
      frame.storeLittleEndian(
        checksum(UnsafeRawBufferPointer(frame).slice(0, FrameHeader.byteCount)),
        at: FrameHeader.Offset.checksum
      )
    }
    return frame
  }

  private static func mendRecords(in frame: UnsafeMutableRawBufferPointer) {
    let bytes = UnsafeRawBufferPointer(frame)
    var chain = ChainBuilder(
      following: ChainHash(loading: bytes, at: FrameHeader.Offset.previousChain),
      headerOf: bytes
    )
    var offset = FrameHeader.byteCount
    while let byteCount = RecordView.byteCount(ofRecordAt: offset, in: bytes) {
      let record = RecordView(position: 0, bytes: bytes.slice(offset, byteCount))
      let sum = checksum(bytes.slice(offset + record.bodyStart, byteCount - record.bodyStart))
      // An erased body keeps the checksum of what it was, so that of the zeros must not fit.
      frame.storeLittleEndian(record.isErased ? ~sum : sum, at: offset + RecordView.Offset.checksum)
      chain.add(record)
      offset += byteCount
    }
    frame.store(chain.finish(), at: FrameHeader.Offset.chain)
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    groundswell_crc32c(0, bytes.baseAddress, bytes.count)
  }
}
