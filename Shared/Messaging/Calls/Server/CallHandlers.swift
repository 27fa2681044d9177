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
    beginning place: HandlerPlace = .socketThread,
    _ answer: @escaping @Sendable (Input, ServerCall) async throws -> Output
  ) {
    add(method.name, .query, Output.self, place) { (input: Input, call) in
      CallReply(try JSONMessageSerializer<Output>().serialize(try await answer(input, call)))
    }
  }

  package mutating func command<Input, Output>(
    _ method: Command<Input, Output>,
    beginning place: HandlerPlace = .socketThread,
    _ perform: @escaping @Sendable (Input, ServerCall) async throws -> CallReply<Output>
  ) {
    add(method.name, .command, Output.self, place) { (input: Input, call) in
      let reply = try await perform(input, call)
      return CallReply(try JSONMessageSerializer<Output>().serialize(reply.output), positions: reply.positions)
    }
  }

  /// A command whose answer is JSON already, such as one that was recorded when the request came the first time.
  package mutating func command<Input, Output>(
    raw method: Command<Input, Output>,
    beginning place: HandlerPlace = .socketThread,
    _ perform: @escaping @Sendable (Input, ServerCall) async throws -> CallReply<[UInt8]>
  ) {
    add(method.name, .command, Output.self, place, perform)
  }

  /// A query or a command whose request and answer are handed over as the bytes they are.
  ///
  /// - Parameters:
  ///   - input: the type of requests, and `output` that of answers, for reflection.
  package mutating func raw(
    _ name: MethodName,
    _ kind: MethodKind,
    input: any (Codable & Sendable).Type,
    output: any (Codable & Sendable).Type,
    _ answer: @escaping @Sendable ([UInt8], ServerCall) async throws -> CallReply<[UInt8]>
  ) {
    handlers.append(
      UnaryCallHandler(name: name, kind: kind, input: input, output: output, place: .socketThread) { request, call in
        try ProgrammeCheck(call.caller, name)?.check(request)
        return try await answer(request, call)
      }
    )
  }

  /// `produce` writes answers; each write waits for the caller's credit, and throws once the caller has gone.
  package mutating func feed<Input, Output>(
    _ method: Feed<Input, Output>,
    _ produce: @escaping @Sendable (Input, ServerCall, RPCWriter<Output>) async throws -> Void
  ) {
    add(method, JSONMessageSerializer<Output>(), produce)
  }

  /// A feed whose messages are bytes and not JSON.
  package mutating func feed<Input>(
    raw method: Feed<Input, [UInt8]>,
    _ produce: @escaping @Sendable (Input, ServerCall, RPCWriter<[UInt8]>) async throws -> Void
  ) {
    add(method, RawSerializer(), produce)
  }

  /// Reading requests gives the caller credit; writing answers spends the caller's.
  package mutating func exchange<Input, Output>(
    _ method: Exchange<Input, Output>,
    _ converse: @escaping @Sendable (CallMessages<Input>, ServerCall, RPCWriter<Output>) async throws -> Void
  ) {
    add(method, JSONMessageDeserializer<Input>(), JSONMessageSerializer<Output>(), converse)
  }

  /// An exchange whose messages are bytes and not JSON.
  package mutating func exchange(
    raw method: Exchange<[UInt8], [UInt8]>,
    _ converse: @escaping @Sendable (CallMessages<[UInt8]>, ServerCall, RPCWriter<[UInt8]>) async throws -> Void
  ) {
    add(method, RawSerializer(), RawSerializer(), converse)
  }

  private mutating func add<Input: Codable & Sendable>(
    _ name: MethodName,
    _ kind: MethodKind,
    _ output: any (Codable & Sendable).Type,
    _ place: HandlerPlace,
    _ answer: @escaping @Sendable (Input, ServerCall) async throws -> CallReply<[UInt8]>
  ) {
    handlers.append(
      UnaryCallHandler(name: name, kind: kind, input: Input.self, output: output, place: place) { request, call in
        let input = try JSONMessageDeserializer<Input>().deserialize(request)
        try ProgrammeCheck(call.caller, name)?.check(input)
        return try await answer(input, call)
      }
    )
  }

  private mutating func add<Input, Output>(
    _ method: Feed<Input, Output>,
    _ serializer: some MessageSerializer<Output>,
    _ produce: @escaping @Sendable (Input, ServerCall, RPCWriter<Output>) async throws -> Void
  ) {
    handlers.append(
      FeedCallHandler(name: method.name, output: Output.self, serializer: serializer, produce: produce)
    )
  }

  private mutating func add<Input, Output>(
    _ method: Exchange<Input, Output>,
    _ deserializer: some MessageDeserializer<Input>,
    _ serializer: some MessageSerializer<Output>,
    _ converse: @escaping @Sendable (CallMessages<Input>, ServerCall, RPCWriter<Output>) async throws -> Void
  ) {
    handlers.append(
      ExchangeCallHandler(
        name: method.name,
        input: Input.self,
        output: Output.self,
        deserializer: deserializer,
        serializer: serializer,
        answer: converse
      )
    )
  }
}
