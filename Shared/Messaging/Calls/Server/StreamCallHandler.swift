import Contracts
import GRPCCore

/// A method with a stream on one side or both.
struct StreamCallHandler<
  Input: Sendable,
  Output: Sendable,
  Deserializer: MessageDeserializer<Input>,
  Serializer: MessageSerializer<Output>
>: CallHandler {
  typealias Answer = @Sendable (CallMessages<Input>, ServerCall, RPCWriter<Output>) async throws -> Void

  let name: MethodName
  let kind: MethodKind
  let input: any (Codable & Sendable).Type
  let output: any (Codable & Sendable).Type
  let deserializer: Deserializer
  let serializer: Serializer
  let answer: Answer

  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?) {
    router.registerHandler(
      forMethod: MethodDescriptor(name, kind.rpcType),
      deserializer: deserializer,
      serializer: serializer
    ) { request, context in
      StreamingServerResponse(metadata: [:]) { writer in
        try await observed(context.remotePeer, observer) {
          let call = try ServerCall(name, request.metadata, from: context.remotePeer, context.origin)
          try await withCancellation(of: context) {
            try await answer(CallMessages(request.messages, ProgrammeCheck(call.caller, name)), call, writer)
          }
        }
        return [:]
      }
    }
  }
}
