/// What to call a theme, and the words that set it apart.
package struct ThemeDescription: Hashable, Sendable {
  package var title: String
  package var keywords: [String]
}

extension ThemeModel {
  /// Names a theme by what its items say, those that hurt above all, and the rest of the programme doesn't.
  /// - Parameters:
  ///   - verbatims: some of its items; where there are none, the description is empty.
  ///   - title: what it is called so far. It keeps its name for as long as that says it about as well as another.
  package func describe(_ verbatims: [Verbatim], called title: String = "") -> ThemeDescription {
    let phrases = frequencies.phrases(of: verbatims)
    return ThemeDescription(
      title: ThemeTitle.choose(from: phrases, over: title),
      keywords: phrases.prefix(ThemeDescription.keywordCount).map(\.text)
    )
  }
}

extension ThemeDescription {
  fileprivate static let keywordCount = 8
}

/// The rules by which a theme gets its title, and by which the title changes.
private enum ThemeTitle {
  /// The first phrase is in at least this part of what the theme says.
  private static let leastShare = 0.25
  /// A pair says more than its word alone, where at least this part of what has the word has the pair.
  private static let leastPairShare = 0.2
  /// The title stays while its first phrase tells at least this part of what the best one would.
  private static let loyalty = 0.8

  static func choose(from phrases: [Phrase], over current: String) -> String {
    let usable = phrases.filter(\.canStandAlone)
    guard let word = usable.first(where: { $0.share >= leastShare }) ?? phrases.first else { return "" }
    let first = fuller(word, among: usable)
    if let known = firstPhrase(of: current, among: phrases), known.score >= loyalty * first.score { return current }
    let second = usable.first { isWorthAdding(fuller($0, among: usable), to: first) }
      .map { fuller($0, among: usable) }
    let text = [first, second].compactMap { $0?.text }.joined(separator: ", ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private static func fuller(_ phrase: Phrase, among phrases: [Phrase]) -> Phrase {
    guard !phrase.isPair else { return phrase }
    return phrases.first {
      $0.isPair && $0.stems.isSuperset(of: phrase.stems) && $0.share >= leastPairShare * phrase.share
    } ?? phrase
  }

  /// A pair needs company only of something as strong; a single word is glad of anything that sets the theme apart.
  private static func isWorthAdding(_ phrase: Phrase, to first: Phrase) -> Bool {
    guard phrase.stems.isDisjoint(with: first.stems) else { return false }
    return first.isPair
      ? phrase.share >= 0.25 * first.share && phrase.score >= first.score / 3
      : phrase.share >= 0.125 * first.share && phrase.lift >= 3
  }

  /// The first phrase of a title, where all of its phrases are still said.
  private static func firstPhrase(of title: String, among phrases: [Phrase]) -> Phrase? {
    let parts = title.lowercased().split(separator: ", ").map(String.init)
    let known = parts.compactMap { part in phrases.first { $0.forms.contains(part) } }
    return known.count == parts.count ? known.first : nil
  }
}
