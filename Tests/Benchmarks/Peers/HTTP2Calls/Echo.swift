import GRPCCore

/// The measured methods, and messages that are bytes already.
enum EchoAPI {
  static let echo = MethodDescriptor(fullyQualifiedService: "bench.v1", method: "EchoRaw")
  static let produce = MethodDescriptor(fullyQualifiedService: "bench.v1", method: "ProduceRaw")
  static let consume = MethodDescriptor(fullyQualifiedService: "bench.v1", method: "ConsumeRaw")
  static let messageByteCount = 300
}

struct Bytes: MessageSerializer, MessageDeserializer {
  func serialize<Target: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Target { Target(message) }

  func deserialize<Source: GRPCContiguousBytes>(_ bytes: Source) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

/// Echoes; sends as many messages as the request's text says; counts.
struct EchoService: RegistrableRPCService {
  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(forMethod: EchoAPI.echo, deserializer: Bytes(), serializer: Bytes()) { request, _ in
      StreamingServerResponse(of: [UInt8].self) { writer in
        for try await message in request.messages { try await writer.write(message) }
        return [:]
      }
    }
    router.registerHandler(forMethod: EchoAPI.produce, deserializer: Bytes(), serializer: Bytes()) { request, _ in
      StreamingServerResponse(of: [UInt8].self) { writer in
        var count = 0
        for try await message in request.messages { count = Int(String(decoding: message, as: UTF8.self)) ?? 0 }
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: EchoAPI.messageByteCount)
        for _ in 0..<count { try await writer.write(body) }
        return [:]
      }
    }
    router.registerHandler(forMethod: EchoAPI.consume, deserializer: Bytes(), serializer: Bytes()) { request, _ in
      StreamingServerResponse(of: [UInt8].self) { writer in
        var count = 0
        for try await _ in request.messages { count += 1 }
        try await writer.write(Array("\(count)".utf8))
        return [:]
      }
    }
  }
}
