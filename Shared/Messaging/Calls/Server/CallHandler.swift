package import Contracts
import GRPCCore

/// A method with the function that answers it, ready to be registered with a server over any transport.
protocol CallHandler: Sendable {
  var name: MethodName { get }
  var kind: MethodKind { get }
  var input: any (Codable & Sendable).Type { get }
  var output: any (Codable & Sendable).Type { get }
  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?)
}

/// One answered call, as an observer sees it.
package struct CallObservation: Sendable {
  package let method: MethodName
  package let peer: String
  /// From the request's arrival at the handler to the end of the answer.
  package let duration: Duration
  /// Why it failed; nil when it didn't.
  package let fault: Fault?
  /// What the handler threw, where that wasn't a fault: for the service's own log.
  package let unexpected: (any Error)?
}

/// Told about every call, after it; must return at once.
package typealias CallObserver = @Sendable (CallObservation) -> Void

struct StreamCallHandler<
  Input: Sendable,
  Output: Sendable,
  Deserializer: MessageDeserializer<Input>,
  Serializer: MessageSerializer<Output>
>: CallHandler {
  typealias Answer = @Sendable (CallMessages<Input>, ServerCall, RPCWriter<Output>) async throws -> Metadata

  let name: MethodName
  let kind: MethodKind
  let input: any (Codable & Sendable).Type
  let output: any (Codable & Sendable).Type
  private let deserializer: Deserializer
  private let serializer: Serializer
  private let answer: Answer

  init(
    name: MethodName,
    kind: MethodKind,
    input: any (Codable & Sendable).Type,
    output: any (Codable & Sendable).Type,
    deserializer: Deserializer,
    serializer: Serializer,
    answer: @escaping Answer
  ) {
    self.name = name
    self.kind = kind
    self.input = input
    self.output = output
    self.deserializer = deserializer
    self.serializer = serializer
    self.answer = answer
  }

  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?) {
    router.registerHandler(
      forMethod: MethodDescriptor(name, kind.rpcType),
      deserializer: deserializer,
      serializer: serializer
    ) { request, context in
      StreamingServerResponse(metadata: [:]) { writer in
        try await answer(request, context, writer, observer)
      }
    }
  }

  private func answer(
    _ request: StreamingServerRequest<Input>,
    _ context: ServerContext,
    _ writer: RPCWriter<Output>,
    _ observer: CallObserver?
  ) async throws -> Metadata {
    let start = MonotonicInstant.now
    func report(_ fault: Fault?, _ unexpected: (any Error)?) {
      observer?(
        CallObservation(
          method: name,
          peer: context.remotePeer,
          duration: .now - start,
          fault: fault,
          unexpected: unexpected
        )
      )
    }
    do {
      let call = try ServerCall(name, request.metadata, context)
      let trailing = try await withCancellation(of: context) {
        try await answer(CallMessages(request.messages, ProgrammeCheck(call.caller, name)), call, writer)
      }
      report(nil, nil)
      return trailing
    } catch {
      let isExpected = error is Fault || error is any RPCErrorConvertible || error is CancellationError
      let fault =
        isExpected
        ? Fault(reporting: error) : Fault(.internal, reason: "internal", "the service failed; its log says why")
      report(fault, isExpected ? nil : error)
      throw RPCError(fault)
    }
  }
}

/// Runs a handler so that the cancellation of its call cancels its task.
///
/// Our own transport cancels both at once. Others signal only GRPCCore's handle, which handlers here know nothing of.
private func withCancellation<Answer: Sendable>(
  of context: ServerContext,
  _ handler: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
  if context.transportSpecific is CallOrigin { return try await handler() }
  return try await withThrowingTaskGroup(of: Answer?.self) { group in
    group.addTask { try await handler() }
    group.addTask {
      try await context.cancellation.cancelled
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let answer = first else { throw RPCError.cancelled }
    return answer
  }
}

extension MethodKind {
  /// What the transport may rely on: single requests and answers go out in one piece.
  var rpcType: MethodDescriptor.RPCType {
    switch self {
    case .query, .command: .unary
    case .feed: .serverStreaming
    case .exchange: .bidirectionalStreaming
    }
  }
}
