package import Contracts
package import GRPCCore
import Synchronization

/// Calls a service's methods, over any transport.
///
/// Every failure is a `Fault`: the service's own, or one made of the status. A client is meant to live as long as its
/// process; calls may be made before `run` has connected.
package final class CallClient: Sendable {
  /// Successes after a failure until calls are taken to be safe again: what fills up a throttle of 100 tokens.
  private static let mostCaution = 1000

  private let connection: any CallConnection
  private let principal: EncodedPrincipal
  /// The transport, where it is ours.
  private let own: ZeroMQClientTransport?
  private let caution = Atomic<Int>(0)

  /// - Parameter principal: on whose behalf calls are made that don't say otherwise.
  /// - Throws: when the principal can't be written as JSON.
  package init(over transport: some ClientTransport, as principal: Principal) throws {
    connection = GRPCClient(transport: transport)
    own = transport as? ZeroMQClientTransport
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
    try await unary(name, json, settings, isCommand: isCommand)
  }

  private func unary<Input: Codable & Sendable, Output: Codable & Sendable>(
    _ name: MethodName,
    _ input: Input,
    _ settings: CallSettings,
    isCommand: Bool
  ) async throws(Fault) -> CallReply<Output> {
    do {
      let request: [UInt8] = try JSONMessageSerializer<Input>().serialize(input)
      let reply = try await unary(name, request, settings, isCommand: isCommand)
      let output = try JSONMessageDeserializer<Output>(blaming: .internal).deserialize(reply.output)
      return CallReply(output, positions: reply.positions)
    } catch {
      throw Fault(reporting: error)
    }
  }

  /// Makes a call, and makes it again where that is wanted and may help.
  ///
  /// GRPCCore's retrying costs every call tasks of its own, whether or not there is anything to retry. So it is used
  /// from the first failure on, until enough calls have succeeded for its throttle to be full again.
  private func unary(
    _ name: MethodName,
    _ request: [UInt8],
    _ settings: CallSettings,
    isCommand: Bool
  ) async throws(Fault) -> CallReply<[UInt8]> {
    do {
      // Once, so that attempts of one command have one request id.
      let metadata = try settings.metadata(principal: principal, isCommand: isCommand)
      var settings = settings
      if settings.retries, caution.load(ordering: .relaxed) <= 0 {
        let start = MonotonicInstant.now
        do {
          return try await once(name, request, metadata, settings)
        } catch let error as RPCError where error.code == .unavailable {
          caution.store(CallClient.mostCaution, ordering: .relaxed)
          // As GRPCCore does before its first retry; the others follow by its policy.
          try await Task.sleep(for: min(CallSettings.firstBackoff, settings.timeout ?? CallSettings.firstBackoff))
          settings = settings.elapsed(.now - start)
        }
      }
      guard settings.retries else { return try await once(name, request, metadata, settings) }
      let reply = try await attempt(name, request, metadata, settings.options(mayRetry: true))
      // Several at once may count one too many: below zero is as safe as zero.
      if caution.load(ordering: .relaxed) > 0 { caution.subtract(1, ordering: .relaxed) }
      return reply
    } catch {
      throw Fault(reporting: error)
    }
  }

  /// One attempt: over our own transport without a detour.
  private func once(
    _ name: MethodName,
    _ request: [UInt8],
    _ metadata: Metadata,
    _ settings: CallSettings
  ) async throws -> CallReply<[UInt8]> {
    guard let own, own.takesDirectCalls(timeout: settings.timeout) else {
      return try await attempt(name, request, metadata, settings.options(mayRetry: false))
    }
    return try await own.call(
      name,
      request,
      metadata,
      timeout: settings.timeout,
      waitsForReady: settings.waitsForReady
    ) { try await $0.reply() }
  }

  private func attempt(
    _ name: MethodName,
    _ request: [UInt8],
    _ metadata: Metadata,
    _ options: CallOptions
  ) async throws -> CallReply<[UInt8]> {
    try await connection.unary(
      request: ClientRequest(message: request, metadata: metadata),
      descriptor: MethodDescriptor(name, .unary),
      serializer: RawSerializer(),
      deserializer: RawSerializer(),
      options: options
    ) { response in
      CallReply(try response.message, positions: Array(response.trailingMetadata[stringValues: MetadataKey.position]))
    }
  }

  // MARK: Streams

  /// Follows a feed for as long as `body` runs; reading is what gives the service credit. `body` may run before the
  /// service has answered: the first message, or the end, is the first thing to be known of it.
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
      let metadata = try settings.metadata(principal: principal, isCommand: false)
      if let own, own.takesDirectCalls(timeout: settings.timeout) {
        return try await own.call(
          name,
          try JSONMessageSerializer<Input>().serialize(input),
          metadata,
          timeout: settings.timeout,
          waitsForReady: settings.waitsForReady,
          window: settings.window
        ) { call in
          try await body(CallMessages(call) { try deserializer.deserialize($0) })
        }
      }
      let request = ClientRequest(message: input, metadata: metadata)
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
