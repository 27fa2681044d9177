import Foundation

/// Prints a result: as JSON for scripts, or as people read it.
struct Output {
  let isJSON: Bool

  func show<Value: Encodable>(_ value: Value, asText text: (Value) -> String) throws {
    if isJSON {
      print(try Output.json(value))
    } else {
      print(text(value))
    }
  }

  /// One line of JSON, its keys in order.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
