/// Reads little-endian fields off borrowed bytes; every read is checked.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type = Number.self
  ) throws(FrameError) -> Number {
    guard bytes.count - offset >= MemoryLayout<Number>.size else { throw .truncated }
    defer { offset += MemoryLayout<Number>.size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  mutating func bytes(_ count: Int) throws(FrameError) -> UnsafeRawBufferPointer {
    guard bytes.count - offset >= count else { throw .truncated }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// A u16 length and as many bytes of UTF-8.
  mutating func shortText() throws(FrameError) -> String {
    let count = Int(try number(UInt16.self))
    guard let text = String(validating: try bytes(count), as: UTF8.self) else { throw .notUTF8 }
    return text
  }

  mutating func rest() -> UnsafeRawBufferPointer {
    defer { offset = bytes.count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset...])
  }
}

extension [UInt8] {
  mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// A u16 length and the text in UTF-8, cut at 65,535 bytes (at a character's end).
  mutating func append(shortText text: String) {
    var text = text[...]
    while text.utf8.count > Int(UInt16.max) { text = text.dropLast(Swift.max(1, (text.utf8.count - 65_535) / 4)) }
    append(UInt16(text.utf8.count))
    append(contentsOf: text.utf8)
  }
}
