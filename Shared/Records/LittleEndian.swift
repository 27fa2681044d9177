import Contracts

// The one place where integers, names and hashes meet raw bytes. Callers have checked the bounds; slices trap where
// they haven't.

extension Array<UInt8> {
  /// `withUnsafeBytes` with a typed error, which the standard library's doesn't have.
  @inline(__always)
  func withRawBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (bytes) throws(Failure) in try body(UnsafeRawBufferPointer(bytes)) }
  }

  @inline(__always)
  mutating func withMutableRawBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeMutableBufferPointer { (bytes) throws(Failure) in try body(UnsafeMutableRawBufferPointer(bytes)) }
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int,
    as type: Number.Type = Number.self
  ) -> Number {
    Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  @inline(__always)
  func slice(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[start..<start + count])
  }

  /// The name in the 24 bytes at `offset`; nil unless it is well-formed and padded with zeros only.
  func streamName(at offset: Int) -> StreamName? {
    let field = slice(offset, StreamName.longestLength)
    let length = field.firstIndex(of: 0) ?? field.count
    guard field[length...].allSatisfy({ $0 == 0 }) else { return nil }
    return StreamName(String(decoding: field[..<length], as: UTF8.self))
  }
}

extension UnsafeMutableRawBufferPointer {
  @inline(__always)
  func storeLittleEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Number.self)
  }

  /// Stores a name in the 24 bytes at `offset`, padded with zeros.
  func store(_ name: StreamName, at offset: Int) {
    let field = UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + StreamName.longestLength])
    field.initializeMemory(as: UInt8.self, repeating: 0)
    field.copyBytes(from: name.rawValue.utf8)
  }

  func store(_ chain: ChainHash, at offset: Int) {
    chain.withUnsafeBytes { copy($0, at: offset) }
  }

  @inline(__always)
  func copy(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + bytes.count]).copyMemory(from: bytes)
  }
}
