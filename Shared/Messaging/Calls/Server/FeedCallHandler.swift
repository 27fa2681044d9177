import Contracts
import GRPCCore

/// A method with one request, answered by a stream of messages.
struct FeedCallHandler<Input: Codable & Sendable, Output: Sendable, Serializer: MessageSerializer<Output>>:
  CallHandler
{
  typealias Produce = @Sendable (Input, ServerCall, RPCWriter<Output>) async throws -> Void

  let name: MethodName
  let output: any (Codable & Sendable).Type
  let serializer: Serializer
  let produce: Produce

  var kind: MethodKind { .feed }
  var input: any (Codable & Sendable).Type { Input.self }

  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?) {
    router.registerHandler(
      forMethod: MethodDescriptor(name, kind.rpcType),
      deserializer: RawSerializer(),
      serializer: serializer
    ) { request, context in
      response(to: request.metadata, in: context, observer: observer) { call, writer in
        try await answer(try await CallMessages(request.messages).only(), call, writer)
        return [:]
      }
    }
  }

  func serve(_ call: ServerPipe, _ started: StartedCall, observer: CallObserver?) async {
    await serve(call, started, observer: observer) { context in
      let writer = RPCWriter(wrapping: MessageWriter(call: call, serializer: serializer))
      try await answer(try await call.request(), context, writer)
      return [:]
    }
  }

  private func answer(_ request: [UInt8], _ call: ServerCall, _ writer: RPCWriter<Output>) async throws {
    let input = try JSONMessageDeserializer<Input>().deserialize(request)
    try ProgrammeCheck(call.caller, name)?.check(input)
    try await produce(input, call, writer)
  }
}
