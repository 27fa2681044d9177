/// Finds phone numbers and payment card numbers among the digits of a text.
///
/// It goes over groups of digits, e.g. `+44`, `20`, `7946`, `0958`; from each it looks at no more than the 19 digits
/// that follow, so that its time grows with the text's length only.
enum NumberScanner {
  /// A run of digits, and how it is bound to its neighbours.
  struct Group {
    var range: Range<Int>
    var digits: [UInt8]
    /// What stands between this group and the next; nil where that is too much or too odd for one number.
    var separator: String?
    /// A letter touches it, as in `AB123456`: it is a code, not a number.
    var touchesLetter: Bool
  }

  static func findings(in scalars: [Unicode.Scalar]) -> [Redactor.Finding] {
    let groups = groups(in: scalars)
    var findings: [Redactor.Finding] = []
    var at = 0
    while at < groups.count {
      if let end = CardNumber.end(in: groups, from: at) {
        findings.append(
          Redactor.Finding(
            range: groups[at].range.lowerBound..<groups[end - 1].range.upperBound,
            kind: .cardNumber
          )
        )
        at = end
      } else if let end = PhoneNumber.dateEnd(in: groups, from: at) {
        at = end
      } else if let phone = PhoneNumber.match(in: groups, from: at, scalars: scalars) {
        findings.append(
          Redactor.Finding(range: phone.start..<groups[phone.end - 1].range.upperBound, kind: .phoneNumber)
        )
        at = phone.end
      } else {
        at += 1
      }
    }
    return findings
  }

  private static func groups(in scalars: [Unicode.Scalar]) -> [Group] {
    var groups: [Group] = []
    var at = 0
    while at < scalars.count {
      guard let first = scalars[at].decimalDigit else {
        at += 1
        continue
      }
      let start = at
      var digits = [first]
      at += 1
      while at < scalars.count, let digit = scalars[at].decimalDigit {
        digits.append(digit)
        at += 1
      }
      let touchesLetter =
        (start > 0 && isWord(scalars[start - 1])) || (at < scalars.count && isWord(scalars[at]))
      if let previous = groups.last {
        groups[groups.count - 1].separator = separator(scalars[previous.range.upperBound..<start])
      }
      groups.append(Group(range: start..<at, digits: digits, separator: nil, touchesLetter: touchesLetter))
    }
    return groups
  }

  private static func separator(_ scalars: ArraySlice<Unicode.Scalar>) -> String? {
    guard (1...3).contains(scalars.count) else { return nil }
    var text = ""
    for scalar in scalars {
      switch scalar {
      case " ", "\u{A0}", "\u{202F}", "\u{2009}": text.append(" ")
      case "-", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}": text.append("-")
      case ".", "/", "(", ")": text.unicodeScalars.append(scalar)
      default: return nil
      }
    }
    return text
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.isLetterOfAnyScript }
}

/// Payment card numbers: 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B).
enum CardNumber {
  /// - Returns: behind the last group of a card number that starts at group `start`; nil where none does.
  static func end(in groups: [NumberScanner.Group], from start: Int) -> Int? {
    guard let lead = groups[start].digits.first, (2...6).contains(lead) else { return nil }
    var digits: [UInt8] = []
    var match: Int?
    var separator: String?
    for index in start..<groups.count {
      let group = groups[index]
      guard !group.touchesLetter, digits.count + group.digits.count <= 19 else { break }
      digits += group.digits
      if (13...19).contains(digits.count), isValid(digits) { match = index + 1 }
      // One kind of separator, a single space or hyphen, throughout.
      guard let next = group.separator, next == " " || next == "-", separator == nil || separator == next else { break }
      separator = next
    }
    return match
  }

  static func isValid(_ digits: [UInt8]) -> Bool {
    guard Set(digits).count > 1 else { return false }
    let sum = digits.reversed().enumerated().reduce(0) { sum, place in
      let doubled = place.offset % 2 == 1 ? Int(place.element) * 2 : Int(place.element)
      return sum + (doubled > 9 ? doubled - 9 : doubled)
    }
    return sum % 10 == 0
  }
}
