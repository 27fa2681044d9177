import Foundation

/// The beta distribution.
package struct BetaDistribution: Hashable, Sendable {
  package let a: Double
  package let b: Double

  package init(_ a: Double, _ b: Double) {
    self.a = a
    self.b = b
  }

  /// P(X ≤ x): the regularised incomplete beta function (DLMF 8.17).
  package func cumulative(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = exp(
      a * log(x) + b * log(1 - x) + GammaFunction.logarithm(a + b) - GammaFunction.logarithm(a)
        - GammaFunction.logarithm(b)
    )
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(a, b, x) / a
      : 1 - front * fraction(b, a, 1 - x) / b
  }

  /// The x with P(X ≤ x) = p, by bisection.
  package func quantile(_ p: Double) -> Double {
    var low = 0.0
    var high = 1.0
    for _ in 0..<100 where high - low > 1e-15 {
      let middle = (low + high) / 2
      if cumulative(middle) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// DLMF 8.17.22, evaluated by Lentz's method.
  private func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    var c = 1.0
    var d = 1 / nonZero(1 - (a + b) * x / (a + 1))
    var h = d
    for i in 1...1000 {
      let m = Double(i)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonZero(1 + even * d)
      c = nonZero(1 + even / c)
      h *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonZero(1 + odd * d)
      c = nonZero(1 + odd / c)
      h *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return h
  }
}
