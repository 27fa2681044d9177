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
    package fileprivate(set) var recovered: Int?
  }

  package let changes: [Change]

  /// Days of history before anything can be called unusual, and after which what was unusual is normal.
  package static let daysToLearn = 14
  /// The normal rate is the mean of up to this many days.
  package static let memoryDays = 28
  /// Drift that is let pass, in standard deviations a day.
  package static let allowance = 0.75
  /// Sum at which it is called a change: about one false alarm in four years of quiet days at 20 items a day
  /// (simulated, 40 years).
  package static let decision = 6.0
  package static let daysToRecover = 3

  /// - Parameter counts: items of complete days, the oldest first, without gaps.
  package init(in counts: [Int]) {
    var watch = Watch()
    for (day, count) in counts.enumerated() { watch.see(count, on: day) }
    changes = watch.changes
  }

  /// Anscombe's root: counts of any size get a spread of about one. Half an item keeps empty days apart from nothing.
  static func deviation(of count: Int, from normal: Double) -> Double {
    2 * ((Double(count) + 0.375).squareRoot() - (normal + 0.375).squareRoot())
  }

  /// Sees one day after the other, and never looks ahead.
  private struct Watch {
    private(set) var changes: [Change] = []
    /// Normal days, the oldest first.
    private var history: [(day: Int, count: Int)] = []
    private var sums = Sums()
    private var disturbance: Disturbance?

    private struct Disturbance {
      let started: Int
      var days: [(day: Int, count: Int)]
      var calmDays = 0
    }

    mutating func see(_ count: Int, on day: Int) {
      if let disturbance {
        endure(disturbance, count, on: day)
      } else if history.count < daysToLearn {
        history.append((day, count))
      } else {
        compare(count, on: day)
      }
    }

    /// Days that have begun to drift are not what is normal.
    private func normalRate() -> Double {
      let settled = sums.firstDrift.map { drift in history.filter { $0.day < drift } } ?? history
      let base = (settled.isEmpty ? history : settled).suffix(memoryDays)
      return Double(base.reduce(0) { $0 + $1.count }) / Double(base.count)
    }

    private mutating func compare(_ count: Int, on day: Int) {
      let normal = normalRate()
      history.append((day, count))
      if history.count > 2 * memoryDays { history.removeFirst() }
      sums.add(deviation(of: count, from: normal), on: day)
      guard let started = sums.alarm else { return }
      let since = history.filter { $0.day >= started }
      history.removeAll { $0.day >= started }
      sums = Sums()
      disturbance = Disturbance(started: started, days: since)
      changes.append(
        Change(
          started: started,
          detected: day,
          rateBefore: normal,
          rateSince: Double(since.reduce(0) { $0 + $1.count }) / Double(max(1, since.count)),
          recovered: nil
        )
      )
    }

    /// Until it is as before for some days, or has lasted so long that it is normal now.
    private mutating func endure(_ current: Disturbance, _ count: Int, on day: Int) {
      var current = current
      current.days.append((day, count))
      let isCalm = abs(deviation(of: count, from: changes[changes.count - 1].rateBefore)) < 2
      current.calmDays = isCalm ? current.calmDays + 1 : 0
      disturbance = current
      if current.calmDays == daysToRecover {
        changes[changes.count - 1].recovered = day - daysToRecover + 1
        history += current.days.suffix(daysToRecover)
        disturbance = nil
      } else if day - current.started >= daysToLearn {
        history = current.days
        disturbance = nil
      }
    }
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
