/// The deadline as metadata between GRPCCore's client and our transport: digits and a unit (gRPC over HTTP/2, "Timeout",
/// but for the number of digits). It never leaves the process: OPEN carries it as a number.
enum GRPCTimeout {
  static let key = "grpc-timeout"

  /// A duration for a transport of our own, rounded up: microseconds, or milliseconds beyond an hour.
  static func text(_ duration: Duration) -> String {
    let nanoseconds = max(duration.wholeNanoseconds, 1)
    return duration < .seconds(3600)
      ? "\((nanoseconds - 1) / 1000 + 1)u" : "\(min((nanoseconds - 1) / 1_000_000 + 1, 99_999_999_999))m"
  }

  static func duration(_ text: String) -> Duration? {
    guard let unit = text.last, let amount = Int64(text.dropLast()), amount >= 0, text.utf8.count <= 12 else {
      return nil
    }
    switch unit {
    case "H": return .seconds(amount * 3600)
    case "M": return .seconds(amount * 60)
    case "S": return .seconds(amount)
    case "m": return .milliseconds(amount)
    case "u": return .microseconds(amount)
    case "n": return .nanoseconds(amount)
    default: return nil
    }
  }
}
