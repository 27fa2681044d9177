/// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): small enough to live inside
/// a value, so that a machine's jitter can be replayed from its seed.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A span of 0 up to and including `longest`, to the microsecond.
  package mutating func jitter(upTo longest: Duration) -> Duration {
    let (seconds, attoseconds) = longest.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    return .microseconds(Int64.random(in: 0...max(0, microseconds), using: &self))
  }
}

/// Waiting times between attempts: they double up to a limit, and half of each is random, so that peers who failed
/// together don't come back together.
package struct Backoff: Sendable {
  package let first: Duration
  package let longest: Duration
  package private(set) var attempts = 0

  package init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
  }

  package mutating func reset() {
    attempts = 0
  }

  package mutating func next(using generator: inout SplitMix64) -> Duration {
    // Sixteen doublings reach any limit that makes sense here, and never overflow.
    let ceiling = min(longest, first * (1 << min(attempts, 16)))
    attempts += 1
    return ceiling / 2 + generator.jitter(upTo: ceiling / 2)
  }
}
