import Foundation

// Strings and numbers: the two kinds of JSON value with a grammar of their own.

extension JSONReader {
  /// Reads a string from its opening quote to behind its closing one. The bytes are known to be UTF-8.
  mutating func string() throws(Fault) -> String {
    at += 1
    let start = at
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        at += 1
        return text
      case UInt8(ascii: "\\"):
        return try escapedString(from: start)
      case 0..<0x20:
        throw rawControlCharacter(byte)
      default:
        at += 1
      }
    }
    throw truncated("the end of a string")
  }

  private mutating func escapedString(from start: Int) throws(Fault) -> String {
    var text = Array(bytes[start..<at])
    while let byte = peek() {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try appendEscape(to: &text)
      case 0..<0x20:
        at -= 1
        throw rawControlCharacter(byte)
      default:
        text.append(byte)
      }
    }
    throw truncated("the end of a string")
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(Fault) {
    guard let byte = peek() else { throw truncated("the rest of an escape") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      at += 1
      text.append(contentsOf: Array(String(Character(try unicodeEscape())).utf8))
      return
    default: throw malformed("one of \" \\ / b f n r t u after '\\'", found: byte)
    }
    at += 1
  }

  /// Reads the four digits behind `\u`, and the second half of a surrogate pair where there is one.
  private mutating func unicodeEscape() throws(Fault) -> Unicode.Scalar {
    let start = at - 2
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let isHigh = (0xD800...0xDBFF).contains(first)
    if isHigh, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try fourHexDigits()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw Fault(
      .invalidArgument,
      reason: "malformedJSON",
      "The escape at byte \(start) is half of a surrogate pair: it stands for no character."
    )
  }

  private mutating func fourHexDigits() throws(Fault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw truncated("four hexadecimal digits") }
      guard let digit = hexadecimalValue(of: byte) else { throw malformed("a hexadecimal digit", found: byte) }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }

  private func rawControlCharacter(_ byte: UInt8) -> Fault {
    Fault(
      .invalidArgument,
      reason: "malformedJSON",
      "A string holds the control character \(byte) at byte \(at); JSON wants it escaped."
    )
  }

  /// Reads a number: integers that fit 64 bits exactly, all others as binary floating point.
  mutating func number() throws(Fault) -> JSONValue {
    let start = at
    var isWhole = true
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) {
      isWhole = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isWhole, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      throw Fault(
        .invalidArgument,
        reason: "numberOutOfRange",
        "The number at byte \(start) is too large to be represented."
      )
    }
    return JSONValue(number, exact: JSONValue.mayBeRounded(number) ? Decimal(string: text) : nil)
  }

  private mutating func digits() throws(Fault) {
    let start = at
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
    guard at > start else { throw unexpected("a digit") }
  }
}

/// 0 to 15 for `0-9`, `a-f`, `A-F`; nil for any other byte.
package func hexadecimalValue(of byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
