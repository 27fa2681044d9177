/// An instant in UTC with millisecond precision: all the time the system knows.
///
/// On the wire it is RFC 3339 text with exactly three decimals, e.g. `2026-11-22T15:04:05.123Z`.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
  public let milliseconds: Int64

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public static let epoch = Timestamp(milliseconds: 0)

  public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }

  // Times come from outside, so what 64 bits can't hold ends at the last instant there is, instead of the process.

  public static func + (instant: Self, span: Duration) -> Self {
    let (sum, overflows) = instant.milliseconds.addingReportingOverflow(span.wholeMilliseconds)
    return Timestamp(milliseconds: overflows ? (span < .zero ? .min : .max) : sum)
  }

  public static func - (instant: Self, span: Duration) -> Self {
    let (difference, overflows) = instant.milliseconds.subtractingReportingOverflow(span.wholeMilliseconds)
    return Timestamp(milliseconds: overflows ? (span < .zero ? .max : .min) : difference)
  }

  /// The time from `earlier` to `later`; negative when they come the other way round.
  public static func - (later: Self, earlier: Self) -> Duration {
    .milliseconds(later.milliseconds) - .milliseconds(earlier.milliseconds)
  }
}

extension Duration {
  /// The span in whole milliseconds, rounded towards zero, clamped to what 64 bits hold.
  public var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflows) = seconds.multipliedReportingOverflow(by: 1000)
    let (sum, overflowsToo) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    return overflows || overflowsToo ? (seconds < 0 ? .min : .max) : sum
  }

  public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
  public static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
  public static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let parsed = Timestamp(rfc3339: text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "'\(text)' is not an RFC 3339 time such as 2026-11-22T15:04:05.123Z"
      )
    }
    self = parsed
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
