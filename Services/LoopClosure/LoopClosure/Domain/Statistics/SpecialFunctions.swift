import Foundation

/// Functions that the tests of this service need and Foundation doesn't have. All are deterministic; the tests hold
/// them against values computed with SciPy 1.17.
package enum SpecialFunctions {
  /// ln B(a, b), for a, b > 0.
  package static func logBeta(_ a: Double, _ b: Double) -> Double {
    logGamma(a) + logGamma(b) - logGamma(a + b)
  }

  /// ln Γ(x) for x > 0, by Stirling's series (DLMF 5.11.1) after shifting x above 10, where seven terms give full
  /// double precision. The C library's `lgamma` writes to a global, which concurrent callers would share.
  package static func logGamma(_ x: Double) -> Double {
    var shifted = x
    var product = 1.0
    while shifted < 10 {
      product *= shifted
      shifted += 1
    }
    let inverse = 1 / shifted
    let square = inverse * inverse
    let coefficients: [Double] = [
      1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156,
    ]
    var series = 0.0
    for coefficient in coefficients.reversed() { series = series * square + coefficient }
    let leading: Double = (shifted - 0.5) * log(shifted) - shifted
    return leading + halfLogTwoPi + series * inverse - log(product)
  }

  private static let halfLogTwoPi = 0.5 * log(2 * Double.pi)

  /// The regularised incomplete beta function Iₓ(a, b) = P(Beta(a, b) ≤ x), for a, b > 0.
  ///
  /// By the continued fraction DLMF 8.17.22, evaluated with Lentz's method; where it would converge slowly, through
  /// the symmetry Iₓ(a, b) = 1 - I₁₋ₓ(b, a).
  package static func regularisedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = exp(a * log(x) + b * log1p(-x) - logBeta(a, b))
    return x < (a + 1) / (a + b + 2)
      ? front * betaFraction(x, a, b) / a
      : 1 - front * betaFraction(1 - x, b, a) / b
  }

  private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var result = d
    // Converges within some √max(a, b) steps; the bound is for arguments that are no numbers.
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / away(1 + even * d)
      c = away(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / away(1 + odd * d)
      c = away(1 + odd / c)
      let factor = d * c
      result *= factor
      if abs(factor - 1) < 1e-15 { break }
    }
    return result
  }

  /// Φ(z): P(Z ≤ z) for a standard normal Z.
  package static func normalCumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// P(X ≥ x) for χ² with one degree of freedom.
  package static func chiSquaredOneTail(_ x: Double) -> Double { erfc((max(x, 0) / 2).squareRoot()) }

  /// P(X ≥ count) for X ~ Poisson(mean): 1 less the sum of the terms below, each from the one before.
  package static func poissonUpperTail(count: Int, mean: Double) -> Double {
    if count <= 0 { return 1 }
    if mean <= 0 { return 0 }
    var logTerm = -mean
    var below = exp(logTerm)
    for k in 1..<max(count, 1) {
      logTerm += log(mean / Double(k))
      below += exp(logTerm)
    }
    return max(0, 1 - below)
  }

  /// The two-sided quantile t with P(|T| ≤ t) = `confidence`, for Student's t with `degreesOfFreedom` ≥ 1.
  ///
  /// By bisection on P(|T| > t) = I_{ν/(ν+t²)}(ν/2, 1/2) (DLMF 8.17 with the definition of Student's t).
  package static func studentQuantile(confidence: Double, degreesOfFreedom: Int) -> Double {
    let freedom = Double(degreesOfFreedom)
    func outside(_ t: Double) -> Double { regularisedBeta(freedom / (freedom + t * t), freedom / 2, 0.5) }
    var low = 0.0
    var high = 1.0
    while outside(high) > 1 - confidence, high < 1e9 { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if outside(middle) > 1 - confidence { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
