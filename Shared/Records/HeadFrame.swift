import CChecksum
package import Contracts

// Head vectors on the wire: a header with record count 0, the head position and the head chain hash (in both chain
// fields), then u16 n, n times (u16 partition, u64 sequence) in ascending order of partition, and a u32 CRC-32C of
// these. Partitions without records are left out.

extension HeadVector {
  private static let entryByteCount = 10

  /// The frame that announces this head.
  /// - Parameter kind: `.heartbeat` or `.welcome`.
  package func encoded(as kind: FrameKind = .heartbeat, at time: Timestamp) -> [UInt8] {
    let entries = sequences.enumerated().filter { $0.element > 0 }
    let listByteCount = 2 + entries.count * HeadVector.entryByteCount
    let header = FrameHeader(
      kind: kind,
      identity: identity,
      byteCount: FrameHeader.byteCount + listByteCount + 4,
      firstPosition: position,
      recordCount: 0,
      commitTime: time,
      previousChain: chain,
      chain: chain
    )
    return [UInt8](unsafeUninitializedCapacity: header.byteCount) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      header.store(in: bytes)
      var offset = FrameHeader.byteCount
      bytes.storeLittleEndian(UInt16(entries.count), at: offset)
      offset += 2
      for (partition, sequence) in entries {
        bytes.storeLittleEndian(UInt16(partition), at: offset)
        bytes.storeLittleEndian(sequence, at: offset + 2)
        offset += HeadVector.entryByteCount
      }
      let list = UnsafeRawBufferPointer(bytes).slice(FrameHeader.byteCount, listByteCount)
      bytes.storeLittleEndian(groundswell_crc32c(0, list.baseAddress, list.count), at: offset)
      count = header.byteCount
    }
  }

  /// Reads a heartbeat or a welcome.
  package init(validating bytes: [UInt8]) throws(FrameError) {
    self = try bytes.withRawBytes { (bytes) throws(FrameError) in try HeadVector(validating: bytes) }
  }

  private init(validating bytes: UnsafeRawBufferPointer) throws(FrameError) {
    let header = try FrameHeader(parsing: bytes)
    guard !header.kind.holdsRecords else { throw .unexpectedKind(header.kind.rawValue) }
    guard header.byteCount == bytes.count else { throw .wrongLength(expected: header.byteCount, actual: bytes.count) }
    guard header.recordCount == 0, header.previousChain == header.chain else { throw .malformedHeader }
    let start = FrameHeader.byteCount
    guard bytes.count >= start + 6 else { throw .malformedHeads }
    let count = Int(bytes.littleEndian(at: start, as: UInt16.self))
    let list = bytes.slice(start, bytes.count - start - 4)
    guard
      list.count == 2 + count * HeadVector.entryByteCount,
      bytes.littleEndian(at: bytes.count - 4) == groundswell_crc32c(0, list.baseAddress, list.count)
    else { throw .malformedHeads }
    self.init(startOf: header.identity)
    position = header.firstPosition
    chain = header.chain
    for entry in 0..<count {
      let offset = 2 + entry * HeadVector.entryByteCount
      guard let partition = Partition(list.littleEndian(at: offset)) else { throw .malformedHeads }
      self[partition] = list.littleEndian(at: offset + 2)
    }
  }
}
