package import Contracts
package import GRPCCore

/// The methods that a server answers, each with the function that does.
///
/// A handler that throws a `Fault` ends its call with it. Anything else that it throws is reported to the observer and
/// reaches the caller as INTERNAL, without details.
package struct CallHandlers: Sendable {
  private(set) var handlers: [any CallHandler] = []

  package init() {}

  package mutating func query<Input, Output>(
    _ method: Query<Input, Output>,
    _ answer: @escaping @Sendable (Input, ServerCall) async throws -> Output
  ) {
    add(method.name, .query, JSONMessageSerializer<Output>()) { (input: Input, call, writer) in
      try await writer.write(try await answer(input, call))
      return [:]
    }
  }

  package mutating func command<Input, Output>(
    _ method: Command<Input, Output>,
    _ perform: @escaping @Sendable (Input, ServerCall) async throws -> CallReply<Output>
  ) {
    add(method.name, .command, JSONMessageSerializer<Output>()) { (input: Input, call, writer) in
      let reply = try await perform(input, call)
      try await writer.write(reply.output)
      return Metadata(positions: reply.positions)
    }
  }

  /// A command whose answer is JSON already, such as one that was recorded when the request came the first time.
  package mutating func command<Input, Output>(
    raw method: Command<Input, Output>,
    _ perform: @escaping @Sendable (Input, ServerCall) async throws -> CallReply<[UInt8]>
  ) {
    add(method.name, .command, RawSerializer(), output: Output.self) { (input: Input, call, writer) in
      let reply = try await perform(input, call)
      try await writer.write(reply.output)
      return Metadata(positions: reply.positions)
    }
  }

  /// `produce` writes answers; each write waits for the caller's credit, and throws once the caller has gone.
  package mutating func feed<Input, Output>(
    _ method: Feed<Input, Output>,
    _ produce: @escaping @Sendable (Input, ServerCall, RPCWriter<Output>) async throws -> Void
  ) {
    add(method.name, .feed, JSONMessageSerializer<Output>()) { (input: Input, call, writer) in
      try await produce(input, call, writer)
      return [:]
    }
  }

  /// A feed whose messages are bytes and not JSON.
  package mutating func feed<Input>(
    raw method: Feed<Input, [UInt8]>,
    _ produce: @escaping @Sendable (Input, ServerCall, RPCWriter<[UInt8]>) async throws -> Void
  ) {
    add(method.name, .feed, RawSerializer()) { (input: Input, call, writer) in
      try await produce(input, call, writer)
      return [:]
    }
  }

  /// Reading requests gives the caller credit; writing answers spends the caller's.
  package mutating func exchange<Input, Output>(
    _ method: Exchange<Input, Output>,
    _ converse: @escaping @Sendable (CallMessages<Input>, ServerCall, RPCWriter<Output>) async throws -> Void
  ) {
    handlers.append(
      StreamCallHandler(
        name: method.name,
        kind: .exchange,
        input: Input.self,
        output: Output.self,
        deserializer: JSONMessageDeserializer<Input>(),
        serializer: JSONMessageSerializer<Output>()
      ) { messages, call, writer in
        try await converse(messages, call, writer)
        return [:]
      }
    )
  }

  /// A method of any kind whose messages are handed over as the bytes they are, for layers that decode for themselves.
  ///
  /// - Parameters:
  ///   - input: the type of requests, and `output` that of answers, for reflection.
  ///   - converse: reads requests (one, or many for an exchange), writes answers (one for a query or a command), and
  ///     returns the positions to report.
  package mutating func raw(
    _ name: MethodName,
    _ kind: MethodKind,
    input: any (Codable & Sendable).Type,
    output: any (Codable & Sendable).Type,
    _ converse: @escaping @Sendable (CallMessages<[UInt8]>, ServerCall, RPCWriter<[UInt8]>) async throws -> [String]
  ) {
    handlers.append(
      StreamCallHandler(
        name: name,
        kind: kind,
        input: input,
        output: output,
        deserializer: RawSerializer(),
        serializer: RawSerializer()
      ) { messages, call, writer in
        Metadata(positions: try await converse(messages, call, writer))
      }
    )
  }

  private mutating func add<Input: Codable & Sendable, Written: Sendable>(
    _ name: MethodName,
    _ kind: MethodKind,
    _ serializer: some MessageSerializer<Written>,
    output: any (Codable & Sendable).Type = Written.self,
    _ answer: @escaping @Sendable (Input, ServerCall, RPCWriter<Written>) async throws -> Metadata
  ) where Written: Codable {
    handlers.append(
      StreamCallHandler(
        name: name,
        kind: kind,
        input: Input.self,
        output: output,
        deserializer: JSONMessageDeserializer<Input>(),
        serializer: serializer
      ) { messages, call, writer in
        try await answer(try await messages.only(), call, writer)
      }
    )
  }
}

extension Metadata {
  fileprivate init(positions: [String]) {
    self.init(positions.map { (key: MetadataKey.position, value: .string($0)) })
  }
}

extension CallMessages {
  /// The one message of a request that isn't a stream.
  fileprivate func only() async throws -> Message {
    var iterator = makeAsyncIterator()
    guard let message = try await iterator.next() else {
      throw Fault(.invalidArgument, reason: "missingRequest", "the call ended without a request message")
    }
    guard try await iterator.next() == nil else {
      throw Fault(.invalidArgument, reason: "tooManyRequests", "the method takes one request message")
    }
    return message
  }
}
