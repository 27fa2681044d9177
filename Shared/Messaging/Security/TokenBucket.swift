/// Bounds a rate: holds up to a second's worth of tokens, and fills steadily. A value, told the time.
struct TokenBucket: Sendable {
  let perSecond: Int
  private var tokens: Double
  private var filledAt: MonotonicInstant

  /// - Parameter perSecond: tokens gained in a second, and the most that it holds; at least 1.
  init(perSecond: Int, now: MonotonicInstant) {
    self.perSecond = max(1, perSecond)
    tokens = Double(self.perSecond)
    filledAt = now
  }

  /// Takes a token.
  /// - Returns: false when there is none.
  mutating func take(_ now: MonotonicInstant) -> Bool {
    let seconds = Double(max(0, (now - filledAt).wholeNanoseconds)) / 1e9
    tokens = min(Double(perSecond), tokens + seconds * Double(perSecond))
    filledAt = max(now, filledAt)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
