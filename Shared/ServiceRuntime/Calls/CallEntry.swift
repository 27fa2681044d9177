import Contracts
import GRPCCore

/// One method that is answered: bytes in, bytes out, whatever its types.
struct CallEntry: Sendable {
  let name: MethodName
  let kind: MethodKind
  let run: Run
  let input: any (Codable & Sendable).Type
  let output: any (Codable & Sendable).Type

  enum Run: Sendable {
    case one(@Sendable ([UInt8], CallContext) async throws -> CallReply)
    case many(@Sendable (RequestBodies, CallContext, RPCWriter<[UInt8]>) async throws -> Void)
  }

  init<M: Method>(
    _ method: M,
    one: @escaping @Sendable ([UInt8], CallContext) async throws -> CallReply
  ) {
    name = method.name
    kind = M.kind
    run = .one(one)
    input = M.Input.self
    output = M.Output.self
  }

  init<M: Method>(
    _ method: M,
    many: @escaping @Sendable (RequestBodies, CallContext, RPCWriter<[UInt8]>) async throws -> Void
  ) {
    name = method.name
    kind = M.kind
    run = .many(many)
    input = M.Input.self
    output = M.Output.self
  }
}

typealias RequestBodies = RPCAsyncSequence<[UInt8], any Error>

/// An answer as it goes out.
struct CallReply: Sendable {
  var body: [UInt8]
  /// The last records that a command wrote, one for each stream.
  var positions: [StreamPosition] = []
}

/// Writes a call's answers; waits while the caller has no credit left.
package struct ReplyWriter<Output: Codable & Sendable>: Sendable {
  private let writer: RPCWriter<[UInt8]>

  init(_ writer: RPCWriter<[UInt8]>) {
    self.writer = writer
  }

  package func write(_ output: Output) async throws {
    try await writer.write(MessageCoding.encode(output))
  }

  /// Several answers at once, which is several times cheaper than one by one.
  package func write(contentsOf outputs: [Output]) async throws {
    try await writer.write(contentsOf: outputs.map { try MessageCoding.encode($0) })
  }
}

/// The messages that a caller sends during an exchange, in order; ends when the caller has no more.
package struct RequestMessages<Input: Codable & Sendable>: AsyncSequence, Sendable {
  private let bodies: RequestBodies

  init(_ bodies: RequestBodies) {
    self.bodies = bodies
  }

  package struct Iterator: AsyncIteratorProtocol {
    fileprivate var bodies: RequestBodies.AsyncIterator

    /// - Throws: a `Fault` for a message that can't be read, which ends the call.
    package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Input? {
      guard let body = try await bodies.next(isolation: actor) else { return nil }
      return try MessageCoding.decode(Input.self, from: body)
    }
  }

  package func makeAsyncIterator() -> Iterator {
    Iterator(bodies: bodies.makeAsyncIterator())
  }
}
