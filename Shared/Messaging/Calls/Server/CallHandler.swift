package import Contracts
import GRPCCore

/// A method with the function that answers it, ready to be registered with a server over any transport.
protocol CallHandler: Sendable {
  var name: MethodName { get }
  var kind: MethodKind { get }
  var input: any (Codable & Sendable).Type { get }
  var output: any (Codable & Sendable).Type { get }
  var place: HandlerPlace { get }
  func register<Transport: ServerTransport>(in router: inout RPCRouter<Transport>, observer: CallObserver?)
  /// Answers a call of our own transport past GRPCCore's router, which costs a short call, and a message of a stream,
  /// more than everything else (decision 0012). What goes over the wire is the same.
  func serve(_ call: ServerPipe, _ started: StartedCall, observer: CallObserver?) async
}

extension CallHandler {
  /// Streams keep to the pool.
  var place: HandlerPlace { .pool }

  /// The response to a call that comes by GRPCCore's router.
  /// - Parameter answer: reads the request and writes the messages; returns what goes with the status.
  func response<Output: Sendable>(
    to metadata: Metadata,
    in context: ServerContext,
    observer: CallObserver?,
    _ answer: @escaping @Sendable (ServerCall, RPCWriter<Output>) async throws -> Metadata
  ) -> StreamingServerResponse<Output> {
    StreamingServerResponse(metadata: [:]) { writer in
      try await observed(context.remotePeer, observer) {
        let call = try ServerCall(name, metadata, from: context.remotePeer, context.origin)
        return try await withCancellation(of: context) { try await answer(call, writer) }
      }
    }
  }

  /// Serves a call of our own transport from its metadata to its status.
  /// - Parameter answer: reads the request and writes the messages; returns what goes with the status.
  func serve(
    _ call: ServerPipe,
    _ started: StartedCall,
    observer: CallObserver?,
    _ answer: (ServerCall) async throws -> Metadata
  ) async {
    do throws(RPCError) {
      let trailing = try await observed(started.remotePeer, observer) {
        let metadata = try await call.requestMetadata()
        try await call.write(.metadata([:]))
        return try await answer(try ServerCall(name, metadata, from: started.remotePeer, started.origin))
      }
      call.step(.write(.status(Status(code: .ok, message: ""), trailing)), hurries: true)
    } catch {
      let status = Status(code: Status.Code(error.code), message: error.message)
      call.step(.write(.status(status, error.metadata)), hurries: true)
    }
  }
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

extension CallHandler {
  /// Runs an answer, and tells the observer how it went.
  /// - Throws: `RPCError`, as the caller is to see it: a fault as it is, the unexpected without details.
  func observed<Answer>(
    _ peer: String,
    _ observer: CallObserver?,
    _ answer: () async throws -> Answer
  ) async throws(RPCError) -> Answer {
    let start = MonotonicInstant.now
    func report(_ fault: Fault?, _ unexpected: (any Error)?) {
      observer?(
        CallObservation(method: name, peer: peer, duration: .now - start, fault: fault, unexpected: unexpected)
      )
    }
    do {
      let answer = try await answer()
      report(nil, nil)
      return answer
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
func withCancellation<Answer: Sendable>(
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

extension ServerContext {
  /// What our own transport knows of the call; nil over others.
  var origin: CallOrigin? { transportSpecific as? CallOrigin }
}

extension Metadata {
  init(positions: [String]) {
    self.init(positions.map { (key: MetadataKey.position, value: .string($0)) })
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
