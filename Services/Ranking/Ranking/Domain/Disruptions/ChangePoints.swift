import Foundation

/// Change-points in a series of daily counts, by two cumulative sums (Page 1954) on the scale of Poisson deviations.
package struct ChangePoints: Hashable, Sendable {
  package struct Change: Hashable, Sendable {
    /// Index of the day it began, and of the day it was noticed.
    package let started: Int
    package let detected: Int
    /// Items a day before, and since until it was noticed.
    package let rateBefore: Double
    package let rateSince: Double
    /// Index of the day from which it had been as before for `daysToRecover` days; nil where it hasn't yet.
    package let recovered: Int?
  }

  package let changes: [Change]

  /// Days of history before anything can be called unusual.
  package static let daysToLearn = 14
  /// The normal rate is the mean of up to this many days.
  package static let memoryDays = 28
  /// Drift that is let pass, in standard deviations a day.
  package static let allowance = 0.75
  /// Sum at which it is called a change: with this allowance a false alarm about every 5 years of quiet days.
  package static let decision = 6.0
  package static let daysToRecover = 3

  /// - Parameter counts: items of complete days, the oldest first, without gaps.
  package init(in counts: [Int]) {
    var found: [Change] = []
    var learnFrom = 0
    var day = ChangePoints.daysToLearn
    var sums = Sums()
    while day < counts.count {
      let base = counts[max(learnFrom, day - ChangePoints.memoryDays)..<day]
      // Days that have begun to drift are not what is normal.
      let calm = sums.firstDrift.map { base.prefix(upTo: max(base.startIndex, min($0, base.endIndex))) } ?? base
      let normal =
        Double((calm.isEmpty ? base : calm).reduce(0, +)) / Double(max(1, (calm.isEmpty ? base : calm).count))
      sums.add(ChangePoints.deviation(of: counts[day], from: normal), on: day)
      if let started = sums.alarm {
        let since = counts[started...day]
        found.append(
          Change(
            started: started,
            detected: day,
            rateBefore: normal,
            rateSince: Double(since.reduce(0, +)) / Double(since.count),
            recovered: ChangePoints.recovery(in: counts, after: day, normal: normal)
          )
        )
        // What comes after is measured against itself.
        learnFrom = started
        day = max(day + 1, started + ChangePoints.daysToLearn)
        sums = Sums()
      } else {
        day += 1
      }
    }
    changes = found
  }

  /// Anscombe's root: counts of any size get a spread of about one. Half an item keeps empty days apart from nothing.
  static func deviation(of count: Int, from normal: Double) -> Double {
    2 * ((Double(count) + 0.375).squareRoot() - (normal + 0.375).squareRoot())
  }

  private static func recovery(in counts: [Int], after day: Int, normal: Double) -> Int? {
    var calmDays = 0
    for index in (day + 1)..<max(day + 1, counts.count) {
      calmDays = abs(deviation(of: counts[index], from: normal)) < 2 ? calmDays + 1 : 0
      if calmDays == daysToRecover { return index - daysToRecover + 1 }
    }
    return nil
  }

  private struct Sums {
    private var up = 0.0
    private var down = 0.0
    private var upSince: Int?
    private var downSince: Int?

    var firstDrift: Int? { [upSince, downSince].compactMap { $0 }.min() }

    var alarm: Int? {
      if up > ChangePoints.decision { return upSince }
      return down > ChangePoints.decision ? downSince : nil
    }

    mutating func add(_ deviation: Double, on day: Int) {
      up = max(0, up + deviation - ChangePoints.allowance)
      down = max(0, down - deviation - ChangePoints.allowance)
      upSince = up > 0 ? upSince ?? day : nil
      downSince = down > 0 ? downSince ?? day : nil
    }
  }
}
