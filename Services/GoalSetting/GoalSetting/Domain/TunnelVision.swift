package import Contracts
import Foundation

/// Whether a programme's goals make it lose something else from sight.
package enum TunnelVision {
  /// A Herfindahl index above this is a warning.
  package static let concentrationLimit = 0.5

  /// Indices over the running goals' weights, with a warning for each that is too high.
  ///
  /// A goal weighs what it pays where all pay in one currency, else as much as any other. A goal without a touchpoint
  /// concerns the whole journey: it dilutes `byTouchpoint` and concentrates nothing.
  package static func report(on goals: [Goal], drifts: [Drift] = []) -> TunnelVisionReport {
    let open = goals.filter { $0.state == .running || $0.state == .achieved }
    let weights = weights(of: open)
    let byKind = herfindahl(zip(open, weights).map { ($0.kind.rawValue, $1) })
    let byTouchpoint = herfindahl(zip(open, weights).map { ($0.touchpoint, $1) })
    var warnings: [String] = []
    if byKind.index > concentrationLimit, let heaviest = byKind.heaviest {
      warnings.append(
        "\(percent(byKind.share)) of what the goals weigh is on \"\(heaviest)\": add a goal of another kind."
      )
    }
    if byTouchpoint.index > concentrationLimit, let heaviest = byTouchpoint.heaviest {
      warnings.append(
        "\(percent(byTouchpoint.share)) of what the goals weigh is on the touchpoint \"\(heaviest)\": look at others."
      )
    }
    warnings += drifts.filter(\.isTunnelling).map(\.warning)
    return TunnelVisionReport(byKind: byKind.index, byTouchpoint: byTouchpoint.index, warnings: warnings)
  }

  private static func weights(of goals: [Goal]) -> [Double] {
    let amounts = goals.compactMap(\.reward.monetary).filter { $0.amount > 0 }
    guard amounts.count == goals.count, Set(amounts.map(\.currency)).count <= 1 else {
      return goals.map { _ in 1 }
    }
    return amounts.map { NSDecimalNumber(decimal: $0.amount).doubleValue }
  }

  /// Σ share², 0 where there is nothing; an unnamed group adds to the whole only.
  private static func herfindahl(
    _ weighted: [(group: String?, weight: Double)]
  ) -> (index: Double, heaviest: String?, share: Double) {
    let whole = weighted.map(\.weight).reduce(0, +)
    guard whole > 0 else { return (0, nil, 0) }
    var shares: [String: Double] = [:]
    for case (let group?, let weight) in weighted { shares[group, default: 0] += weight / whole }
    let heaviest = shares.max { ($0.value, $1.key) < ($1.value, $0.key) }
    return (shares.values.map { $0 * $0 }.reduce(0, +), heaviest?.key, heaviest?.value ?? 0)
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

/// How a goal's measure and its counter-metric moved over the last four weeks against the weeks before.
package struct Drift: Sendable {
  package static let recentWeeks = 4
  /// Fewer weeks say nothing about what is usual.
  package static let leastHistoryWeeks = 6

  package let goal: Goal
  /// In standard deviations of the history; above 0 is better.
  package let measure: Double
  package let counter: Double

  /// - Parameters:
  ///   - measure: weekly figures of what the goal counts, oldest first.
  ///   - counter: weekly figures of the counter-metric over the same weeks.
  /// - Returns: nil where the history is too short.
  package init?(goal: Goal, measure: [Double], counter: [Double], counterIsBetterHigh: Bool) {
    guard let measured = Self.shift(measure), let countered = Self.shift(counter) else { return nil }
    self.goal = goal
    self.measure = measured
    self.counter = counterIsBetterHigh ? countered : -countered
  }

  /// The measure improved by at least one standard deviation while the counter-metric worsened by as much.
  package var isTunnelling: Bool { measure >= 1 && counter <= -1 }

  var warning: String {
    """
    "\(goal.behaviour)" rose while \(goal.counterMetric) got worse by \(String(format: "%.1f", -counter)) standard \
    deviations over \(Self.recentWeeks) weeks: look at both together.
    """
  }

  /// (mean of the last four weeks − mean before) ÷ standard deviation before.
  private static func shift(_ weeks: [Double]) -> Double? {
    let before = weeks.dropLast(recentWeeks)
    guard before.count >= leastHistoryWeeks else { return nil }
    let mean = before.reduce(0, +) / Double(before.count)
    let variance = before.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(before.count - 1)
    let recent = weeks.suffix(recentWeeks).reduce(0, +) / Double(recentWeeks)
    // A history without any variation makes every change infinitely unusual; one deed a week is then the yardstick.
    return (recent - mean) / (variance > 0 ? variance.squareRoot() : 1)
  }
}
