import Contracts
import GRPCCore

/// A method with streams on both sides.
struct ExchangeCallHandler<
  Input: Sendable,
  Output: Sendable,
  Deserializer: MessageDeserializer<Input>,
  Serializer: MessageSerializer<Output>
>: CallHandler {
  typealias Answer = @Sendable (CallMessages<Input>, ServerCall, RPCWriter<Output>) async throws -> Void

  let name: MethodName
  let input: any (Codable & Sendable).Type
  let output: any (Codable & Sendable).Type
  let deserializer: Deserializer
  let serializer: Serializer
  let answer: Answer

  var kind: MethodKind { .exchange }

  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?) {
    router.registerHandler(
      forMethod: MethodDescriptor(name, kind.rpcType),
      deserializer: deserializer,
      serializer: serializer
    ) { request, context in
      response(to: request.metadata, in: context, observer: observer) { call, writer in
        try await answer(CallMessages(request.messages, ProgrammeCheck(call.caller, name)), call, writer)
        return [:]
      }
    }
  }

  func serve(_ call: ServerPipe, _ started: StartedCall, observer: CallObserver?) async {
    await serve(call, started, observer: observer) { context in
      let messages = CallMessages(call, ProgrammeCheck(context.caller, name)) { try deserializer.deserialize($0) }
      try await answer(messages, context, RPCWriter(wrapping: MessageWriter(call: call, serializer: serializer)))
      return [:]
    }
  }
}
