import Foundation

/// The gamma distribution, by shape and rate.
package struct GammaDistribution: Hashable, Sendable {
  package let shape: Double
  package let rate: Double

  package init(shape: Double, rate: Double) {
    self.shape = shape
    self.rate = rate
  }

  package var mean: Double { shape / rate }

  /// P(X ≤ x).
  package func cumulative(_ x: Double) -> Double { GammaFunction.lower(shape, x * rate) }

  /// The x with P(X ≤ x) = p, by bisection: exact to twelve digits, and it can't diverge.
  package func quantile(_ p: Double) -> Double {
    guard p > 0 else { return 0 }
    var low = 0.0
    var high = mean + 10 * shape.squareRoot() / rate + 10 / rate
    while cumulative(high) < p { high *= 2 }
    for _ in 0..<200 where high - low > 1e-12 * high {
      let middle = (low + high) / 2
      if cumulative(middle) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// The gamma function and its regularised incomplete forms.
package enum GammaFunction {
  /// ln Γ(x) for x > 0: Lanczos (1964) with g = 7 and nine coefficients, good to 15 digits.
  package static func logarithm(_ x: Double) -> Double {
    if x < 0.5 { return log(.pi / sin(.pi * x)) - logarithm(1 - x) }
    let y = x - 1
    let base = y + 7.5
    var sum = lanczos[0]
    for (index, coefficient) in lanczos.enumerated().dropFirst() { sum += coefficient / (y + Double(index)) }
    return 0.5 * log(2 * .pi) + (y + 0.5) * log(base) - base + log(sum)
  }

  /// P(a, x): the share of Γ(a) below x (DLMF 8.2.4). For whole a it is P(Poisson(x) ≥ a).
  package static func lower(_ a: Double, _ x: Double) -> Double {
    guard x > 0, a > 0 else { return a > 0 ? 0 : 1 }
    return x < a + 1 ? series(a, x) : 1 - continuedFraction(a, x)
  }

  /// Q(a, x) = 1 - P(a, x). For whole a it is P(Poisson(x) < a).
  package static func upper(_ a: Double, _ x: Double) -> Double {
    guard x > 0, a > 0 else { return a > 0 ? 1 : 0 }
    return x < a + 1 ? 1 - series(a, x) : continuedFraction(a, x)
  }

  /// DLMF 8.11.4.
  private static func series(_ a: Double, _ x: Double) -> Double {
    var term = 1 / a
    var sum = term
    var n = a
    while term > sum * 1e-17 {
      n += 1
      term *= x / n
      sum += term
    }
    return sum * exp(a * log(x) - x - logarithm(a))
  }

  /// DLMF 8.9.2, evaluated by Lentz's method.
  private static func continuedFraction(_ a: Double, _ x: Double) -> Double {
    var b = x + 1 - a
    var c = 1 / Double.leastNormalMagnitude
    var d = 1 / b
    var h = d
    for i in 1...1000 {
      let an = -Double(i) * (Double(i) - a)
      b += 2
      d = 1 / nonZero(an * d + b)
      c = nonZero(b + an / c)
      h *= d * c
      if abs(d * c - 1) < 1e-16 { break }
    }
    return exp(a * log(x) - x - logarithm(a)) * h
  }

  private static let lanczos = [
    0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
    -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
    1.505_632_735_149_311_6e-7,
  ]
}

/// Lentz's method divides by what may come out as zero.
func nonZero(_ value: Double) -> Double {
  abs(value) < .leastNormalMagnitude ? .leastNormalMagnitude : value
}
