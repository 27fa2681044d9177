import Foundation

/// A text as a reader hears it: letters without accents, width, case, look-alikes and invisible characters, together
/// with where words begin. "Ｎ．Ｐ．Ｓ", "n-p-s" and "NРS" (with a Cyrillic Р) all spell `nps`.
struct SpelledText {
  struct Letter {
    let scalar: Unicode.Scalar
    let isCapital: Bool
    var startsWord: Bool
    /// White space came before it, not only punctuation.
    var followsSpace: Bool
  }

  /// Whether digits and signs stand for the letters that they look like ("NP5", "C$AT").
  enum Reading: CaseIterable {
    case plain, digitsAsLetters
    /// A one looks like an i as much as like an l.
    case onesAsL
  }

  private(set) var letters: [Letter] = []

  init(_ text: String, as reading: Reading = .plain) {
    for (index, chunk) in text.split(whereSeparator: \.isWhitespace).enumerated() {
      append(chunk, as: reading, isFirst: index == 0)
    }
  }

  var scalars: [Unicode.Scalar] { letters.map(\.scalar) }

  /// Whether a word ends before the letter at `index`.
  func isBoundary(_ index: Int) -> Bool {
    index == letters.count || letters[index].startsWord
  }

  private mutating func append(_ chunk: Substring, as reading: Reading, isFirst: Bool) {
    // Trade mark signs would decompose into letters of their own.
    let bare = String(chunk.filter { !"®™℠©".contains($0) })
    let spelled = Self.withoutLookAlikes(
      bare.decomposedStringWithCompatibilityMapping.unicodeScalars.filter { !Self.isSilent($0) },
      as: reading
    )
    var isApart = true
    var isAfterSpace = !isFirst
    for (index, scalar) in spelled.enumerated() {
      guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else {
        isApart = true
        continue
      }
      let starts = isApart || Self.isSeam(spelled, before: index)
      for (offset, lower) in (Self.twins[scalar] ?? scalar.properties.lowercaseMapping).unicodeScalars.enumerated() {
        letters.append(
          Letter(
            scalar: lower,
            isCapital: scalar.properties.isUppercase,
            startsWord: starts && offset == 0,
            followsSpace: isAfterSpace && offset == 0
          )
        )
      }
      isApart = false
      isAfterSpace = false
    }
  }

  /// Words written together: "npsScore", "NPSScore", "nps60", "NPSを".
  private static func isSeam(_ spelled: [Unicode.Scalar], before index: Int) -> Bool {
    guard index > 0 else { return true }
    let (previous, scalar) = (spelled[index - 1], spelled[index])
    if Script(previous) != Script(scalar) { return true }
    guard scalar.properties.isUppercase else { return false }
    if previous.properties.isLowercase { return true }
    return index + 1 < spelled.count && spelled[index + 1].properties.isLowercase
  }

  private static func isSilent(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private enum Script {
    case latin, digit, other

    init(_ scalar: Unicode.Scalar) {
      self = scalar.properties.numericType != nil ? .digit : scalar.value < 0x250 ? .latin : .other
    }
  }

  /// A word all of whose letters could be Latin is read as Latin; in a Russian or Greek word some never can.
  private static func withoutLookAlikes(_ word: [Unicode.Scalar], as reading: Reading) -> [Unicode.Scalar] {
    let letters = word.filter(\.properties.isAlphabetic)
    let couldBeLatin = letters.allSatisfy { Script($0) == .latin || lookAlikes[$0] != nil }
    let latin = couldBeLatin ? word.map { lookAlikes[$0] ?? $0 } : word
    guard reading != .plain, !letters.isEmpty else { return latin }
    return latin.map { scalar in
      switch scalar {
      case "1", "!", "|": reading == .onesAsL ? "l" : "i"
      default: digitsAsLetters[scalar] ?? scalar
      }
    }
  }

  /// Letters of other scripts that can't be told from Latin ones, and Latin letters that don't decompose.
  private static let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = {
    let pairs = zip(
      "АВСЕНІЈКМОРЅТХУасеіјорѕхуΑΒΕΗΙΚΜΝΟΡΤΥΧΖονøØłŁđĐıħĦ".unicodeScalars,
      "ABCEHIJKMOPSTXYaceijopsxyABEHIKMNOPTYXZovoOlLdDihH".unicodeScalars
    )
    return Dictionary(uniqueKeysWithValues: pairs.map { ($0, $1) })
  }()

  /// Letters that lower to two.
  private static let twins: [Unicode.Scalar: String] = [
    "ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe",
  ]

  private static let digitsAsLetters: [Unicode.Scalar: Unicode.Scalar] = [
    "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "$": "s", "@": "a",
  ]
}
