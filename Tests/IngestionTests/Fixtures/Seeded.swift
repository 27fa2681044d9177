import Contracts

/// Randomness that can be had again: a failing test prints `seed`, and `Seeded(seed:)` repeats what it did.
struct Seeded: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64 = .random(in: 1 ... .max)) {
    self.seed = seed
    state = seed
  }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func text(upTo limit: Int) -> String {
    let pool = Array("abz 019 .,!?@+-()'\n\té€漢字ñ😀_#%\"\\/")
    return String((0..<Int.random(in: 0...limit, using: &self)).map { _ in pool.randomElement(using: &self) ?? "x" })
  }

  mutating func jsonValue(depth: Int) -> JSONValue {
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &self) {
    case 0: .null
    case 1: .bool(Bool.random(using: &self))
    case 2: .integer(Int64.random(in: .min ... .max, using: &self))
    case 3: .number(Double.random(in: -1e6...1e6, using: &self) + 0.5)
    case 4: .string(text(upTo: 12))
    case 5: .array((0..<Int.random(in: 0...3, using: &self)).map { _ in jsonValue(depth: depth - 1) })
    default:
      .object(
        Dictionary(
          (0..<Int.random(in: 0...3, using: &self)).map { _ in (text(upTo: 5), jsonValue(depth: depth - 1)) },
          uniquingKeysWith: { one, _ in one }
        )
      )
    }
  }
}
