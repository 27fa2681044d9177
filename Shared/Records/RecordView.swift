import CChecksum
package import Contracts

/// A record where it lies, in the bytes of its frame: valid only inside the closure that it was handed to.
///
/// Record layout, integers little-endian:
///
/// | offset | field |
/// |---|---|
/// | 0 | u32 byte count of the record |
/// | 4 | u32 CRC-32C of the body |
/// | 8 | u64 sequence, dense per stream and partition, from 1 |
/// | 16 | i64 time, milliseconds since 1970 UTC |
/// | 24 | u16 partition |
/// | 26 | u16 schema version |
/// | 28 | u8 byte counts of type, programme and key, one after the other |
/// | 31 | u8 flags: 1 traced, 2 erased |
/// | 32 | where traced: trace id (16), parent span id (8), trace flags (1), zero (1) |
/// | | type, programme, key (UTF-8), body (JSON) |
///
/// Trace ids are stored as W3C Trace Context writes them, high byte first.
package struct RecordView {
  /// The record's position in its stream.
  package let position: UInt64
  /// The record as it is stored, all of it.
  package let bytes: UnsafeRawBufferPointer

  /// Bytes of the part that every record has.
  static let fixedByteCount = 32
  static let traceByteCount = 26
  static let tracedFlag: UInt8 = 1
  static let erasedFlag: UInt8 = 2

  enum Offset {
    static let byteCount = 0
    static let checksum = 4
    static let sequence = 8
    static let time = 16
    static let partition = 24
    static let schemaVersion = 26
    static let typeLength = 28
    static let programmeLength = 29
    static let keyLength = 30
    static let flags = 31
  }

  /// `bytes` has been checked by `byteCount(ofRecordAt:in:)`.
  init(position: UInt64, bytes: UnsafeRawBufferPointer) {
    self.position = position
    self.bytes = bytes
  }

  package var sequence: UInt64 { bytes.littleEndian(at: Offset.sequence) }
  package var time: Timestamp { Timestamp(milliseconds: bytes.littleEndian(at: Offset.time)) }
  /// Checked when the frame was.
  package var partition: Partition { Partition(bytes.littleEndian(at: Offset.partition)) ?? RecordView.firstPartition }
  package var schemaVersion: UInt16 { bytes.littleEndian(at: Offset.schemaVersion) }
  package var isErased: Bool { bytes[Offset.flags] & RecordView.erasedFlag != 0 }

  package var typeBytes: UnsafeRawBufferPointer { bytes.slice(namesStart, typeLength) }
  package var programmeBytes: UnsafeRawBufferPointer { bytes.slice(namesStart + typeLength, programmeLength) }
  package var keyBytes: UnsafeRawBufferPointer {
    bytes.slice(namesStart + typeLength + programmeLength, Int(bytes[Offset.keyLength]))
  }

  package var type: EventType { EventType(String(decoding: typeBytes, as: UTF8.self)) }
  package var programme: ID<Programme> { ID(String(decoding: programmeBytes, as: UTF8.self)) }
  package var key: String { String(decoding: keyBytes, as: UTF8.self) }

  /// Whether the record is of `type`, without making a string.
  package func isOfType(_ type: EventType) -> Bool { typeBytes.elementsEqual(type.rawValue.utf8) }

  /// Where in a trace it was written.
  package var trace: TraceContext? {
    guard bytes[Offset.flags] & RecordView.tracedFlag != 0 else { return nil }
    let start = RecordView.fixedByteCount
    return TraceContext(
      traceID: (
        high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
      ),
      parentSpanID: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt64.self)),
      flags: bytes[start + 24]
    )
  }

  /// The body's JSON; empty where it was erased.
  package var body: UnsafeRawBufferPointer {
    let start = bodyStart
    return isErased ? UnsafeRawBufferPointer(start: nil, count: 0) : bytes.slice(start, bytes.count - start)
  }

  var bodyStart: Int { namesStart + typeLength + programmeLength + Int(bytes[Offset.keyLength]) }

  private var namesStart: Int {
    RecordView.fixedByteCount + (bytes[Offset.flags] & RecordView.tracedFlag != 0 ? RecordView.traceByteCount : 0)
  }
  private var typeLength: Int { Int(bytes[Offset.typeLength]) }
  private var programmeLength: Int { Int(bytes[Offset.programmeLength]) }
  private static let firstPartition = Partition(of: "")
}

extension RecordView {
  /// The length of the record at `offset`, once its lengths, flags and partition have proved possible; nil else.
  static func byteCount(ofRecordAt offset: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count - offset >= fixedByteCount else { return nil }
    let byteCount = Int(bytes.littleEndian(at: offset + Offset.byteCount, as: UInt32.self))
    let flags = bytes[offset + Offset.flags]
    let names =
      Int(bytes[offset + Offset.typeLength]) + Int(bytes[offset + Offset.programmeLength])
      + Int(bytes[offset + Offset.keyLength])
    let least = fixedByteCount + (flags & tracedFlag != 0 ? traceByteCount : 0) + names
    guard
      byteCount >= least, byteCount <= bytes.count - offset, flags & ~(tracedFlag | erasedFlag) == 0,
      Int(bytes.littleEndian(at: offset + Offset.partition, as: UInt16.self)) < Partition.count
    else { return nil }
    return byteCount
  }

  /// Whether the stored body fits its checksum.
  ///
  /// An erased body is all zeros and must *not* fit: the checksum is that of the body which was there. So flipping
  /// the erased flag is always noticed, in either direction.
  var isBodySound: Bool {
    let start = bodyStart
    let body = bytes.slice(start, bytes.count - start)
    let fits = groundswell_crc32c(0, body.baseAddress, body.count) == bytes.littleEndian(at: Offset.checksum)
    return isErased ? !fits && body.allSatisfy { $0 == 0 } : fits
  }
}
