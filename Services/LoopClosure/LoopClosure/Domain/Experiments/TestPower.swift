import Foundation

/// How likely a test of the planned size is to find what it looks for: a test that can't find anything earns nothing.
package enum TestPower {
  /// The one-sided 95 % point of the normal distribution, to match P(Δ > 0) ≥ 0.95.
  private static let criticalValue = 1.6448536269514722

  /// The power of one look with `unitsPerArm`, 0 to 1, to find a treatment proportion of `treatment` where the
  /// control's is `control`.
  ///
  /// Normal approximation for two proportions, variance pooled under the null and not under the alternative (Fleiss,
  /// Levin and Paik, "Statistical Methods for Rates and Proportions", 3rd edition, section 4.2).
  package static func ofSingleLook(unitsPerArm: Int, control: Double, treatment: Double) -> Double {
    guard unitsPerArm > 0, treatment > control else { return 0 }
    let mean = (control + treatment) / 2
    let underNull = (2 * mean * (1 - mean)).squareRoot()
    let underAlternative = (control * (1 - control) + treatment * (1 - treatment)).squareRoot()
    let distance = (treatment - control) * Double(unitsPerArm).squareRoot() - criticalValue * underNull
    guard underAlternative > 0 else { return distance >= 0 ? 1 : 0 }
    return SpecialFunctions.normalCumulative(distance / underAlternative)
  }

  /// The fewest units an arm with which one look has a power of at least one half: there the distance above is 0.
  package static func unitsForHalfPower(control: Double, treatment: Double) -> Int {
    let mean = (control + treatment) / 2
    let root = criticalValue * (2 * mean * (1 - mean)).squareRoot() / (treatment - control)
    return max(1, Int((root * root).rounded(.up)))
  }

  /// The same for the e-value, which pays for being looked at at any time.
  ///
  /// Every pair adds KL(a‖m) + KL(b‖m) to ln E on average, m the mean of the proportions; ln 20 has to be reached, and
  /// learning the proportions costs up to 2 more (simulated over eleven pairs of proportions from 0.02 to 0.98, the
  /// median crossing cost 0.8 to 1.9).
  package static func pairsForHalfPowerOfEValue(control: Double, treatment: Double) -> Int {
    let mean = (control + treatment) / 2
    let growth = divergence(control, mean) + divergence(treatment, mean)
    return max(1, Int(((log(EValue.threshold) + 2) / growth).rounded(.up)))
  }

  /// Kullback–Leibler divergence between two Bernoulli distributions, in nats.
  private static func divergence(_ p: Double, _ q: Double) -> Double {
    func part(_ p: Double, _ q: Double) -> Double { p > 0 ? p * log(p / q) : 0 }
    return part(p, q) + part(1 - p, 1 - q)
  }
}
