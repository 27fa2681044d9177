import GRPCCore

/// What `CallClient` uses of a `GRPCClient`, so that its transport need not show in every type that holds a client.
protocol CallConnection: Sendable {
  func runConnections() async throws
  func beginGracefulShutdown()

  func unary<Request, Response, Result: Sendable>(
    request: ClientRequest<Request>,
    descriptor: MethodDescriptor,
    serializer: some MessageSerializer<Request>,
    deserializer: some MessageDeserializer<Response>,
    options: CallOptions,
    onResponse handleResponse: @Sendable @escaping @concurrent (ClientResponse<Response>) async throws -> Result
  ) async throws -> Result

  func serverStreaming<Request, Response, Result: Sendable>(
    request: ClientRequest<Request>,
    descriptor: MethodDescriptor,
    serializer: some MessageSerializer<Request>,
    deserializer: some MessageDeserializer<Response>,
    options: CallOptions,
    onResponse handleResponse:
      @Sendable @escaping @concurrent (StreamingClientResponse<Response>) async throws ->
      Result
  ) async throws -> Result

  func bidirectionalStreaming<Request, Response, Result: Sendable>(
    request: StreamingClientRequest<Request>,
    descriptor: MethodDescriptor,
    serializer: some MessageSerializer<Request>,
    deserializer: some MessageDeserializer<Response>,
    options: CallOptions,
    onResponse handleResponse:
      @Sendable @escaping @concurrent (StreamingClientResponse<Response>) async throws ->
      Result
  ) async throws -> Result
}

extension GRPCClient: CallConnection {}
