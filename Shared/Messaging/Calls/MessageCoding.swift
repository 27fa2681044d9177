package import Contracts
import Foundation
package import GRPCCore

// Coders hold nothing but settings and may be used by any number of tasks at once.
let messageEncoder = {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return encoder
}()
let messageDecoder = JSONDecoder()

/// Messages as JSON of their `Codable` form, keys sorted, so that equal messages are equal bytes.
package struct JSONMessageSerializer<Message: Encodable>: MessageSerializer {
  package init() {}

  /// - Throws: `RPCError` INTERNAL for what JSON can't hold, such as a number that isn't finite.
  package func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) throws -> Bytes {
    do {
      return Bytes(try messageEncoder.encode(message))
    } catch {
      throw RPCError(Fault(.internal, reason: "unencodable", "\(Message.self) can't be written as JSON: \(error)"))
    }
  }
}

/// The reverse of `JSONMessageSerializer`.
package struct JSONMessageDeserializer<Message: Decodable>: MessageDeserializer {
  private let code: StatusCode

  /// - Parameter code: whose mistake it is when a message can't be read: INVALID_ARGUMENT blames a caller, INTERNAL a
  ///   service.
  package init(blaming code: StatusCode = .invalidArgument) {
    self.code = code
  }

  /// - Throws: `RPCError` with a fault that gives the path to the value that is missing or wrong.
  package func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Message {
    do {
      return try messageDecoder.decode(Message.self, from: bytes.withUnsafeBytes { Data($0) })
    } catch let error as DecodingError {
      throw RPCError(Fault(error, code: code, in: "\(Message.self)"))
    }
  }
}

/// Messages that are bytes already.
package struct RawSerializer: MessageSerializer, MessageDeserializer {
  package init() {}

  package func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
    message as? Bytes ?? Bytes(message)
  }

  package func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes as? [UInt8] ?? bytes.withUnsafeBytes { Array($0) }
  }
}

extension Fault {
  /// What is wrong with a message, and where in it.
  init(_ error: DecodingError, code: StatusCode, in type: String) {
    let (context, missing): (DecodingError.Context, String?) =
      switch error {
      case .keyNotFound(let key, let context): (context, key.stringValue)
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context, nil)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: "\(error)"), nil)
      }
    var path = Fault.text(of: context.codingPath)
    if let missing { path += path.isEmpty ? missing : ".\(missing)" }
    let what = missing == nil ? context.debugDescription : "it is missing"
    let place = path.isEmpty ? "" : " at '\(path)'"
    self.init(
      code,
      reason: "malformedMessage",
      "this is not a valid \(type)\(place): \(what)",
      field: path.isEmpty ? nil : path
    )
  }

  /// A coding path as people write it: `events[3].data.text`.
  private static func text(of path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
  }
}
