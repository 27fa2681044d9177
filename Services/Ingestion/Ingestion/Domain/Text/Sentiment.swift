import Foundation

/// How a text sounds, by its words alone: -1 (bitter) to 1 (glowing), 0 where it has no word that we know.
enum Sentiment {
  /// How far back a negation reaches, in words.
  private static let negationReach = 3
  /// What a negated word keeps of its weight, turned round: "not great" is less bad than "terrible" is.
  private static let negationFactor = -0.6
  /// The sum of weights at which the result is about three quarters of the way to an end.
  private static let scale = 4.0

  static func score(_ words: Words) -> Double {
    var before = 0.0
    var after = 0.0
    var hasTurned = false
    for (index, word) in words.words.enumerated() {
      if SentimentLexicon.turns.contains(word.text) { hasTurned = true }
      guard let weight = SentimentLexicon.weights[word.text] else { continue }
      let value = weight * factor(of: index, in: words.words)
      if hasTurned { after += value } else { before += value }
    }
    let sum = hasTurned ? before * 0.5 + after * 1.5 : before
    guard sum != 0 else { return 0 }
    // An exclamation mark adds to whatever is being said; beyond three they say nothing more.
    let emphasis = 1 + 0.1 * Double(min(words.exclamationMarks, 3))
    return rounded(tanh(sum * emphasis / scale))
  }

  private static func factor(of index: Int, in words: [Words.Word]) -> Double {
    var factor = words[index].isShouted ? 1.2 : 1
    var distance = 1
    var cursor = index
    while distance <= negationReach, cursor > 0, !words[cursor].startsClause {
      cursor -= 1
      if distance == 1, let degree = SentimentLexicon.degrees[words[cursor].text] { factor *= degree }
      if SentimentLexicon.negations.contains(words[cursor].text) {
        factor *= negationFactor
        break
      }
      distance += 1
    }
    return factor
  }

  /// Three decimals are more than it means, and they keep records short.
  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
