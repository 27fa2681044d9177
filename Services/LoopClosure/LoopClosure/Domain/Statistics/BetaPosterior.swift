import Foundation

/// What is known of a proportion after `happened` of `units`, from a flat start: Beta(1 + happened, 1 + rest).
package struct BetaPosterior: Hashable, Sendable {
  package let alpha: Double
  package let beta: Double

  package init(units: Int, happened: Int) {
    alpha = 1 + Double(happened)
    beta = 1 + Double(units - happened)
  }

  package var mean: Double { alpha / (alpha + beta) }

  package var standardDeviation: Double {
    (alpha * beta / ((alpha + beta) * (alpha + beta) * (alpha + beta + 1))).squareRoot()
  }

  package func density(_ x: Double) -> Double {
    guard x > 0, x < 1 else { return 0 }
    let logDensity = (alpha - 1) * log(x) + (beta - 1) * log1p(-x) - SpecialFunctions.logBeta(alpha, beta)
    return exp(logDensity)
  }

  package func cumulative(_ x: Double) -> Double { SpecialFunctions.regularisedBeta(x, alpha, beta) }

  /// P(treatment - control > margin) for independent posteriors: ∫ control(x) · P(treatment > x + margin) dx.
  ///
  /// Deterministic: Gauss–Legendre with 8 points on panels of half a standard deviation, over the 40 standard
  /// deviations around the mean that hold all but e⁻⁴⁰ of even an exponential tail. The error is below 10⁻¹⁰.
  package static func probability(
    treatment: BetaPosterior,
    exceeds control: BetaPosterior,
    byMoreThan margin: Double
  ) -> Double {
    let reach = 40 * control.standardDeviation
    let low = max(0, control.mean - reach)
    let high = min(1, control.mean + reach)
    // Where x + margin leaves 0...1 the other factor is constant: a kink, so panels must not straddle it.
    let kinks = [-margin, 1 - margin].filter { $0 > low && $0 < high }.sorted()
    let edges = [low] + kinks + [high]
    var total = 0.0
    for (from, to) in zip(edges, edges.dropFirst()) {
      let panels = max(1, Int(((to - from) / (control.standardDeviation / 2)).rounded(.up)))
      total += GaussLegendre.integrate(from: from, to: to, panels: panels) { x in
        control.density(x) * (1 - treatment.cumulative(x + margin))
      }
    }
    return min(1, max(0, total))
  }
}

/// Gauss–Legendre quadrature of 8 points a panel (Abramowitz and Stegun, table 25.4).
enum GaussLegendre {
  private static let nodes = [
    (0.1834346424956498, 0.3626837833783620), (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745), (0.9602898564975363, 0.1012285362903763),
  ]

  static func integrate(from low: Double, to high: Double, panels: Int, _ function: (Double) -> Double) -> Double {
    let half = (high - low) / Double(panels) / 2
    return (0..<panels).reduce(0) { total, panel in
      let centre = low + half * Double(2 * panel + 1)
      return total
        + half
        * nodes.reduce(0) { sum, node in
          sum + node.1 * (function(centre - half * node.0) + function(centre + half * node.0))
        }
    }
  }
}
