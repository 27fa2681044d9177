import GRPCCore

/// Writes the messages of a stream into the call itself.
struct MessageWriter<Serializer: MessageSerializer>: RPCWriterProtocol where Serializer.Message: Sendable {
  let call: ServerPipe
  let serializer: Serializer

  func write(_ element: Serializer.Message) async throws {
    try await call.write(.message(serializer.serialize(element)))
  }

  func write(contentsOf elements: some Sequence<Serializer.Message>) async throws {
    for element in elements { try await write(element) }
  }
}
