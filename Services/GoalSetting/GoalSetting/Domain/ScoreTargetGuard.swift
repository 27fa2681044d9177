package import Contracts

/// Finds a score that was made a target, however it is written.
package struct ScoreTargetGuard: Sendable {
  private let spellings: [Spelling]

  /// Of the standard vocabulary, read once.
  package static let standard = ScoreTargetGuard(.standard)

  package init(_ vocabulary: ScoreVocabulary) {
    spellings = ForbiddenTarget.allCases.flatMap { target in
      (vocabulary.spellings[target] ?? []).map { Spelling($0, of: target) }
    }
  }

  /// The first forbidden target that a text names; nil where it names none.
  package func target(in text: String) -> ForbiddenTarget? {
    for reading in SpelledText.Reading.allCases {
      let spelled = SpelledText(text, as: reading)
      if let found = spellings.first(where: { $0.occurs(in: spelled, as: reading) }) { return found.target }
    }
    return nil
  }

  /// Refuses a goal whose words make a score its target.
  ///
  /// The counter-metric is not looked at: a score may be watched, only not aimed at.
  /// - Throws: `scoreTargetForbidden`, naming the field and how to say it instead.
  package func refuse(scoresIn fields: [(name: String, text: String?)]) throws(Fault) {
    for (name, text) in fields {
      guard let text, let target = target(in: text) else { continue }
      throw Fault(
        .failedPrecondition,
        reason: "scoreTargetForbidden",
        """
        "\(text.prefix(80))" makes \(target.rawValue) a target, and goals are never set on scores. Name what the team \
        will do instead (suggest, test, implement, adopt, shareLesson, closeLoop, coach, holdHuddle); a score may \
        stand in counterMetric, as something to watch.
        """,
        field: name
      )
    }
  }
}

/// One way to write a forbidden target.
private struct Spelling: Sendable {
  let target: ForbiddenTarget
  private let scalars: [Unicode.Scalar]
  private let opensInsideWord: Bool
  private let closesInsideWord: Bool
  /// Short enough to turn up by chance across words, so its letters have to stand together or one by one.
  private let isAcronym: Bool
  private let isEverydayWord: Bool

  init(_ entry: String, of target: ForbiddenTarget) {
    let words = entry.filter { $0 != "*" && $0 != "?" }
    self.target = target
    scalars = SpelledText(words).scalars
    isEverydayWord = entry.hasPrefix("?")
    isAcronym = scalars.count <= 5 && !words.contains(" ") && scalars.allSatisfy(\.isASCII)
    // Scripts that write no spaces, or attach particles to the word, have no boundary to ask for.
    let hasOpenWords = scalars.contains { $0.value >= 0x590 }
    opensInsideWord = hasOpenWords || entry.hasPrefix("*")
    closesInsideWord = hasOpenWords || entry.hasSuffix("*")
  }

  func occurs(in text: SpelledText, as reading: SpelledText.Reading) -> Bool {
    let letters = text.letters
    guard !scalars.isEmpty, letters.count >= scalars.count, !isEverydayWord || reading == .plain else {
      return false
    }
    return (0...(letters.count - scalars.count)).contains { start in
      let end = start + scalars.count
      return zip(scalars, letters[start..<end]).allSatisfy { $0 == $1.scalar }
        && (opensInsideWord || letters[start].startsWord)
        && (closesInsideWord || text.isBoundary(end) || isPlural(endingAt: end, in: text))
        && (!isAcronym || standsTogether(start..<end, in: text))
        && (!isEverydayWord || isMeant(start..<end, in: text))
    }
  }

  private func isPlural(endingAt end: Int, in text: SpelledText) -> Bool {
    text.letters[end].scalar == "s" && text.isBoundary(end + 1)
  }

  /// "NPS", "N-PS" and "n p s", but not "c sat" in "person C sat down".
  private func standsTogether(_ range: Range<Int>, in text: SpelledText) -> Bool {
    let inner = text.letters[range].dropFirst()
    return !inner.contains(where: \.followsSpace) || isSpeltOut(range, in: text)
  }

  private func isSpeltOut(_ range: Range<Int>, in text: SpelledText) -> Bool {
    text.letters[range].allSatisfy(\.startsWord) && text.isBoundary(range.upperBound)
  }

  /// In capitals where not everything is, spelt out, or standing alone.
  private func isMeant(_ range: Range<Int>, in text: SpelledText) -> Bool {
    if range.count == text.letters.count || isSpeltOut(range, in: text) { return true }
    let isShouted = text.letters.allSatisfy { $0.isCapital || !$0.scalar.properties.isAlphabetic }
    return !isShouted && text.letters[range].allSatisfy(\.isCapital)
  }
}
