package import Contracts

/// Makes text that came from anywhere fit to be kept and shown.
package enum CleanText {
  /// Line ends become `\n`, other control characters go, white space at both ends goes.
  /// - Parameter limit: the most Unicode scalars that may be left.
  /// - Throws: `Fault` with reason `nulCharacter` (a NUL is never text: whoever sends one has mixed something up) or
  ///   `textTooLong`.
  package static func cleaned(_ text: String, limit: Int) throws(Fault) -> String {
    let clean = trimmed(isPlain(text) ? text : try plain(text))
    guard clean.utf8.count > limit else { return clean }
    let count = clean.unicodeScalars.count
    guard count <= limit else {
      throw Fault(
        .invalidArgument,
        reason: "textTooLong",
        "The text has \(count) characters; at most \(limit) are taken."
      )
    }
    return clean
  }

  /// Most texts need no work: they have no control character but tab and line feed, and no separator of Unicode's.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 && $0 != 0xE2) || $0 == 0x09 || $0 == 0x0A }
  }

  private static func plain(_ text: String) throws(Fault) -> String {
    var result = String.UnicodeScalarView()
    var followsReturn = false
    for (index, scalar) in text.unicodeScalars.enumerated() {
      switch scalar.value {
      case 0:
        throw Fault(.invalidArgument, reason: "nulCharacter", "The text holds a NUL (U+0000) as character \(index).")
      case 0x0A where followsReturn: break
      // Vertical tab, form feed, carriage return, next line, line separator, paragraph separator.
      case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: result.append("\n")
      case 0x09: result.append(scalar)
      case 0x01..<0x20, 0x7F...0x9F: break
      default: result.append(scalar)
      }
      followsReturn = scalar.value == 0x0D
    }
    return String(result)
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    if first == scalars.startIndex, scalars.index(after: last) == scalars.endIndex { return text }
    return String(scalars[first...last])
  }
}
