package import Contracts
package import GRPCCore

/// Calls a service's methods, over any transport.
///
/// Every failure is a `Fault`: the service's own, or one made of the status. A client is meant to live as long as its
/// process; calls may be made before `run` has connected.
package final class CallClient: Sendable {
  private let connection: any CallConnection
  private let principal: EncodedPrincipal

  /// - Parameter principal: on whose behalf calls are made that don't say otherwise.
  /// - Throws: when the principal can't be written as JSON.
  package init(over transport: some ClientTransport, as principal: Principal) throws {
    connection = GRPCClient(transport: transport)
    self.principal = try EncodedPrincipal(principal)
  }

  /// Connects, and stays connected until `beginShutdown` or until the task is cancelled.
  /// - Throws: when the endpoint can't be used at all, never because nobody answers there.
  package func run() async throws {
    do {
      try await connection.runConnections()
    } catch let error as RuntimeError where error.code == .clientIsStopped {
      // `beginShutdown` came before this task had its first turn: there is nothing left to run.
    }
  }

  /// Lets the calls under way finish, after which `run` returns; new ones fail.
  package func beginShutdown() {
    connection.beginGracefulShutdown()
  }

  // MARK: Unary

  package func call<Input, Output>(
    _ method: Query<Input, Output>,
    _ input: Input,
    _ settings: CallSettings = CallSettings()
  ) async throws(Fault) -> Output {
    try await unary(method.name, input, settings, isCommand: false).output
  }

  package func call<Input, Output>(
    _ method: Command<Input, Output>,
    _ input: Input,
    _ settings: CallSettings = CallSettings()
  ) async throws(Fault) -> Output {
    try await unary(method.name, input, settings, isCommand: true).output
  }

  /// Like `call`, with the positions that a later call can be told to come `after`.
  package func reply<Input, Output>(
    to method: Command<Input, Output>,
    _ input: Input,
    _ settings: CallSettings = CallSettings()
  ) async throws(Fault) -> CallReply<Output> {
    try await unary(method.name, input, settings, isCommand: true)
  }

  /// Calls a query or a command by name, with JSON in and out: for tools that have no copy of its types.
  package func call(
    _ name: MethodName,
    json: [UInt8],
    _ settings: CallSettings = CallSettings(),
    isCommand: Bool
  ) async throws(Fault) -> CallReply<[UInt8]> {
    try await unary(name, json, settings, isCommand: isCommand, RawSerializer(), RawSerializer())
  }

  private func unary<Input: Codable & Sendable, Output: Codable & Sendable>(
    _ name: MethodName,
    _ input: Input,
    _ settings: CallSettings,
    isCommand: Bool
  ) async throws(Fault) -> CallReply<Output> {
    try await unary(
      name,
      input,
      settings,
      isCommand: isCommand,
      JSONMessageSerializer<Input>(),
      JSONMessageDeserializer<Output>(blaming: .internal)
    )
  }

  private func unary<Input: Sendable, Output: Sendable>(
    _ name: MethodName,
    _ input: Input,
    _ settings: CallSettings,
    isCommand: Bool,
    _ serializer: some MessageSerializer<Input>,
    _ deserializer: some MessageDeserializer<Output>
  ) async throws(Fault) -> CallReply<Output> {
    do {
      let request = ClientRequest(
        message: input,
        metadata: try settings.metadata(principal: principal, isCommand: isCommand)
      )
      return try await connection.unary(
        request: request,
        descriptor: MethodDescriptor(name, .unary),
        serializer: serializer,
        deserializer: deserializer,
        options: settings.options(mayRetry: true)
      ) { response in
        let positions = Array(response.trailingMetadata[stringValues: MetadataKey.position])
        return CallReply(try response.message, positions: positions)
      }
    } catch {
      throw Fault(reporting: error)
    }
  }

  // MARK: Streams

  /// Follows a feed for as long as `body` runs; reading is what gives the service credit.
  package func feed<Input, Output, Result: Sendable>(
    _ method: Feed<Input, Output>,
    _ input: Input,
    _ settings: CallSettings = .endless,
    _ body: @escaping @Sendable (CallMessages<Output>) async throws -> Result
  ) async throws -> Result {
    try await feed(method.name, input, settings, JSONMessageDeserializer<Output>(blaming: .internal), body)
  }

  /// Follows a feed whose messages are bytes and not JSON.
  package func feed<Input, Result: Sendable>(
    raw method: Feed<Input, [UInt8]>,
    _ input: Input,
    _ settings: CallSettings = .endless,
    _ body: @escaping @Sendable (CallMessages<[UInt8]>) async throws -> Result
  ) async throws -> Result {
    try await feed(method.name, input, settings, RawSerializer(), body)
  }

  /// Sends and receives at once: `send` writes requests, each paid for with the service's credit; `receive` reads
  /// answers. The call ends when `receive` returns.
  package func exchange<Input, Output, Result: Sendable>(
    _ method: Exchange<Input, Output>,
    _ settings: CallSettings = .endless,
    send: @escaping @Sendable (RPCWriter<Input>) async throws -> Void,
    receive: @escaping @Sendable (CallMessages<Output>) async throws -> Result
  ) async throws -> Result {
    try await reportingFaults {
      let request = StreamingClientRequest(
        metadata: try settings.metadata(principal: principal, isCommand: false),
        producer: send
      )
      return try await connection.bidirectionalStreaming(
        request: request,
        descriptor: MethodDescriptor(method.name, .bidirectionalStreaming),
        serializer: JSONMessageSerializer<Input>(),
        deserializer: JSONMessageDeserializer<Output>(blaming: .internal),
        options: settings.options(mayRetry: false)
      ) { response in
        try await receive(CallMessages(response.messages))
      }
    }
  }

  private func feed<Input: Codable & Sendable, Output: Sendable, Result: Sendable>(
    _ name: MethodName,
    _ input: Input,
    _ settings: CallSettings,
    _ deserializer: some MessageDeserializer<Output>,
    _ body: @escaping @Sendable (CallMessages<Output>) async throws -> Result
  ) async throws -> Result {
    try await reportingFaults {
      let request = ClientRequest(
        message: input,
        metadata: try settings.metadata(principal: principal, isCommand: false)
      )
      return try await connection.serverStreaming(
        request: request,
        descriptor: MethodDescriptor(name, .serverStreaming),
        serializer: JSONMessageSerializer<Input>(),
        deserializer: deserializer,
        options: settings.options(mayRetry: false)
      ) { response in
        try await body(CallMessages(response.messages))
      }
    }
  }

  /// Turns what the library throws into faults; what a caller's own closure throws passes as it is.
  private func reportingFaults<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch  where error is any RPCErrorConvertible || error is RuntimeError {
      throw Fault(reporting: error)
    }
  }
}

extension MethodDescriptor {
  init(_ name: MethodName, _ type: RPCType) {
    self.init(fullyQualifiedService: name.service, method: name.method, type: type)
  }
}
