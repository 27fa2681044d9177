import CChecksum
package import Contracts

/// What a frame carries.
package enum FrameKind: UInt8, Sendable {
  case records = 1
  /// A head vector, sent when a stream falls quiet and then every second.
  case heartbeat = 2
  /// A head vector, sent when a subscription has arrived.
  case welcome = 3
  /// Records that tell a publisher's state instead of its history: numbered and chained by themselves, from 1.
  case snapshot = 4

  /// Whether records follow the header.
  var holdsRecords: Bool { self == .records || self == .snapshot }
}

/// The first 128 bytes of every frame, integers little-endian:
///
/// | offset | field |
/// |---|---|
/// | 0 | stream name, 24 bytes padded with zeros, so that a subscription to these 24 bytes selects exactly one stream |
/// | 24 | u8 kind |
/// | 25 | u8 layout version, 1 |
/// | 26 | u16 instance |
/// | 28 | u32 byte count of the whole frame |
/// | 32 | u64 epoch |
/// | 40 | u64 position of the first record; in a head vector, of the last one |
/// | 48 | u16 record count |
/// | 50 | u16 flags, zero |
/// | 52 | u32 CRC-32C of these 128 bytes with this field zero |
/// | 56 | i64 commit time, milliseconds since 1970 UTC |
/// | 64 | chain hash before the frame (32) |
/// | 96 | chain hash after it (32) |
package struct FrameHeader: Hashable, Sendable {
  package var kind: FrameKind
  package var identity: StreamIdentity
  /// Bytes of the whole frame, header included.
  package var byteCount: Int
  package var firstPosition: UInt64
  package var recordCount: Int
  package var commitTime: Timestamp
  package var previousChain: ChainHash
  package var chain: ChainHash

  /// Bytes of a header.
  package static let byteCount = 128
  package static let layoutVersion: UInt8 = 1

  /// The position of the last record; in a head vector, the head position.
  package var lastPosition: UInt64 { recordCount == 0 ? firstPosition : firstPosition + UInt64(recordCount - 1) }

  enum Offset {
    static let kind = 24
    static let layoutVersion = 25
    static let instance = 26
    static let byteCount = 28
    static let epoch = 32
    static let firstPosition = 40
    static let recordCount = 48
    static let flags = 50
    static let checksum = 52
    static let commitTime = 56
    static let previousChain = 64
    static let chain = 96
  }

  /// Reads the header at the start of `bytes` and checks it, but nothing behind it.
  package init(parsing bytes: UnsafeRawBufferPointer) throws(FrameError) {
    guard bytes.count >= FrameHeader.byteCount else {
      throw .wrongLength(expected: FrameHeader.byteCount, actual: bytes.count)
    }
    let layoutVersion = bytes[Offset.layoutVersion]
    guard layoutVersion == FrameHeader.layoutVersion else { throw .unknownLayout(layoutVersion) }
    guard bytes.littleEndian(at: Offset.checksum) == FrameHeader.checksum(of: bytes) else { throw .headerChecksum }
    guard let kind = FrameKind(rawValue: bytes[Offset.kind]) else { throw .unexpectedKind(bytes[Offset.kind]) }
    guard let stream = bytes.streamName(at: 0), bytes.littleEndian(at: Offset.flags, as: UInt16.self) == 0 else {
      throw .malformedHeader
    }
    self.kind = kind
    identity = StreamIdentity(
      stream: stream,
      instance: bytes.littleEndian(at: Offset.instance),
      epoch: bytes.littleEndian(at: Offset.epoch)
    )
    byteCount = Int(bytes.littleEndian(at: Offset.byteCount, as: UInt32.self))
    firstPosition = bytes.littleEndian(at: Offset.firstPosition)
    recordCount = Int(bytes.littleEndian(at: Offset.recordCount, as: UInt16.self))
    commitTime = Timestamp(milliseconds: bytes.littleEndian(at: Offset.commitTime))
    previousChain = ChainHash(loading: bytes, at: Offset.previousChain)
    chain = ChainHash(loading: bytes, at: Offset.chain)
    // Records are counted from 1, and a last position beyond 64 bits can't be.
    guard !kind.holdsRecords || (recordCount > 0 && firstPosition > 0 && firstPosition < 1 << 63) else {
      throw .malformedHeader
    }
  }

  /// Reads the header at the start of a frame that came from outside, e.g. to see what kind it is.
  package init(parsing bytes: [UInt8]) throws(FrameError) {
    self = try bytes.withRawBytes { (bytes) throws(FrameError) in try FrameHeader(parsing: bytes) }
  }

  init(
    kind: FrameKind,
    identity: StreamIdentity,
    byteCount: Int,
    firstPosition: UInt64,
    recordCount: Int,
    commitTime: Timestamp,
    previousChain: ChainHash,
    chain: ChainHash
  ) {
    self.kind = kind
    self.identity = identity
    self.byteCount = byteCount
    self.firstPosition = firstPosition
    self.recordCount = recordCount
    self.commitTime = commitTime
    self.previousChain = previousChain
    self.chain = chain
  }

  /// Writes the header with its checksum to the start of `bytes`.
  func store(in bytes: UnsafeMutableRawBufferPointer) {
    bytes.store(identity.stream, at: 0)
    bytes[Offset.kind] = kind.rawValue
    bytes[Offset.layoutVersion] = FrameHeader.layoutVersion
    bytes.storeLittleEndian(identity.instance, at: Offset.instance)
    bytes.storeLittleEndian(UInt32(byteCount), at: Offset.byteCount)
    bytes.storeLittleEndian(identity.epoch, at: Offset.epoch)
    bytes.storeLittleEndian(firstPosition, at: Offset.firstPosition)
    bytes.storeLittleEndian(UInt16(recordCount), at: Offset.recordCount)
    bytes.storeLittleEndian(UInt16(0), at: Offset.flags)
    bytes.storeLittleEndian(commitTime.milliseconds, at: Offset.commitTime)
    bytes.store(previousChain, at: Offset.previousChain)
    bytes.store(chain, at: Offset.chain)
    bytes.storeLittleEndian(
      FrameHeader.checksum(of: UnsafeRawBufferPointer(bytes)),
      at: Offset.checksum
    )
  }

  private static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    let before = groundswell_crc32c(0, bytes.baseAddress, Offset.checksum)
    let zeroed = withUnsafeBytes(of: UInt32(0)) { groundswell_crc32c(before, $0.baseAddress, $0.count) }
    let rest = bytes.slice(Offset.commitTime, FrameHeader.byteCount - Offset.commitTime)
    return groundswell_crc32c(zeroed, rest.baseAddress, rest.count)
  }
}
