import Contracts
import Foundation
import GRDB

extension Database {
  /// The values of a `body` column, in the order of the rows.
  func values<Value: Decodable>(_ type: Value.Type, sql: String, _ arguments: StatementArguments) throws -> [Value] {
    let decoder = JSONDecoder()
    return try Data.fetchAll(self, sql: sql, arguments: arguments).map { try decoder.decode(type, from: $0) }
  }

  /// The value of one row's `body` column; nil where there is no such row.
  func value<Value: Decodable>(_ type: Value.Type, sql: String, _ arguments: StatementArguments) throws -> Value? {
    try Data.fetchOne(self, sql: sql, arguments: arguments).map { try JSONDecoder().decode(type, from: $0) }
  }

  /// The first column of a `SELECT count(*)`, or of any that gives one number.
  func number(sql: String, _ arguments: StatementArguments) throws -> Int {
    try Int.fetchOne(self, sql: sql, arguments: arguments) ?? 0
  }
}

extension Encodable {
  /// The value as it stands in a `body` column.
  func stored() throws -> Data { try JSONEncoder().encode(self) }
}

/// Conditions that are joined by AND, with their arguments in order.
struct Conditions {
  private(set) var sql: String
  private(set) var arguments: StatementArguments

  init(_ sql: String, _ arguments: StatementArguments) {
    self.sql = sql
    self.arguments = arguments
  }

  mutating func add(_ condition: String, _ more: StatementArguments) {
    sql += " AND \(condition)"
    arguments += more
  }

  /// `column` is one of `values`; nothing is added where there are none.
  mutating func add(_ column: String, isOneOf values: [String]?) {
    guard let values, !values.isEmpty else { return }
    add("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))", StatementArguments(values))
  }

  mutating func add(_ column: String, is value: String?) {
    guard let value else { return }
    add("\(column) = ?", [value])
  }
}

/// How long a list may be: what was asked for, from 1 to 500, or 50.
enum ListLength {
  static let longest = 500

  /// - Throws: `Fault` `limitOutOfRange`.
  static func of(_ asked: Int?) throws(Fault) -> Int {
    guard let asked else { return 50 }
    guard (1...longest).contains(asked) else {
      throw Fault(
        .invalidArgument,
        reason: "limitOutOfRange",
        "a list holds 1 to \(longest) entries, not \(asked)",
        field: "limit"
      )
    }
    return asked
  }
}
