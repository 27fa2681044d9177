import Contracts

/// Makes identifiers: a prefix, 12 hexadecimal digits of time so that they sort by it, and 16 random ones.
package struct IdentifierMint: Sendable {
  private let random: @Sendable () -> UInt64

  /// - Parameter random: where the digits behind the time come from; tests pass their own.
  package init(random: @escaping @Sendable () -> UInt64) {
    self.random = random
  }

  package static let random = IdentifierMint { UInt64.random(in: .min ... .max) }

  func next<Entity>(_ prefix: String, at now: Timestamp) -> ID<Entity> {
    ID("\(prefix)-\(hexadecimal(UInt64(clamping: now.milliseconds), width: 12))\(hexadecimal(random(), width: 16))")
  }

  private func hexadecimal(_ value: UInt64, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
