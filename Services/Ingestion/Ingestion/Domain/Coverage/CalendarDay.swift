package import Contracts

/// A day of the calendar, without a time zone. On the wire `YYYY-MM-DD`.
package struct CalendarDay: Hashable, Comparable, Sendable, LosslessStringConvertible {
  /// Days since 1970-01-01.
  package let number: Int

  package init(number: Int) {
    self.number = number
  }

  /// The day on which `instant` falls where clocks are `offsetSeconds` ahead of UTC.
  package init(of instant: Timestamp, offsetSeconds: Int = 0) {
    let shifted = instant.milliseconds + Int64(offsetSeconds) * 1000
    number = Int((Double(shifted) / 86_400_000).rounded(.down))
  }

  package init?(_ description: String) {
    guard description.utf8.count == 10, let midnight = Timestamp(rfc3339: description + "T00:00:00Z") else {
      return nil
    }
    self.init(of: midnight)
  }

  package var description: String {
    String(Timestamp(milliseconds: Int64(number) * 86_400_000).description.prefix(10))
  }

  package static func < (one: Self, other: Self) -> Bool { one.number < other.number }
}
