import Contracts
import Foundation

/// Figures as people read them.
enum Figure {
  static func decimal(_ value: Double, places: Int = 2) -> String {
    value.formatted(
      .number.precision(.fractionLength(places)).grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
    )
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  /// To the minute, in UTC.
  static func date(_ timestamp: Timestamp?) -> String {
    timestamp.map { String($0.description.prefix(16)).replacing("T", with: " ") } ?? ""
  }

  static func day(_ timestamp: Timestamp) -> String { String(timestamp.description.prefix(10)) }
}
