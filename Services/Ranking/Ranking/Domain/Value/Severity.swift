package import Contracts

/// How much one piece of feedback hurts, 0 to 1: from its signals and words. Scores have no part in it.
package enum Severity {
  /// Seven parts what it is a sign of, two parts urgency, one part how bad the words sound.
  package static func of(_ feedback: Feedback) -> Double {
    let signal = feedback.signals.compactMap(\.known).map(weight).max() ?? unsigned(feedback.sentiment)
    let value = 0.7 * signal + 0.2 * feedback.urgency + 0.1 * max(0, -feedback.sentiment)
    return min(1, max(0, value))
  }

  /// A theme's mean, drawn towards the middle as if three items of middling severity had come first.
  package static func mean(sum: Double, items: Int) -> Double {
    (sum + 3 * middling) / (Double(items) + 3)
  }

  static let middling = 0.4

  /// From here on feedback says a need: wishes, workarounds, complaints and reasons to leave do, urgent questions and
  /// words that sound bad without being a known sign too; plain statements, questions and praise don't.
  package static let ofANeed = 0.3

  /// A customer who leaves weighs most; praise hardly anything, since it asks for no change.
  private static func weight(_ signal: Signal) -> Double {
    switch signal {
    case .churnReason: 1
    case .complaint: 0.8
    case .workaround: 0.7
    case .wish: 0.6
    case .question: 0.3
    case .praise: 0.05
    }
  }

  /// Where nothing was recognised, the sound of the words has to do: from 0.7 where it is bitter over 0.2 where it is
  /// plain to that of praise where it is glowing.
  private static func unsigned(_ sentiment: Double) -> Double {
    0.2 - (sentiment < 0 ? 0.5 : 0.15) * min(1, max(-1, sentiment))
  }
}
