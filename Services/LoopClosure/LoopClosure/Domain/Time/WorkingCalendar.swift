package import Contracts
import Foundation

/// When a programme works, ready for reckoning: intervals by weekday, less holidays, read in an IANA time zone.
///
/// A wall-clock time that comes twice (clocks go back) means the first of the two; one that doesn't come at all
/// (clocks go forward) means the moment of the jump. So an interval is as long as the time really worked in it.
package struct WorkingCalendar: Sendable {
  /// Open intervals in minutes after local midnight, Monday first.
  private let week: [[BusinessCalendar.Interval]]
  /// Days since 1970-01-01 in the programme's time zone.
  private let holidays: Set<Int>
  private let timeZone: TimeZone

  /// How far ahead working time is looked for. A calendar that has too little of it within ten years is as good as
  /// closed: what is due falls on the last day.
  private static let horizonDays = 3660

  /// - Throws: `Fault` with reason `invalidCalendar`, naming what is wrong with it.
  package init(_ calendar: BusinessCalendar, timeZone name: String) throws(Fault) {
    guard let zone = TimeZone(identifier: name) else {
      throw .invalidCalendar("'\(name)' is no IANA time zone such as Europe/Lisbon", field: "timeZone")
    }
    timeZone = zone
    var week = [[BusinessCalendar.Interval]](repeating: [], count: 7)
    for (weekday, intervals) in calendar.intervals {
      guard let number = Int(weekday), (1...7).contains(number) else {
        throw .invalidCalendar("'\(weekday)' is no ISO weekday from \"1\" to \"7\"", field: "calendar.intervals")
      }
      var end = 0
      for interval in intervals {
        guard interval.startMinute >= end, interval.endMinute > interval.startMinute, interval.endMinute <= 1440 else {
          throw .invalidCalendar(
            "the intervals of weekday \(weekday) must come in order, without overlap, within 0 to 1440 minutes",
            field: "calendar.intervals"
          )
        }
        end = interval.endMinute
      }
      week[number - 1] = intervals
    }
    guard week.contains(where: { !$0.isEmpty }) else {
      throw .invalidCalendar("a week needs at least one working interval", field: "calendar.intervals")
    }
    self.week = week
    var days: Set<Int> = []
    for holiday in calendar.holidays {
      guard holiday.utf8.count == 10, let midnight = Timestamp(rfc3339: "\(holiday)T00:00:00Z") else {
        throw .invalidCalendar("'\(holiday)' is no day such as 2026-12-25", field: "calendar.holidays")
      }
      days.insert(Int(midnight.milliseconds / WorkingCalendar.dayMilliseconds))
    }
    holidays = days
  }

  /// Monday to Friday, nine to five, UTC: what holds until the programme's own calendar is known.
  package static let standard: WorkingCalendar = {
    do {
      return try WorkingCalendar(.weekdaysNineToFive, timeZone: "UTC")
    } catch {
      preconditionFailure("the standard calendar is valid: \(error)")
    }
  }()

  // MARK: Spans of working time

  /// A stretch of working time: from `start` up to, and without, `end`.
  package struct Span: Hashable, Sendable {
    package var start: Timestamp
    package var end: Timestamp
  }

  /// The working spans that end after `instant`, in order, the first cut to begin no earlier than `instant`.
  package func spans(from instant: Timestamp) -> some Sequence<Span> {
    let firstDay = localDay(of: instant)
    return (firstDay...(firstDay + WorkingCalendar.horizonDays)).lazy
      .flatMap { spans(onDay: $0) }
      .filter { $0.end > instant }
      .map { Span(start: max($0.start, instant), end: $0.end) }
  }

  /// Whether `instant` is working time.
  package func isOpen(at instant: Timestamp) -> Bool {
    spans(onDay: localDay(of: instant)).contains { $0.start <= instant && instant < $0.end }
  }

  /// `instant` itself in working time, else the next moment of it.
  package func nextOpening(from instant: Timestamp) -> Timestamp {
    spans(from: instant).first { _ in true }?.start ?? instant
  }

  /// The working spans of a local day; empty on holidays.
  func spans(onDay day: Int) -> [Span] {
    guard !holidays.contains(day) else { return [] }
    return week[weekdayIndex(day)].compactMap { interval in
      let start = instant(day: day, minute: interval.startMinute)
      let end = instant(day: day, minute: interval.endMinute)
      return start < end ? Span(start: start, end: end) : nil
    }
  }

  /// Whether anyone works on a local day.
  func isBusinessDay(_ day: Int) -> Bool { !holidays.contains(day) && !week[weekdayIndex(day)].isEmpty }

  // MARK: Local days

  private static let dayMilliseconds: Int64 = 86_400_000

  /// 1970-01-01 was a Thursday; Monday is 0.
  private func weekdayIndex(_ day: Int) -> Int { ((day + 3) % 7 + 7) % 7 }

  /// Days since 1970-01-01 on the programme's clocks.
  package func localDay(of instant: Timestamp) -> Int {
    let local = instant.milliseconds + offset(at: instant.milliseconds)
    return Int((Double(local) / Double(WorkingCalendar.dayMilliseconds)).rounded(.down))
  }

  /// `YYYY-MM` on the programme's clocks.
  package func localMonth(of instant: Timestamp) -> String {
    String(Timestamp(milliseconds: instant.milliseconds + offset(at: instant.milliseconds)).description.prefix(7))
  }

  /// The local midnight with which the Monday of `instant`'s week begins.
  package func startOfWeek(containing instant: Timestamp) -> Timestamp {
    let day = localDay(of: instant)
    return self.instant(day: day - weekdayIndex(day), minute: 0)
  }

  /// The local midnight `days` after that of `instant`.
  package func midnight(daysAfter days: Int, _ instant: Timestamp) -> Timestamp {
    self.instant(day: localDay(of: instant) + days, minute: 0)
  }

  /// When the programme's clocks show `minute` after midnight of `day`.
  private func instant(day: Int, minute: Int) -> Timestamp {
    let wall = Int64(day) * WorkingCalendar.dayMilliseconds + Int64(minute) * 60_000
    // No zone is further than 14 hours from UTC nor changes twice within two days: these two offsets are the one
    // before and the one after a change that may lie near.
    let before = offset(at: wall - WorkingCalendar.dayMilliseconds)
    let after = offset(at: wall + WorkingCalendar.dayMilliseconds)
    let first = wall - before
    if before == after || offset(at: first) == before { return Timestamp(milliseconds: first) }
    let second = wall - after
    if offset(at: second) == after { return Timestamp(milliseconds: second) }
    return Timestamp(milliseconds: jump(between: second, and: first, to: after))
  }

  /// The first moment at which the offset is `after`, by bisection.
  private func jump(between low: Int64, and high: Int64, to after: Int64) -> Int64 {
    var low = low
    var high = high
    while high - low > 1 {
      let middle = (low + high) / 2
      if offset(at: middle) == after { high = middle } else { low = middle }
    }
    return high
  }

  /// Milliseconds that the programme's clocks are ahead of UTC.
  private func offset(at milliseconds: Int64) -> Int64 {
    Int64(timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000))) * 1000
  }
}

extension Fault {
  static func invalidCalendar(_ message: String, field: String) -> Fault {
    Fault(.invalidArgument, reason: "invalidCalendar", message, field: field)
  }
}
