/// Takes out of a text what identifies its writer and nobody needs for learning: e-mail addresses, phone numbers and
/// payment card numbers. Scans by hand, in time that grows with the text's length only.
package enum Redactor {
  /// Names these rules; it changes when they do.
  package static let method = "groundswell-1"

  enum Kind: String, CaseIterable {
    case email, phoneNumber, cardNumber

    /// What stands in the text instead.
    var placeholder: String {
      switch self {
      case .email: "[email]"
      case .phoneNumber: "[phone]"
      case .cardNumber: "[card]"
      }
    }
  }

  /// Something to take out, as offsets into the text's Unicode scalars.
  struct Finding {
    var range: Range<Int>
    var kind: Kind
  }

  /// - Returns: the text with placeholders, and how many of each kind there were; kinds without any are left out.
  package static func redacted(_ text: String) -> (text: String, countsByKind: [String: Int]) {
    guard mayHoldFinding(text) else { return (text, [:]) }
    let scalars = Array(text.unicodeScalars)
    let findings = merged(EmailScanner.findings(in: scalars) + NumberScanner.findings(in: scalars))
    guard !findings.isEmpty else { return (text, [:]) }
    return (replacing(findings, in: scalars), findings.reduce(into: [:]) { $0[$1.kind.rawValue, default: 0] += 1 })
  }

  /// Most texts have neither an at sign nor six digits and are done with one pass over their bytes. Digits of other
  /// scripts are not ASCII, so any such byte counts as one.
  private static func mayHoldFinding(_ text: String) -> Bool {
    var digits = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "@") { return true }
      if isDigit(byte) || byte >= 0x80 { digits += 1 }
    }
    return digits >= 6
  }

  /// In their order, those that overlap as one: an address of digits is an address.
  private static func merged(_ findings: [Finding]) -> [Finding] {
    var merged: [Finding] = []
    for finding in findings.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard let last = merged.last, last.range.overlaps(finding.range) else {
        merged.append(finding)
        continue
      }
      merged[merged.count - 1] = Finding(
        range: last.range.lowerBound..<max(last.range.upperBound, finding.range.upperBound),
        kind: last.kind == .email || finding.kind == .email ? .email : last.kind
      )
    }
    return merged
  }

  private static func replacing(_ findings: [Finding], in scalars: [Unicode.Scalar]) -> String {
    var result = String.UnicodeScalarView()
    var at = 0
    for finding in findings {
      result.append(contentsOf: scalars[at..<finding.range.lowerBound])
      result.append(contentsOf: finding.kind.placeholder.unicodeScalars)
      at = finding.range.upperBound
    }
    result.append(contentsOf: scalars[at...])
    return String(result)
  }
}

extension Unicode.Scalar {
  /// 0 to 9 for a decimal digit of any script, else nil.
  var decimalDigit: UInt8? {
    if value < 0x80 { return isDigit(UInt8(value)) ? UInt8(value) - UInt8(ascii: "0") : nil }
    guard properties.numericType == .decimal, let number = properties.numericValue else { return nil }
    return UInt8(number)
  }

  var isLetterOfAnyScript: Bool {
    value < 0x80 ? isLetter(UInt8(value)) : properties.isAlphabetic
  }
}
