import Contracts
import GRPCCore

/// A method with one request and one answer, both as the bytes that travel.
struct UnaryCallHandler: CallHandler {
  typealias Answer = @Sendable ([UInt8], ServerCall) async throws -> CallReply<[UInt8]>

  let name: MethodName
  let kind: MethodKind
  let input: any (Codable & Sendable).Type
  let output: any (Codable & Sendable).Type
  let place: HandlerPlace
  let answer: Answer

  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?) {
    router.registerHandler(
      forMethod: MethodDescriptor(name, kind.rpcType),
      deserializer: RawSerializer(),
      serializer: RawSerializer()
    ) { request, context in
      response(to: request.metadata, in: context, observer: observer) { call, writer in
        let reply = try await answer(try await CallMessages(request.messages).only(), call)
        try await writer.write(reply.output)
        return Metadata(positions: reply.positions)
      }
    }
  }

  func serve(_ call: ServerPipe, _ started: StartedCall, observer: CallObserver?) async {
    await serve(call, started, observer: observer) { context in
      let reply = try await answer(try await call.request(), context)
      try await call.write(.message(reply.output))
      return Metadata(positions: reply.positions)
    }
  }
}

extension CallMessages {
  /// The one message of a request that isn't a stream.
  func only() async throws -> Message {
    var iterator = makeAsyncIterator()
    guard let message = try await iterator.next() else { throw Fault.missingRequest }
    guard try await iterator.next() == nil else { throw Fault.tooManyRequests }
    return message
  }
}
