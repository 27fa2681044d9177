import Glibc

/// A moment on the machine's monotonic clock, in nanoseconds: what state machines are told as `now`.
///
/// A bare integer, so that a simulation can make up any instant and the socket thread pays nothing to compare two.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Reads `CLOCK_MONOTONIC`, which neither NTP steps nor an operator can turn back.
  package static var now: Self {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Self(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  package static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }

  /// The instant `span` later; a span beyond some 290 years ends at the last instant there is.
  package static func + (instant: Self, span: Duration) -> Self {
    let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(span.wholeNanoseconds)
    return Self(nanoseconds: overflows ? .max : sum)
  }

  package static func - (later: Self, earlier: Self) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}

extension Duration {
  /// The span in whole nanoseconds, rounded towards zero, clamped to what 64 bits hold.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowsToo) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflows || overflowsToo ? (seconds < 0 ? .min : .max) : sum
  }

  /// The span in milliseconds for C interfaces, rounded up so that nobody is woken too early; 0 for the past.
  package var millisecondsRoundedUp: Int32 {
    let nanoseconds = wholeNanoseconds
    guard nanoseconds > 0 else { return 0 }
    return Int32(clamping: (nanoseconds - 1) / 1_000_000 + 1)
  }
}
