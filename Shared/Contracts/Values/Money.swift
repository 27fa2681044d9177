public import Foundation

/// An exact amount in a currency. Never a binary floating-point number, in memory or on the wire.
///
/// On the wire: `{"amount": "1250.00", "currency": "EUR"}`; the amount is text because JSON numbers lose digits on
/// the way through other people's parsers.
public struct Money: Hashable, Sendable {
  public var amount: Decimal
  /// An ISO 4217 code of three capital letters.
  public var currency: String

  public init(amount: Decimal, currency: String) {
    self.amount = amount
    self.currency = currency
  }
}

extension Money: Codable {
  private enum CodingKeys: CodingKey { case amount, currency }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .amount)
    guard Money.isPlainDecimal(text), let amount = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .amount,
        in: container,
        debugDescription: "'\(text)' is not a decimal amount such as \"1250.00\""
      )
    }
    let currency = try container.decode(String.self, forKey: .currency)
    guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .currency,
        in: container,
        debugDescription: "'\(currency)' is not an ISO 4217 code such as \"EUR\""
      )
    }
    self.init(amount: amount, currency: currency)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("\(amount)", forKey: .amount)
    try container.encode(currency, forKey: .currency)
  }

  /// `Decimal(string:)` stops quietly at the first character that it doesn't know, so the text is checked first.
  private static func isPlainDecimal(_ text: String) -> Bool {
    let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
      && unsigned.utf8.count <= 38
  }
}
