import GRPCCore

/// What a handler is told about the call that it serves.
struct StartedCall: Sendable {
  /// `service/Method`, as it was asked for.
  let name: String
  let method: MethodDescriptor
  let remotePeer: String
  let localPeer: String
  let deadline: MonotonicInstant?
  let caller: AuthenticatedCaller?

  var origin: CallOrigin { CallOrigin(deadline: deadline, caller: caller) }

  func stream(
    for call: ServerPipe
  ) -> RPCStream<ZeroMQServerTransport.Inbound, ZeroMQServerTransport.Outbound> {
    RPCStream(
      descriptor: method,
      inbound: RPCAsyncSequence(wrapping: ServerCallParts(pipe: call)),
      outbound: RPCWriter.Closable(wrapping: ServerCallWriter(pipe: call))
    )
  }

  func serverContext(_ handle: ServerContext.RPCCancellationHandle) -> ServerContext {
    var context = ServerContext(
      descriptor: method,
      remotePeer: remotePeer,
      localPeer: localPeer,
      cancellation: handle
    )
    context.transportSpecific = origin
    return context
  }
}

/// What our own transport knows of a call beside what GRPCCore asks for.
package struct CallOrigin: ServerContext.TransportSpecific {
  /// The moment at which the transport ends the call if it still runs; nil when it may take for ever.
  package let deadline: MonotonicInstant?
  /// Nil where the transport knows no keys.
  package let caller: AuthenticatedCaller?
}
