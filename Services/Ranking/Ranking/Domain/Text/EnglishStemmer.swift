/// Cuts English words to their stems, so that *delayed*, *delays* and *delay* count as one word.
///
/// M. F. Porter, An algorithm for suffix stripping, Program 14 (1980) 130-137. Only words of the letters a-z are cut;
/// stems are for counting, never for showing.
package enum EnglishStemmer {
  /// - Parameter word: in lower case.
  package static func stem(_ word: String) -> String {
    let bytes = Array(word.utf8)
    guard bytes.count > 2, bytes.allSatisfy({ (0x61...0x7A).contains($0) }) else { return word }
    var stemming = Stemming(letters: bytes)
    stemming.plurals()
    stemming.pastAndGerund()
    stemming.finalY()
    stemming.replaceLongest(of: Stemming.doubleSuffixes) { $0 > 0 }
    stemming.replaceLongest(of: Stemming.fullAndNess) { $0 > 0 }
    stemming.dropSuffix()
    stemming.tidyUp()
    return String(decoding: stemming.letters, as: UTF8.self)
  }
}

/// A word on its way to its stem. Steps are numbered as in the paper.
private struct Stemming {
  var letters: [UInt8]

  typealias Replacement = (suffix: [UInt8], by: [UInt8])

  private static func pairs(_ text: [(String, String)]) -> [Replacement] {
    text.map { (Array($0.0.utf8), Array($0.1.utf8)) }
  }

  /// Step 2.
  static let doubleSuffixes = pairs([
    ("ational", "ate"), ("ization", "ize"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("tional", "tion"), ("biliti", "ble"), ("entli", "ent"), ("ousli", "ous"), ("ation", "ate"), ("alism", "al"),
    ("aliti", "al"), ("iviti", "ive"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("abli", "able"),
    ("alli", "al"), ("ator", "ate"), ("eli", "e"),
  ])
  /// Step 3.
  static let fullAndNess = pairs([
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
  ])
  /// Step 4; `ion` goes only after s or t.
  static let droppable = pairs([
    ("ement", ""), ("ance", ""), ("ence", ""), ("able", ""), ("ible", ""), ("ment", ""), ("ant", ""), ("ent", ""),
    ("ion", ""), ("ism", ""), ("ate", ""), ("iti", ""), ("ous", ""), ("ive", ""), ("ize", ""), ("al", ""), ("er", ""),
    ("ic", ""), ("ou", ""),
  ])

  /// y is a consonant at the start of a word and after a vowel.
  func isConsonant(_ index: Int) -> Bool {
    switch letters[index] {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
    case UInt8(ascii: "y"): index == 0 || !isConsonant(index - 1)
    default: true
    }
  }

  /// m: how often a vowel run is followed by a consonant run in the first `count` letters.
  func measure(_ count: Int) -> Int {
    var runs = 0
    var wasVowel = false
    for index in 0..<count {
      let consonant = isConsonant(index)
      if consonant && wasVowel { runs += 1 }
      wasVowel = !consonant
    }
    return runs
  }

  func hasVowel(_ count: Int) -> Bool { (0..<count).contains { !isConsonant($0) } }

  func endsInDoubleConsonant(_ count: Int) -> Bool {
    count >= 2 && letters[count - 1] == letters[count - 2] && isConsonant(count - 1)
  }

  /// *o: consonant, vowel, consonant at the end, the last not w, x or y.
  func endsShort(_ count: Int) -> Bool {
    guard count >= 3, isConsonant(count - 1), !isConsonant(count - 2), isConsonant(count - 3) else { return false }
    return ![UInt8(ascii: "w"), UInt8(ascii: "x"), UInt8(ascii: "y")].contains(letters[count - 1])
  }

  /// The number of letters before a suffix, or nil where the word doesn't end in it.
  func head(before suffix: some Sequence<UInt8> & Collection) -> Int? {
    let count = letters.count - suffix.count
    return count >= 0 && letters[count...].elementsEqual(suffix) ? count : nil
  }

  func head(before suffix: StaticString) -> Int? {
    head(before: UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount))
  }

  /// Step 1a.
  mutating func plurals() {
    if head(before: "sses") != nil || head(before: "ies") != nil {
      letters.removeLast(2)
    } else if head(before: "ss") == nil, head(before: "s") != nil {
      letters.removeLast()
    }
  }

  /// Step 1b.
  mutating func pastAndGerund() {
    if let head = head(before: "eed") {
      if measure(head) > 0 { letters.removeLast() }
      return
    }
    guard let head = head(before: "ed") ?? head(before: "ing"), hasVowel(head) else { return }
    letters.removeSubrange(head...)
    if self.head(before: "at") != nil || self.head(before: "bl") != nil || self.head(before: "iz") != nil {
      letters.append(UInt8(ascii: "e"))
    } else if endsInDoubleConsonant(letters.count) {
      let last = letters[letters.count - 1]
      if ![UInt8(ascii: "l"), UInt8(ascii: "s"), UInt8(ascii: "z")].contains(last) { letters.removeLast() }
    } else if measure(letters.count) == 1, endsShort(letters.count) {
      letters.append(UInt8(ascii: "e"))
    }
  }

  /// Step 1c.
  mutating func finalY() {
    if let head = head(before: "y"), hasVowel(head) { letters[head] = UInt8(ascii: "i") }
  }

  /// Steps 2 and 3: the longest suffix that fits is replaced where what stands before it is long enough.
  mutating func replaceLongest(of replacements: [Replacement], where isLongEnough: (Int) -> Bool) {
    for (suffix, replacement) in replacements {
      guard let head = head(before: suffix) else { continue }
      if isLongEnough(measure(head)) { letters.replaceSubrange(head..., with: replacement) }
      return
    }
  }

  /// Step 4.
  mutating func dropSuffix() {
    for (suffix, _) in Stemming.droppable {
      guard let head = head(before: suffix) else { continue }
      if suffix.elementsEqual("ion".utf8) {
        guard head > 0, letters[head - 1] == UInt8(ascii: "s") || letters[head - 1] == UInt8(ascii: "t") else { return }
      }
      if measure(head) > 1 { letters.removeSubrange(head...) }
      return
    }
  }

  /// Step 5.
  mutating func tidyUp() {
    if let head = head(before: "e") {
      let runs = measure(head)
      if runs > 1 || (runs == 1 && !endsShort(head)) { letters.removeLast() }
    }
    if measure(letters.count) > 1, endsInDoubleConsonant(letters.count), letters.last == UInt8(ascii: "l") {
      letters.removeLast()
    }
  }
}
