/// How long a silent peer is believed to be alive.
struct Lease: Sendable, Equatable {
  let duration: Duration
  private var lastHeard: MonotonicInstant
  private var lastAsked: MonotonicInstant

  init(_ duration: Duration, from now: MonotonicInstant) {
    self.duration = duration
    lastHeard = now
    lastAsked = now
  }

  /// Anything from the peer proves that it lives.
  mutating func renew(_ now: MonotonicInstant) { lastHeard = now }

  func isExpired(_ now: MonotonicInstant) -> Bool { now >= expiry }

  /// Whether it is time to ask for a sign of life: six times in a lease, so that a few may be late.
  mutating func asks(_ now: MonotonicInstant) -> Bool {
    guard now >= nextQuestion else { return false }
    lastAsked = now
    return true
  }

  var expiry: MonotonicInstant { lastHeard + duration }
  var nextQuestion: MonotonicInstant { lastAsked + duration / 6 }
}
