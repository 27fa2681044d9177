package import Contracts
import Foundation

/// How messages of calls become bytes and back: JSON with sorted keys, so that an answer has the same bytes each time.
package enum MessageCoding {
  package static func encode(_ message: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(message))
  }

  /// - Throws: a `Fault` that says which field is wrong, and why.
  package static func decode<Message: Decodable>(_ type: Message.Type, from bytes: [UInt8]) throws(Fault) -> Message {
    // No body at all is taken for an empty object: many requests have nothing that must be said.
    let data = bytes.isEmpty ? Data("{}".utf8) : Data(bytes)
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw Fault(undecodable: error)
    }
  }
}

extension Fault {
  /// What a decoder's complaint means to whoever wrote the message.
  package init(undecodable error: any Error) {
    guard let error = error as? DecodingError else {
      self.init(.invalidArgument, reason: "malformedMessage", "The message can't be read: \(error).")
      return
    }
    switch error {
    case .keyNotFound(let key, let context):
      let field = Fault.path(context.codingPath + [key])
      self.init(.invalidArgument, reason: "missingField", "The field '\(field)' is missing.", field: field)
    case .valueNotFound(let type, let context):
      let field = Fault.path(context.codingPath)
      self.init(.invalidArgument, reason: "missingField", "The field '\(field)' must be a \(type).", field: field)
    case .typeMismatch(let type, let context):
      let field = Fault.path(context.codingPath)
      self.init(.invalidArgument, reason: "wrongType", "The field '\(field)' must be a \(type).", field: field)
    case .dataCorrupted(let context):
      let field = Fault.path(context.codingPath)
      let sentence = "\(field.isEmpty ? "The message" : "The field '\(field)'") can't be read: "
      self.init(
        .invalidArgument,
        reason: field.isEmpty ? "malformedMessage" : "malformedField",
        sentence + context.debugDescription,
        field: field.isEmpty ? nil : field
      )
    @unknown default:
      self.init(.invalidArgument, reason: "malformedMessage", "The message can't be read: \(error).")
    }
  }

  /// `events[3].data.text`
  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce(into: "") { path, key in
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += path.isEmpty ? key.stringValue : "." + key.stringValue
      }
    }
  }
}
