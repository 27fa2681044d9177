import Foundation
import GRDB

// Statements are prepared once per connection: most run for every piece of feedback.

extension Database {
  func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
    try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
  }

  func rows(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
    try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
  }

  func integer(_ sql: String, _ arguments: StatementArguments) throws -> Int? {
    try Int.fetchOne(cachedStatement(sql: sql), arguments: arguments)
  }

  func texts(_ sql: String, _ arguments: StatementArguments) throws -> [String] {
    try String.fetchAll(cachedStatement(sql: sql), arguments: arguments)
  }

  func value<Value: Decodable>(_ type: Value.Type, _ sql: String, _ arguments: StatementArguments) throws -> Value? {
    try Data.fetchOne(cachedStatement(sql: sql), arguments: arguments).map { try JSONDecoder().decode(type, from: $0) }
  }

  func values<Value: Decodable>(_ type: Value.Type, _ sql: String, _ arguments: StatementArguments) throws -> [Value] {
    let decoder = JSONDecoder()
    return try Data.fetchAll(cachedStatement(sql: sql), arguments: arguments).map { try decoder.decode(type, from: $0) }
  }
}

extension Encodable {
  /// The value as it stands in a `body` column.
  func stored() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}

extension Row {
  /// A column that holds JSON.
  func decoded<Value: Decodable>(_ type: Value.Type, _ column: String) throws -> Value {
    try JSONDecoder().decode(type, from: self[column] as Data)
  }
}
