import Contracts
import GRPCCore

/// A method with one request and one answer, both as the bytes that travel.
struct UnaryCallHandler: CallHandler {
  typealias Answer = @Sendable ([UInt8], ServerCall) async throws -> CallReply<[UInt8]>

  let name: MethodName
  let kind: MethodKind
  let input: any (Codable & Sendable).Type
  let output: any (Codable & Sendable).Type
  let answer: Answer

  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?) {
    router.registerHandler(
      forMethod: MethodDescriptor(name, kind.rpcType),
      deserializer: RawSerializer(),
      serializer: RawSerializer()
    ) { request, context in
      StreamingServerResponse(metadata: [:]) { writer in
        try await observed(context.remotePeer, observer) {
          let call = try ServerCall(name, request.metadata, from: context.remotePeer, context.origin)
          return try await withCancellation(of: context) {
            let reply = try await answer(try await CallMessages(request.messages).only(), call)
            try await writer.write(reply.output)
            return Metadata(positions: reply.positions)
          }
        }
      }
    }
  }

  /// Answers a call of our own transport directly: GRPCCore's router costs a short call more than everything else
  /// (decision 0012). What goes over the wire is the same.
  func serve(_ call: ServerPipe, _ started: StartedCall, observer: CallObserver?) async {
    do throws(RPCError) {
      let trailing = try await observed(started.remotePeer, observer) {
        let metadata = try await call.requestMetadata()
        try await call.write(.metadata([:]))
        let context = try ServerCall(name, metadata, from: started.remotePeer, started.origin)
        let reply = try await answer(try await call.request(), context)
        try await call.write(.message(reply.output))
        return Metadata(positions: reply.positions)
      }
      call.step(.write(.status(Status(code: .ok, message: ""), trailing)))
    } catch {
      call.step(.write(.status(Status(code: Status.Code(error.code), message: error.message), error.metadata)))
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
