/// A text as its words in lower case, with the punctuation that matters to meaning.
struct Words {
  struct Word: Hashable {
    var text: String
    /// A sentence or clause ends between this word and the one before.
    var startsClause: Bool
    /// It was written in capitals throughout, and has two letters or more.
    var isShouted: Bool
  }

  private(set) var words: [Word] = []
  private(set) var exclamationMarks = 0
  private(set) var questionMarks = 0

  /// Words are runs of letters and digits of any script; an apostrophe inside belongs to them (`don't`).
  init(_ text: String) {
    var word = String.UnicodeScalarView()
    var startsClause = true
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      if Words.isPart(scalar) {
        word.append(scalar)
      } else if Words.isApostrophe(scalar), !word.isEmpty, index + 1 < scalars.count, Words.isPart(scalars[index + 1]) {
        word.append("'")
      } else {
        take(&word, &startsClause)
        switch scalar {
        case "!": exclamationMarks += 1
        case "?", "\u{37E}", "\u{61F}", "\u{FF1F}": questionMarks += 1
        default: break
        }
        if ".,;:!?\n()".unicodeScalars.contains(scalar) { startsClause = true }
      }
    }
    take(&word, &startsClause)
  }

  private mutating func take(_ word: inout String.UnicodeScalarView, _ startsClause: inout Bool) {
    guard !word.isEmpty else { return }
    let text = String(word)
    let lowered = text.lowercased()
    let isShouted = word.count >= 2 && text != lowered && text == text.uppercased()
    words.append(Word(text: lowered, startsClause: startsClause, isShouted: isShouted))
    word = String.UnicodeScalarView()
    startsClause = false
  }

  private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80
      ? isLetter(UInt8(scalar.value)) || isDigit(UInt8(scalar.value))
      : scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || scalar.properties.generalCategory == .nonspacingMark
  }

  private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\u{2019}" }
}
