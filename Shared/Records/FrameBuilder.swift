import CChecksum
package import Contracts

/// Turns records into the frames of one stream, going on from where its history stands.
///
/// One transaction at a time: `append`, `rollBack(to:)` where a command failed, then `seal` to get the frames that are
/// to be stored. `accept` once they are durable, `abandon` if they never will be.
package struct FrameBuilder: Sendable {
  private let kind: FrameKind
  /// The end of the accepted history.
  package private(set) var head: HeadVector
  /// Records appended since then, one after the other, then room for more. It is reused from transaction to
  /// transaction, so nothing has to be cleared or allocated for a record.
  private var bytes: [UInt8] = []
  /// How far `bytes` is filled.
  package private(set) var pendingByteCount = 0
  private var starts: [Int] = []
  /// The head's sequences as they are with the appended records.
  private var sequences: [UInt64]
  /// The chain hash after the frames that `seal` made; nil until then.
  private var sealedChain: ChainHash?

  /// - Parameter kind: `.records` for a journal's frames, `.snapshot` for those that tell a state.
  package init(resuming head: HeadVector, as kind: FrameKind = .records) {
    self.kind = kind
    self.head = head
    sequences = head.sequences
  }

  /// A place among the appended records to go back to.
  package struct Mark: Sendable {
    fileprivate let recordCount: Int
  }

  /// The position that the next record will get.
  package var nextPosition: UInt64 { head.position + UInt64(starts.count) + 1 }
  package var pendingRecordCount: Int { starts.count }
  package var mark: Mark { Mark(recordCount: starts.count) }

  /// Adds a record.
  /// - Parameter body: JSON, at most `RecordFrame.mostBodyBytes`.
  /// - Returns: its position.
  /// - Throws: `.tooLong` or `.empty`; nothing has changed then.
  package mutating func append(
    type: EventType,
    programme: ID<Programme>,
    key: String,
    schemaVersion: UInt16,
    time: Timestamp,
    trace: TraceContext?,
    body: UnsafeRawBufferPointer
  ) throws(FrameError) -> UInt64 {
    let typeLength = try FrameBuilder.length(of: type.rawValue, field: "type", mayBeEmpty: false)
    let programmeLength = try FrameBuilder.length(of: programme.rawValue, field: "programme", mayBeEmpty: false)
    let keyLength = try FrameBuilder.length(of: key, field: "key", mayBeEmpty: true)
    guard body.count <= RecordFrame.mostBodyBytes else {
      throw .tooLong(field: "body", byteCount: body.count, limit: RecordFrame.mostBodyBytes)
    }
    let traceLength = trace == nil ? 0 : RecordView.traceByteCount
    let namesStart = RecordView.fixedByteCount + traceLength
    let bodyStart = namesStart + Int(typeLength) + Int(programmeLength) + Int(keyLength)
    let partition = Partition(of: programme)
    sequences[Int(partition.rawValue)] += 1
    let sequence = sequences[Int(partition.rawValue)]
    let position = nextPosition
    let start = pendingByteCount
    starts.append(start)
    makeRoom(for: bodyStart + body.count)
    bytes.withMutableRawBytes { all in
      let record = UnsafeMutableRawBufferPointer(rebasing: all[start..<start + bodyStart + body.count])
      record.storeLittleEndian(UInt32(record.count), at: RecordView.Offset.byteCount)
      record.storeLittleEndian(
        groundswell_crc32c(0, body.baseAddress, body.count),
        at: RecordView.Offset.checksum
      )
      record.storeLittleEndian(sequence, at: RecordView.Offset.sequence)
      record.storeLittleEndian(time.milliseconds, at: RecordView.Offset.time)
      record.storeLittleEndian(partition.rawValue, at: RecordView.Offset.partition)
      record.storeLittleEndian(schemaVersion, at: RecordView.Offset.schemaVersion)
      record[RecordView.Offset.typeLength] = typeLength
      record[RecordView.Offset.programmeLength] = programmeLength
      record[RecordView.Offset.keyLength] = keyLength
      record[RecordView.Offset.flags] = trace == nil ? 0 : RecordView.tracedFlag
      if let trace { FrameBuilder.store(trace, in: record) }
      record[namesStart...].copyBytes(from: type.rawValue.utf8)
      record[(namesStart + Int(typeLength))...].copyBytes(from: programme.rawValue.utf8)
      record[(bodyStart - Int(keyLength))...].copyBytes(from: key.utf8)
      record.copy(body, at: bodyStart)
    }
    return position
  }

  /// Forgets the records appended since `mark` was taken.
  package mutating func rollBack(to mark: Mark) {
    guard starts.count > mark.recordCount else { return }
    bytes.withRawBytes { bytes in
      for start in starts[mark.recordCount...] {
        let partition: UInt16 = bytes.littleEndian(at: start + RecordView.Offset.partition)
        sequences[Int(partition)] -= 1
      }
    }
    pendingByteCount = starts[mark.recordCount]
    starts.removeSubrange(mark.recordCount...)
  }

  /// The frames of all appended records, ready to be stored; none where nothing was appended.
  ///
  /// `head` stays where it is until `accept`.
  package mutating func seal(at commitTime: Timestamp) -> [RecordFrame] {
    var frames: [RecordFrame] = []
    var chain = head.chain
    var first = 0
    while first < starts.count {
      let end = endOfFrame(from: first)
      let frame = makeFrame(first..<end, following: chain, at: commitTime)
      chain = frame.header.chain
      frames.append(frame)
      first = end
    }
    sealedChain = chain
    return frames
  }

  /// Where the stream will be once the sealed frames are durable; `head` before anything was sealed.
  package var sealedHead: HeadVector {
    guard let sealedChain else { return head }
    var sealed = head
    sealed.position += UInt64(starts.count)
    sealed.chain = sealedChain
    sealed.sequences = sequences
    return sealed
  }

  /// The sealed frames are durable: they are history now.
  package mutating func accept() {
    guard sealedChain != nil else { return }
    head = sealedHead
    clear()
  }

  /// Nothing of what was appended since the last `accept` will ever be stored.
  package mutating func abandon() {
    sequences = head.sequences
    clear()
  }

  private mutating func clear() {
    sealedChain = nil
    starts.removeAll(keepingCapacity: true)
    pendingByteCount = 0
    // After a commit of unusual size the buffer goes back to the allocator.
    if bytes.count > 4 * RecordFrame.mostBodyBytes { bytes = [] }
  }

  private mutating func makeRoom(for byteCount: Int) {
    pendingByteCount += byteCount
    guard pendingByteCount > bytes.count else { return }
    let wanted = max(2 * bytes.count, pendingByteCount, 64 * 1024)
    bytes.append(contentsOf: repeatElement(0, count: wanted - bytes.count))
  }

  private func endOfFrame(from first: Int) -> Int {
    var end = first + 1
    while end < starts.count, end - first < RecordFrame.mostRecords {
      let frameByteCount = FrameHeader.byteCount + endOfRecord(end) - starts[first]
      guard frameByteCount <= RecordFrame.mostBytes else { break }
      end += 1
    }
    return end
  }

  private func endOfRecord(_ index: Int) -> Int {
    index + 1 < starts.count ? starts[index + 1] : pendingByteCount
  }

  private func makeFrame(
    _ range: Range<Int>,
    following previous: ChainHash,
    at commitTime: Timestamp
  ) -> RecordFrame {
    let records = starts[range.lowerBound]..<endOfRecord(range.upperBound - 1)
    var header = FrameHeader(
      kind: kind,
      identity: head.identity,
      byteCount: FrameHeader.byteCount + records.count,
      firstPosition: head.position + UInt64(range.lowerBound) + 1,
      recordCount: range.count,
      commitTime: commitTime,
      previousChain: previous,
      chain: .genesis
    )
    let frame = [UInt8](unsafeUninitializedCapacity: header.byteCount) { buffer, count in
      let frame = UnsafeMutableRawBufferPointer(buffer)
      header.store(in: frame)
      bytes.withRawBytes { frame.copy($0.slice(records.lowerBound, records.count), at: FrameHeader.byteCount) }
      var chain = ChainBuilder(following: previous, headerOf: UnsafeRawBufferPointer(frame))
      for index in range {
        let offset = FrameHeader.byteCount + starts[index] - records.lowerBound
        let byteCount = endOfRecord(index) - starts[index]
        chain.add(RecordView(position: 0, bytes: UnsafeRawBufferPointer(frame).slice(offset, byteCount)))
      }
      header.chain = chain.finish()
      header.store(in: frame)
      count = header.byteCount
    }
    return RecordFrame(header: header, bytes: frame)
  }

  private static func length(of text: String, field: String, mayBeEmpty: Bool) throws(FrameError) -> UInt8 {
    let count = text.utf8.count
    guard let length = UInt8(exactly: count) else {
      throw .tooLong(field: field, byteCount: count, limit: Int(UInt8.max))
    }
    guard mayBeEmpty || count > 0 else { throw .empty(field: field) }
    return length
  }

  private static func store(_ trace: TraceContext, in record: UnsafeMutableRawBufferPointer) {
    let start = RecordView.fixedByteCount
    record.storeBytes(of: trace.traceID.high.bigEndian, toByteOffset: start, as: UInt64.self)
    record.storeBytes(of: trace.traceID.low.bigEndian, toByteOffset: start + 8, as: UInt64.self)
    record.storeBytes(of: trace.parentSpanID.bigEndian, toByteOffset: start + 16, as: UInt64.self)
    record[start + 24] = trace.flags
    record[start + 25] = 0
  }
}
