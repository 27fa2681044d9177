package import Contracts

/// Items of a theme by day, and what they say about its growth.
package struct Growth: Hashable, Sendable {
  /// Items in the last seven days.
  package var recent: Int
  /// Items in the up to eight weeks before.
  package var before: Int
  /// How long "before" was, in weeks.
  package var weeksBefore: Double

  package init(recent: Int, before: Int, weeksBefore: Double) {
    self.recent = recent
    self.before = before
    self.weeksBefore = weeksBefore
  }

  /// - Parameters:
  ///   - days: items by day, days counted from 1970-01-01.
  ///   - today: the last day there is.
  ///   - firstDay: the first day from which the programme has feedback at all: before it, silence says nothing.
  package init(days: [Int: Int], today: Int, firstDay: Int) {
    let weekStart = today - 6
    let historyStart = max(firstDay, weekStart - 56)
    recent = days.reduce(0) { $0 + ((weekStart...today).contains($1.key) ? $1.value : 0) }
    before = days.reduce(0) { $0 + ($1.key >= historyStart && $1.key < weekStart ? $1.value : 0) }
    weeksBefore = Double(max(0, weekStart - historyStart)) / 7
  }

  /// The ratio of the two rates with a 90 % interval.
  ///
  /// Each rate is gamma with Jeffreys' prior, so their ratio is a beta prime: odds of Beta(x₁ + ½, x₀ + ½), times the
  /// ratio of the spans. Under a week of history nothing is known, and the prior alone speaks.
  package var trend: Trend {
    let isKnown = weeksBefore >= 1
    let share = isKnown ? BetaDistribution(Double(recent) + 0.5, Double(before) + 0.5) : BetaDistribution(0.5, 0.5)
    let span = isKnown ? weeksBefore : 1
    func ratio(_ p: Double) -> Double {
      let x = share.quantile(p)
      return x / max(1 - x, 1e-9) * span
    }
    return Trend(ratio: ratio(0.5), low: ratio(0.05), high: ratio(0.95))
  }

  /// Twelve weeks, the oldest first, that end with `today`.
  package static func weeks(of days: [Int: Int], today: Int) -> [Int] {
    var weeks = Array(repeating: 0, count: 12)
    for (day, items) in days {
      let age = (today - day) / 7
      if today >= day, age < weeks.count { weeks[weeks.count - 1 - age] += items }
    }
    return weeks
  }
}
