/// Finds e-mail addresses: from each at sign outwards, so that no text can make it slow.
enum EmailScanner {
  /// RFC 5321, 4.5.3.1: 64 octets before the at sign, 255 after it.
  private static let longestLocalPart = 64
  private static let longestDomain = 255

  /// Behind Latin, Greek, Cyrillic and Armenian.
  private static let firstOfScriptsWithoutSpaces = 0x590

  static func findings(in scalars: [Unicode.Scalar]) -> [Redactor.Finding] {
    var findings: [Redactor.Finding] = []
    var floor = 0
    for at in scalars.indices where scalars[at] == "@" && at >= floor {
      guard let start = localPartStart(in: scalars, before: at, floor: floor),
        let end = domainEnd(in: scalars, after: at)
      else { continue }
      findings.append(Redactor.Finding(range: start..<end, kind: .email))
      floor = end
    }
    return findings
  }

  private static func localPartStart(in scalars: [Unicode.Scalar], before at: Int, floor: Int) -> Int? {
    guard at > floor else { return nil }
    let asciiOnly = scalars[at - 1].isASCII
    var start = at
    while start > max(floor, at - longestLocalPart), isLocal(scalars[start - 1], asciiOnly: asciiOnly) { start -= 1 }
    while start < at, "'.-".unicodeScalars.contains(scalars[start]) { start += 1 }
    return start < at ? start : nil
  }

  private static func domainEnd(in scalars: [Unicode.Scalar], after at: Int) -> Int? {
    let start = at + 1
    guard start < scalars.count else { return nil }
    let asciiOnly = scalars[start].isASCII
    var end = start
    while end < min(scalars.count, start + longestDomain), isDomain(scalars[end], asciiOnly: asciiOnly) { end += 1 }
    while end > start, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
    guard let dot = scalars[start..<end].lastIndex(of: "."), dot > start, end - dot > 2,
      scalars[(dot + 1)..<end].contains(where: \.isLetterOfAnyScript)
    else { return nil }
    return end
  }

  // Beside ASCII, letters of any script may stand in an address (RFC 6531). But scripts further on in Unicode put no
  // space between words, so there an address that starts in ASCII ends where ASCII ends.
  private static func isLocal(_ scalar: Unicode.Scalar, asciiOnly: Bool) -> Bool {
    isPlain(scalar, asciiOnly: asciiOnly) || "._%+-'&~=#".unicodeScalars.contains(scalar)
  }

  private static func isDomain(_ scalar: Unicode.Scalar, asciiOnly: Bool) -> Bool {
    isPlain(scalar, asciiOnly: asciiOnly) || scalar == "." || scalar == "-"
  }

  private static func isPlain(_ scalar: Unicode.Scalar, asciiOnly: Bool) -> Bool {
    if scalar.isASCII { return isLetter(UInt8(scalar.value)) || isDigit(UInt8(scalar.value)) }
    return (scalar.value < firstOfScriptsWithoutSpaces || !asciiOnly) && scalar.properties.isAlphabetic
  }
}
