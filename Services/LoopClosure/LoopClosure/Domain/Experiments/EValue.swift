import Foundation

/// Evidence against "treatment is at most `margin` above control", which may be looked at after every pair.
///
/// The e-process for two proportions of Turner, Ly and Grünwald (2024, "Generic E-variables for exact sequential
/// k-sample tests that allow for optional stopping"): every pair of arrivals multiplies E by the likelihood of the
/// pair under the alternative, learned from the pairs *before* it with a Beta(0.18, 0.18) start in each arm, over its
/// likelihood under the nearest null. Under the null the probability that E ever reaches 20 is at most 1/20 (Ville).
///
/// With margin 0 the nearest null gives both arms the mean of the two proportions. With a margin h the nearest null is
/// (t, t + h) with t minimising the Kullback–Leibler divergence from the alternative. Where the alternative itself
/// lies in the null, the factor is 1.
package struct EValue: Hashable, Sendable, Codable {
  /// Outcomes of complete pairs only.
  package private(set) var pairs: Int
  package private(set) var controlHappened: Int
  package private(set) var treatmentHappened: Int
  package private(set) var logValue: Double
  /// The highest that it ever was: crossing counts "at any time".
  package private(set) var highestLogValue: Double
  package let margin: Double

  package init(
    margin: Double = 0,
    pairs: Int = 0,
    controlHappened: Int = 0,
    treatmentHappened: Int = 0,
    logValue: Double = 0,
    highestLogValue: Double = 0
  ) {
    self.margin = margin
    self.pairs = pairs
    self.controlHappened = controlHappened
    self.treatmentHappened = treatmentHappened
    self.logValue = logValue
    self.highestLogValue = highestLogValue
  }

  /// E at its highest. At 1,000,000 it is cut off: no decision needs more, and infinity is no JSON number.
  package var value: Double { min(exp(highestLogValue), 1_000_000) }

  /// E ≥ 20 was reached: significant at 5 %, whenever one looks.
  package func hasReached(_ threshold: Double = EValue.threshold) -> Bool { highestLogValue >= log(threshold) }

  package static let threshold = 20.0
  private static let prior = 0.18

  /// Takes in the outcomes of one pair of arrivals.
  package mutating func observe(control: Bool, treatment: Bool) {
    let weight = Double(pairs) + 2 * EValue.prior
    let a = (Double(controlHappened) + EValue.prior) / weight
    let b = (Double(treatmentHappened) + EValue.prior) / weight
    // 10⁻¹² keeps the comparison on the null's boundary from being decided by rounding.
    if b - a > margin + 1e-12 {
      let (nullA, nullB) = EValue.nearestNull(a, b, margin: margin)
      logValue += EValue.logRatio(control, a, nullA) + EValue.logRatio(treatment, b, nullB)
      highestLogValue = max(highestLogValue, logValue)
    }
    pairs += 1
    controlHappened += control ? 1 : 0
    treatmentHappened += treatment ? 1 : 0
  }

  private static func logRatio(_ happened: Bool, _ alternative: Double, _ null: Double) -> Double {
    happened ? log(alternative / null) : log((1 - alternative) / (1 - null))
  }

  /// The proportions with treatment - control = margin that are nearest to (a, b): by bisection on the derivative of
  /// KL(a‖t) + KL(b‖t+h), which rises with t.
  static func nearestNull(_ a: Double, _ b: Double, margin: Double) -> (Double, Double) {
    if margin == 0 {
      let mean = (a + b) / 2
      return (mean, mean)
    }
    func slope(_ t: Double) -> Double {
      let s = t + margin
      return (t - a) / (t * (1 - t)) + (s - b) / (s * (1 - s))
    }
    // The slope is negative at a (there b is above a + h) and positive at b - h.
    var low = a
    var high = b - margin
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    let t = (low + high) / 2
    return (t, t + margin)
  }
}
