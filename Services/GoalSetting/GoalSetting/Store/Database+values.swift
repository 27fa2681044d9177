import Contracts
import Foundation
import GRDB

extension Database {
  /// The values of a `body` column, in the order of the rows.
  func values<Value: Decodable>(_ type: Value.Type, sql: String, _ arguments: StatementArguments) throws -> [Value] {
    let decoder = JSONDecoder()
    return try Data.fetchAll(self, sql: sql, arguments: arguments).map { try decoder.decode(type, from: $0) }
  }

  func value<Value: Decodable>(_ type: Value.Type, sql: String, _ arguments: StatementArguments) throws -> Value? {
    try Data.fetchOne(self, sql: sql, arguments: arguments).map { try JSONDecoder().decode(type, from: $0) }
  }
}

extension Encodable {
  /// The value as it stands in a `body` column.
  func stored() throws -> Data { try JSONEncoder().encode(self) }
}

extension Decimal {
  /// Exact text, as amounts are stored: SQLite has no decimals.
  var stored: String { "\(self)" }

  init(stored text: String) throws {
    guard let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")) else {
      throw Fault(.dataLoss, reason: "amountUnreadable", "The stored amount '\(text)' is no decimal number.")
    }
    self = value
  }
}
