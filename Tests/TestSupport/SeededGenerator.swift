import Foundation

/// Random numbers that come out the same for the same seed (SplitMix64: Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
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

  package mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
  }

  /// Whether something that happens with that probability happens.
  package mutating func happens(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }
}

/// Seeds for property tests, to be passed as a test's arguments: a failing test then names its seed, and
/// `GROUNDSWELL_TEST_SEED` runs it again.
package enum Seeds {
  /// That many fresh seeds, or the one from the environment.
  package static func fresh(_ count: Int) -> [UInt64] {
    if let text = ProcessInfo.processInfo.environment["GROUNDSWELL_TEST_SEED"], let seed = UInt64(text) {
      return [seed]
    }
    return (0..<count).map { _ in .random(in: .min ... .max) }
  }
}
