import GRPCCore

/// What a handler is told about the call that it serves.
struct StartedCall: Sendable {
  let method: MethodDescriptor
  let remotePeer: String
  let localPeer: String
  let deadline: MonotonicInstant?

  func stream(
    for call: ServerPipe
  ) -> RPCStream<ZeroMQServerTransport.Inbound, ZeroMQServerTransport.Outbound> {
    RPCStream(
      descriptor: method,
      inbound: RPCAsyncSequence(wrapping: CallParts(pipe: call)),
      outbound: RPCWriter.Closable(wrapping: CallWriter(pipe: call))
    )
  }

  func serverContext(_ handle: ServerContext.RPCCancellationHandle) -> ServerContext {
    var context = ServerContext(
      descriptor: method,
      remotePeer: remotePeer,
      localPeer: localPeer,
      cancellation: handle
    )
    context.transportSpecific = CallDeadline(instant: deadline)
    return context
  }
}

/// The moment at which the transport ends a call that runs; nil when it may take for ever.
package struct CallDeadline: ServerContext.TransportSpecific {
  package let instant: MonotonicInstant?
}
