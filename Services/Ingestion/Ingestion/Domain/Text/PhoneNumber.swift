/// Tells phone numbers from order numbers, dates and amounts, by how they are written and what stands before them.
///
/// Taken: `+` or `00` and 7 to 15 digits (ITU-T E.164); a leading 0 and 9 to 11 digits; the North American 3-3-4 form;
/// three groups of three that start with 6 to 9; and any 6 to 15 digits behind a word like "call" or "mobile".
enum PhoneNumber {
  private static let mostDigits = 15

  static func match(
    in groups: [NumberScanner.Group],
    from start: Int,
    scalars: [Unicode.Scalar]
  ) -> (start: Int, end: Int)? {
    guard !groups[start].touchesLetter else { return nil }
    let first = groups[start].range.lowerBound
    let plus = plusSign(in: scalars, before: first)
    let context = plus == nil ? words(in: scalars, before: first) : []
    guard plus != nil || context.isDisjoint(with: otherNumberCues) else { return nil }
    let isAnnounced = !context.isDisjoint(with: phoneCues)
    for end in windowEnds(in: groups, from: start).reversed() {
      let window = groups[start..<end]
      if isPhoneNumber(window, hasPlus: plus != nil, isAnnounced: isAnnounced) {
        return (plus ?? openingParenthesis(in: scalars, before: first) ?? first, end)
      }
    }
    return nil
  }

  /// - Returns: behind the groups of a date such as `2026-11-22` or `22.11.26` at group `start`; nil where none is.
  static func dateEnd(in groups: [NumberScanner.Group], from start: Int) -> Int? {
    guard start + 3 <= groups.count, let separator = groups[start].separator, ["-", ".", "/"].contains(separator),
      groups[start + 1].separator == separator
    else { return nil }
    let lengths = groups[start..<start + 3].map(\.digits.count)
    guard lengths == [4, 2, 2] || (lengths[0] <= 2 && lengths[1] <= 2 && (lengths[2] == 4 || lengths[2] == 2)) else {
      return nil
    }
    // 06.12.34.56.78 is a phone number: a date is not followed by more of the same.
    return groups[start + 2].separator == separator ? nil : start + 3
  }

  /// Behind which groups a number that starts at `start` could end.
  private static func windowEnds(in groups: [NumberScanner.Group], from start: Int) -> [Int] {
    var ends: [Int] = []
    var digits = 0
    for index in start..<groups.count {
      digits += groups[index].digits.count
      guard !groups[index].touchesLetter, digits <= mostDigits + 2 else { break }
      ends.append(index + 1)
      if groups[index].separator == nil { break }
    }
    return ends
  }

  private static func isPhoneNumber(
    _ groups: ArraySlice<NumberScanner.Group>,
    hasPlus: Bool,
    isAnnounced: Bool
  ) -> Bool {
    let digits = groups.flatMap(\.digits)
    let lengths = groups.map(\.digits.count)
    if hasPlus { return (7...mostDigits).contains(digits.count) && digits[0] != 0 }
    if digits.starts(with: [0, 0]) { return (10...mostDigits + 2).contains(digits.count) && digits[2] != 0 }
    if isAnnounced, (6...mostDigits).contains(digits.count) { return true }
    if digits[0] == 0 { return (9...11).contains(digits.count) && lengths.allSatisfy { $0 >= 2 } }
    if isNorthAmerican(digits, lengths) { return true }
    return lengths == [3, 3, 3] && digits[0] >= 6 && groups.dropLast().allSatisfy { $0.separator == " " }
  }

  /// The North American Numbering Plan: area code and exchange start with 2 to 9.
  private static func isNorthAmerican(_ digits: [UInt8], _ lengths: [Int]) -> Bool {
    let national = digits.count == 11 && digits[0] == 1 ? digits.dropFirst() : digits[...]
    guard national.count == 10, national[national.startIndex] >= 2, national[national.startIndex + 3] >= 2 else {
      return false
    }
    return [[3, 3, 4], [10], [1, 3, 3, 4], [11], [1, 10]].contains(lengths)
  }

  // MARK: What stands before

  private static func plusSign(in scalars: [Unicode.Scalar], before first: Int) -> Int? {
    if first >= 1, scalars[first - 1] == "+" { return first - 1 }
    if first >= 2, scalars[first - 1] == "(", scalars[first - 2] == "+" { return first - 2 }
    return nil
  }

  private static func openingParenthesis(in scalars: [Unicode.Scalar], before first: Int) -> Int? {
    first >= 1 && scalars[first - 1] == "(" ? first - 1 : nil
  }

  /// The last few words before a number, in lower case.
  private static func words(in scalars: [Unicode.Scalar], before first: Int) -> Set<String> {
    let before = scalars[max(0, first - 28)..<first]
    var text = String.UnicodeScalarView()
    text.append(contentsOf: before)
    return Set(String(text).lowercased().split { !$0.isLetter }.suffix(4).map(String.init))
  }

  private static let phoneCues: Set<String> = [
    "call", "phone", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "whatsapp", "ring", "dial", "text",
  ]

  private static let otherNumberCues: Set<String> = [
    "order", "ref", "reference", "invoice", "ticket", "tracking", "booking", "confirmation", "flight", "account",
    "policy", "case", "serial", "part", "item", "sku", "isbn",
  ]
}
