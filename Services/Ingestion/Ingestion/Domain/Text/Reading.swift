package import Contracts

/// What can be read off a verbatim without knowing anything else.
package struct Reading: Hashable, Sendable {
  package var signals: [Signal]
  /// 0 (can wait) to 1 (now).
  package var urgency: Double
  /// -1 to 1.
  package var sentiment: Double

  /// - Parameter language: a BCP 47 tag. Words are read in English only; of other languages the question marks are.
  package init(_ text: String, language: String) {
    let words = Words(text)
    guard LanguageTag.mayBeEnglish(language) else {
      signals = words.questionMarks > 0 ? [.question] : []
      urgency = 0
      sentiment = 0
      return
    }
    sentiment = Sentiment.score(words)
    signals = Reading.signals(words, sentiment: sentiment)
    urgency = Reading.urgency(words)
  }

  /// From here on the tone alone makes a text a complaint or praise, whatever its words are.
  private static let clearTone = 0.7

  private static func signals(_ words: Words, sentiment: Double) -> [Signal] {
    var found: Set<Signal> = []
    for match in Cues.signals.matches(in: words.words) where !isNegated(match, in: words.words) {
      found.insert(match.meaning)
    }
    if words.questionMarks > 0 { found.insert(.question) }
    if sentiment <= -clearTone { found.insert(.complaint) }
    if sentiment >= clearTone { found.insert(.praise) }
    return Signal.allCases.filter(found.contains)
  }

  /// "Not excellent" is no praise, "no complaints" no complaint, "never disappointed" neither.
  private static func isNegated(_ match: PhraseTable<Signal>.Match, in words: [Words.Word]) -> Bool {
    guard match.meaning == .praise || match.meaning == .complaint else { return false }
    var index = match.range.lowerBound
    for _ in 0..<2 where index > 0 && !words[index].startsClause {
      index -= 1
      if SentimentLexicon.negations.contains(words[index].text) { return true }
    }
    return false
  }

  /// Each cue leaves less room for the rest: 1 - Π(1 - weight), so that no number of cues exceeds 1.
  private static func urgency(_ words: Words) -> Double {
    var calm = 1.0
    var seen: Set<Range<Int>> = []
    for match in UrgencyCues.weights.matches(in: words.words) where seen.insert(match.range).inserted {
      calm *= 1 - match.meaning
    }
    guard calm < 1 else { return 0 }
    calm *= 1 - 0.05 * Double(min(words.exclamationMarks, 3))
    return ((1 - calm) * 1000).rounded() / 1000
  }
}
