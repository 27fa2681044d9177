import GRPCCore

// A call's halves in GRPCCore's terms. They are spelled out for either side: GRPCCore reaches them through protocols,
// and a witness of a generic type is never specialised, so each part would pay for looking up its types at run time.

/// What a client reads of a call.
struct ClientCallParts: AsyncSequence, AsyncIteratorProtocol, Sendable {
  let pipe: CallPipe<ClientCallMachine>

  func next(isolation actor: isolated (any Actor)?) async throws -> RPCResponsePart<[UInt8]>? { try await pipe.next() }

  func next() async throws -> RPCResponsePart<[UInt8]>? { try await pipe.next() }

  func makeAsyncIterator() -> ClientCallParts { self }
}

/// What a client writes of a call.
struct ClientCallWriter: ClosableRPCWriterProtocol {
  let pipe: CallPipe<ClientCallMachine>

  func write(_ element: RPCRequestPart<[UInt8]>) async throws { try await pipe.write(element) }

  func write(contentsOf elements: some Sequence<RPCRequestPart<[UInt8]>>) async throws {
    for element in elements { try await pipe.write(element) }
  }

  func finish() async { pipe.step(.finish) }

  func finish(throwing error: any Error) async { pipe.step(.abandon(RPCError(converting: error))) }
}

/// What a server reads of a call.
struct ServerCallParts: AsyncSequence, AsyncIteratorProtocol, Sendable {
  let pipe: CallPipe<ServerCallMachine>

  func next(isolation actor: isolated (any Actor)?) async throws -> RPCRequestPart<[UInt8]>? { try await pipe.next() }

  func next() async throws -> RPCRequestPart<[UInt8]>? { try await pipe.next() }

  func makeAsyncIterator() -> ServerCallParts { self }
}

/// What a server writes of a call.
struct ServerCallWriter: ClosableRPCWriterProtocol {
  let pipe: CallPipe<ServerCallMachine>

  func write(_ element: RPCResponsePart<[UInt8]>) async throws { try await pipe.write(element) }

  func write(contentsOf elements: some Sequence<RPCResponsePart<[UInt8]>>) async throws {
    for element in elements { try await pipe.write(element) }
  }

  func finish() async { pipe.step(.finish) }

  func finish(throwing error: any Error) async { pipe.step(.abandon(RPCError(converting: error))) }
}
