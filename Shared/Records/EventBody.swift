package import Contracts
package import Foundation

// How events become bodies and back. There is one encoding, so that the same fact always has the same bytes.

/// Turns events into bodies: JSON with sorted keys and slashes left as they are.
///
/// It keeps its coder, so it belongs to one thread at a time.
package struct EventEncoder {
  private let encoder: JSONEncoder

  package init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  package func body(of event: some Event) throws -> Data {
    try encoder.encode(event)
  }
}

extension RecordView {
  /// Decodes the body, in place.
  /// - Throws: a `DecodingError`, also where the body was erased.
  package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    // The coder reads the bytes before it returns and keeps none of them.
    let body = self.body
    guard let start = body.baseAddress else { return try JSONDecoder().decode(type, from: Data()) }
    let data = Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: start),
      count: body.count,
      deallocator: .none
    )
    return try JSONDecoder().decode(type, from: data)
  }
}

extension Record {
  /// Decodes the body.
  /// - Throws: a `DecodingError`, also where the body was erased.
  package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(body))
  }
}
