/// Where well-formed UTF-8 ends, so that an error can point at the byte.
package enum UTF8Validation {
  /// The offset of the first byte that can't be part of well-formed UTF-8, by table 3-7 of the Unicode standard:
  /// overlong forms, surrogates and values above U+10FFFF are all refused.
  /// - Returns: nil where every byte is in order. A sequence cut off at the end counts as ill-formed at its start.
  package static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
    var at = 0
    while at < bytes.count {
      if bytes[at] < 0x80 {
        at += 1
        continue
      }
      guard let length = lengthOfSequence(in: bytes, at: at) else { return at }
      at += length
    }
    return nil
  }

  private static func lengthOfSequence(in bytes: [UInt8], at start: Int) -> Int? {
    let (length, second): (Int, ClosedRange<UInt8>)
    switch bytes[start] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
    for offset in 2..<max(length, 2) where bytes[start + offset] & 0xC0 != 0x80 { return nil }
    return length
  }
}
