import Contracts
import Foundation
import LoopClosure
import Testing

/// An instant from its RFC 3339 text; seconds and `Z` may be left out: `2026-03-02T09:00`.
func instant(_ text: String) throws -> Timestamp {
  try #require(Timestamp(rfc3339: text.count == 16 ? "\(text):00Z" : text), "'\(text)' is an instant")
}

func interval(_ start: Int, _ end: Int) -> BusinessCalendar.Interval {
  BusinessCalendar.Interval(startMinute: start * 60, endMinute: end * 60)
}

/// Every weekday the same intervals, given in hours.
func weekdays(_ intervals: [BusinessCalendar.Interval], holidays: [String] = []) -> BusinessCalendar {
  BusinessCalendar(
    intervals: Dictionary(uniqueKeysWithValues: (1...5).map { ("\($0)", intervals) }),
    holidays: holidays
  )
}
