package import Contracts
package import Foundation

/// What a goal brings: amount × min(capRatio, progress ÷ target), nothing below the floor (product.md, "Goals and
/// partnership").
package enum Payout {
  /// The ratio that is paid, 0 to `capRatio`.
  package static func ratio(progress: Int, target: Int, floor: Int, capRatio: Double) -> Decimal {
    guard progress >= floor, progress > 0, target > 0 else { return 0 }
    return min(exact(capRatio), Decimal(progress) / Decimal(target))
  }

  /// The payout in whole minor units of the currency, halves rounded up.
  /// - Returns: nil where no money is at stake.
  package static func amount(for goal: Goal) -> Money? {
    guard let reward = goal.reward.monetary else { return nil }
    guard goal.progress >= goal.floor, goal.progress > 0 else { return Money(amount: 0, currency: reward.currency) }
    let cap = reward.amount * exact(goal.capRatio)
    // Multiplied before it is divided, so that thirds of a reward don't lose their last digit twice.
    let earned = reward.amount * Decimal(goal.progress) / Decimal(goal.target)
    return Money(amount: min(cap, earned), currency: reward.currency).roundedToMinorUnits()
  }

  /// The decimal that a person wrote, not the nearest binary fraction: 1.2, not 1.1999….
  private static func exact(_ ratio: Double) -> Decimal {
    Decimal(string: "\(ratio)", locale: Locale(identifier: "en_US_POSIX")) ?? Decimal(ratio)
  }
}

extension Money {
  /// Decimal places of the currency's minor unit (ISO 4217, list one).
  package var minorUnitDigits: Int {
    switch currency {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
      "XOF", "XPF":
      0
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
    case "CLF", "UYW": 4
    default: 2
    }
  }

  /// The smallest amount of the currency, e.g. 0.01 EUR.
  package var minorUnit: Decimal {
    Decimal(sign: .plus, exponent: -minorUnitDigits, significand: 1)
  }

  package func roundedToMinorUnits(_ mode: NSDecimalNumber.RoundingMode = .plain) -> Money {
    var (exact, rounded) = (amount, Decimal())
    NSDecimalRound(&rounded, &exact, minorUnitDigits, mode)
    return Money(amount: rounded, currency: currency)
  }

  /// Whether it can be paid without breaking a minor unit.
  package var isWholeMinorUnits: Bool { roundedToMinorUnits().amount == amount }
}
