import Foundation

/// Finds the runs of letters in a text, in lower case, whatever the script.
///
/// It steps over `@handles`, web addresses, HTML entities (`&amp;`) and digits, and keeps apostrophes inside words.
struct WordScanner {
  struct Token {
    let text: String
    let clause: Int
  }

  private let bytes: [UInt8]
  private var at = 0
  private var clause = 0

  init(_ text: String) {
    // The same word may come composed or decomposed; it has to count as one.
    let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
    bytes = Array((isASCII ? text : text.precomposedStringWithCanonicalMapping).utf8)
  }

  mutating func next() -> Token? {
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "@"):
        at += 1
        skip { isASCIILetterOrDigit($0) || $0 == UInt8(ascii: "_") }
      case UInt8(ascii: "&"):
        skipEntity()
      case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ";"),
        UInt8(ascii: ":"), UInt8(ascii: "\n"), UInt8(ascii: "("), UInt8(ascii: ")"):
        clause += 1
        at += 1
      default:
        if isAddress() {
          skip { $0 > 0x20 }
        } else if let word = word() {
          return Token(text: word, clause: clause)
        }
      }
    }
    return nil
  }

  private mutating func skip(while belongs: (UInt8) -> Bool) {
    while at < bytes.count, belongs(bytes[at]) { at += 1 }
  }

  /// `&name;` or `&#123;`, or else only the ampersand.
  private mutating func skipEntity() {
    let end = bytes[(at + 1)...].prefix(9).firstIndex { !isASCIILetterOrDigit($0) && $0 != UInt8(ascii: "#") }
    if let end, bytes[end] == UInt8(ascii: ";"), end > at + 1 {
      at = end + 1
    } else {
      at += 1
    }
  }

  private func isAddress() -> Bool {
    starts(with: "http://") || starts(with: "https://") || starts(with: "www.")
  }

  private func starts(with prefix: StaticString) -> Bool {
    guard bytes.count - at >= prefix.utf8CodeUnitCount else { return false }
    return (0..<prefix.utf8CodeUnitCount).allSatisfy { bytes[at + $0] | 0x20 == prefix.utf8Start[$0] | 0x20 }
  }

  /// The run of letters that starts here; nil, and one character on, where none does.
  private mutating func word() -> String? {
    var letters: [UInt8] = []
    var previous: (letter: UInt8, run: Int) = (0, 0)
    while at < bytes.count {
      let byte = bytes[at]
      if byte < 0x80 {
        if isASCIILetter(byte) {
          let lower = byte | 0x20
          previous = previous.letter == lower ? (lower, previous.run + 1) : (lower, 1)
          // "soooo" is "so": from the third on, repeats only shout.
          if previous.run >= 3 {
            if previous.run == 3 { letters.removeLast() }
          } else {
            letters.append(lower)
          }
          at += 1
        } else if byte == UInt8(ascii: "'"), !letters.isEmpty, at + 1 < bytes.count, isASCIILetter(bytes[at + 1]) {
          letters.append(byte)
          at += 1
        } else {
          break
        }
      } else {
        let (scalar, width) = decode()
        if scalar == "\u{2019}", !letters.isEmpty, at + 3 < bytes.count, isASCIILetter(bytes[at + 3]) {
          letters.append(UInt8(ascii: "'"))
        } else if scalar.isPartOfWord {
          letters.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        } else {
          guard letters.isEmpty else { break }
          if scalar.endsClause { clause += 1 }
          at += width
          return nil
        }
        previous = (0, 0)
        at += width
      }
    }
    guard !letters.isEmpty else {
      at += 1
      return nil
    }
    // "UA881" or "A4" is a number, whatever it begins with.
    if letters.count <= 2, at < bytes.count, (0x30...0x39).contains(bytes[at]) { return nil }
    return String(decoding: letters, as: UTF8.self)
  }

  /// The scalar at the cursor. A `String`'s UTF-8 is always well formed.
  private func decode() -> (Unicode.Scalar, width: Int) {
    let lead = bytes[at]
    let width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    var value = UInt32(lead) & (width == 4 ? 0x07 : width == 3 ? 0x0F : 0x1F)
    for offset in 1..<width { value = value << 6 | UInt32(bytes[at + offset] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", width)
  }
}

private func isASCIILetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

private func isASCIILetterOrDigit(_ byte: UInt8) -> Bool { isASCIILetter(byte) || (0x30...0x39).contains(byte) }

extension Unicode.Scalar {
  /// Letters, and the marks that many scripts write vowels with. Emoji are neither.
  fileprivate var isPartOfWord: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark:
      // Variation selectors ride on emoji.
      !(0xFE00...0xFE0F).contains(value)
    default: false
    }
  }

  fileprivate var endsClause: Bool {
    switch self {
    case "\u{3002}", "\u{FF0C}", "\u{FF01}", "\u{FF1F}", "\u{061F}", "\u{060C}", "\u{0964}", "\u{2026}", "\u{2014}":
      true
    default: false
    }
  }
}
