import Foundation

/// Random numbers that come out the same for the same seed, on every machine: SplitMix64 (Steele, Lea, Flood 2014).
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  /// A seed made of text: FNV-1a, 64 bits.
  package init(seed text: String) {
    state = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform on the open interval from 0 to 1.
  package mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992 }

  /// Standard normal, by Marsaglia's polar method.
  package mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0, s < 1 { return u * (-2 * log(s) / s).squareRoot() }
    }
  }

  /// Marsaglia and Tsang (2000), A simple method for generating gamma variables.
  package mutating func draw(_ distribution: GammaDistribution) -> Double {
    let shape = distribution.shape
    // Below one: Γ(a) = Γ(a + 1) · U^(1/a).
    guard shape >= 1 else {
      return draw(GammaDistribution(shape: shape + 1, rate: distribution.rate)) * pow(uniform(), 1 / shape)
    }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = pow(1 + c * x, 3)
      if v > 0, log(uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v / distribution.rate }
    }
  }

  package mutating func draw(_ distribution: BetaDistribution) -> Double {
    let x = draw(GammaDistribution(shape: distribution.a, rate: 1))
    let y = draw(GammaDistribution(shape: distribution.b, rate: 1))
    return x / (x + y)
  }
}
