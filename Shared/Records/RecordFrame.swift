import CChecksum
import Crypto

/// Up to 250 records of one stream in the bytes that are stored and published: a header, then record after record.
///
/// The chain hash is SHA-256 over: the previous chain hash, then of the header the stream name (24 bytes), instance,
/// epoch, first position and record count as they stand there, then every record without its body and with the erased
/// flag masked. Bodies count through their checksums, so one can be erased and the chain still holds.
package struct RecordFrame: Hashable, Sendable {
  package let header: FrameHeader
  package let bytes: [UInt8]

  /// The most records that share a frame: reading one means reading its whole frame.
  package static let mostRecords = 250
  /// The most bytes of a frame with more than one record. A bigger record stands alone.
  package static let mostBytes = 256 * 1024
  /// The most bytes of a record's body.
  package static let mostBodyBytes = 1024 * 1024

  /// `bytes` has just been built, or checked.
  init(header: FrameHeader, bytes: [UInt8]) {
    self.header = header
    self.bytes = bytes
  }

  /// Takes in bytes from outside, once lengths, checksums and chain hash have proved right.
  ///
  /// Whether the frame follows on from what the reader has is for `Cursor.advance(past:)` to say.
  /// - Parameter kind: `.records`, or `.snapshot` where a publisher's state is read.
  package init(validating bytes: [UInt8], as kind: FrameKind = .records) throws(FrameError) {
    header = try bytes.withRawBytes { (bytes) throws(FrameError) in
      let header = try FrameHeader(parsing: bytes)
      guard header.kind == kind, kind.holdsRecords else { throw .unexpectedKind(header.kind.rawValue) }
      guard header.byteCount == bytes.count else {
        throw .wrongLength(expected: header.byteCount, actual: bytes.count)
      }
      try RecordFrame.checkRecords(of: header, in: bytes)
      return header
    }
    self.bytes = bytes
  }

  private static func checkRecords(
    of header: FrameHeader,
    in bytes: UnsafeRawBufferPointer
  ) throws(FrameError) {
    var chain = ChainBuilder(following: header.previousChain, headerOf: bytes)
    var offset = FrameHeader.byteCount
    for index in 0..<header.recordCount {
      guard let byteCount = RecordView.byteCount(ofRecordAt: offset, in: bytes) else {
        throw .malformedRecord(index: index)
      }
      let position = header.firstPosition + UInt64(index)
      let record = RecordView(position: position, bytes: bytes.slice(offset, byteCount))
      guard record.isBodySound else { throw .bodyChecksum(position: position) }
      chain.add(record)
      offset += byteCount
    }
    guard offset == bytes.count else { throw .wrongLength(expected: offset, actual: bytes.count) }
    guard chain.finish() == header.chain else { throw .chain(firstPosition: header.firstPosition) }
  }

  /// Hands over each record in turn, where it lies.
  package func withUnsafeRecords<Failure: Error>(
    _ body: (RecordView) throws(Failure) -> Void
  ) throws(Failure) {
    try bytes.withRawBytes { (bytes) throws(Failure) in
      var offset = FrameHeader.byteCount
      for index in 0..<header.recordCount {
        let byteCount = Int(bytes.littleEndian(at: offset, as: UInt32.self))
        try body(
          RecordView(position: header.firstPosition + UInt64(index), bytes: bytes.slice(offset, byteCount))
        )
        offset += byteCount
      }
    }
  }

  /// Copies of all records.
  package func records() -> [Record] {
    var records: [Record] = []
    records.reserveCapacity(header.recordCount)
    withUnsafeRecords { records.append(Record($0, instance: header.identity.instance)) }
    return records
  }

  /// The frame with one record's body overwritten by zeros and marked as erased: the same length, the same chain.
  /// - Throws: `.nothingToErase` where there is no such record, it is erased already, or its body is empty.
  package func erasing(_ position: UInt64) throws(FrameError) -> RecordFrame {
    guard (header.firstPosition...header.lastPosition).contains(position) else {
      throw .nothingToErase(position: position)
    }
    var bytes = self.bytes
    try bytes.withMutableRawBytes { (bytes) throws(FrameError) in
      let frame = UnsafeRawBufferPointer(bytes)
      var offset = FrameHeader.byteCount
      for _ in header.firstPosition..<position {
        offset += Int(frame.littleEndian(at: offset, as: UInt32.self))
      }
      let byteCount = Int(frame.littleEndian(at: offset, as: UInt32.self))
      let record = RecordView(position: position, bytes: frame.slice(offset, byteCount))
      guard !record.isErased else { throw .nothingToErase(position: position) }
      let bodyStart = offset + record.bodyStart
      UnsafeMutableRawBufferPointer(rebasing: bytes[bodyStart..<offset + byteCount])
        .initializeMemory(as: UInt8.self, repeating: 0)
      bytes[offset + RecordView.Offset.flags] |= RecordView.erasedFlag
      // A body that was nothing but zeros would be told from an erased one by nobody.
      guard record.isBodySound else { throw .nothingToErase(position: position) }
    }
    return RecordFrame(header: header, bytes: bytes)
  }
}

/// Gathers what the chain hash covers in one buffer and hashes it at once: hashing piece by piece costs a call each.
struct ChainBuilder {
  private var covered: [UInt8]

  /// - Parameter header: bytes that start with the frame's header; of it, only the covered fields need be final.
  init(following previous: ChainHash, headerOf frame: UnsafeRawBufferPointer) {
    covered = []
    covered.reserveCapacity(8 * 1024)
    previous.withUnsafeBytes { covered.append(contentsOf: $0) }
    covered.append(contentsOf: frame.slice(0, 24))
    covered.append(contentsOf: frame.slice(FrameHeader.Offset.instance, 2))
    covered.append(contentsOf: frame.slice(FrameHeader.Offset.epoch, 18))
  }

  mutating func add(_ record: RecordView) {
    let start = covered.count
    covered.append(contentsOf: record.bytes.slice(0, record.bodyStart))
    covered[start + RecordView.Offset.flags] &= ~RecordView.erasedFlag
  }

  func finish() -> ChainHash {
    covered.withRawBytes { bytes in
      var hash = SHA256()
      hash.update(bufferPointer: bytes)
      return ChainHash(hash.finalize())
    }
  }
}
