import Contracts
package import GRPCCore
import Synchronization

/// GRPCCore's client transport over a ZeroMQ DEALER (WIRE.md, "Calls").
///
/// Deadlines, credit and limits are enforced here, on both sides; a lost connection is UNAVAILABLE at once and comes
/// back by itself.
package final class ZeroMQClientTransport: ClientTransport {
  package typealias Bytes = [UInt8]

  package let retryThrottle: RetryThrottle? = RetryThrottle(maxTokens: 100, tokenRatio: 0.1)
  private let thread: SocketThread
  private let handle: DriverHandle
  private let endpoint: Endpoint
  private let security: ClientSecurity
  private let limits: CallLimits
  private let link: ClientLink
  private let isAttached = Atomic<Bool>(false)

  package init(
    to endpoint: Endpoint,
    on thread: SocketThread,
    security: ClientSecurity = .plain,
    limits: CallLimits = CallLimits()
  ) {
    self.thread = thread
    self.endpoint = endpoint
    self.security = security
    self.limits = limits
    handle = thread.makeHandle()
    link = ClientLink(server: endpoint.description, handle: handle, limits: limits)
  }

  /// Connects, and keeps connecting, until the client shuts down.
  /// - Throws: `ZeroMQError` when the endpoint can't be used at all.
  package func connect() async throws {
    var options = SocketOptions()
    options.queuesOnlyWhenConnected = true
    options.largestMessageBytes = limits.largestFrameBytes
    do {
      try await thread.attach(as: handle) { [link, endpoint, options, security] loop throws(ZeroMQError) in
        (try ClientDriver(link, endpoint: endpoint, security, options, on: loop), ())
      }
    } catch {
      link.close(because: RPCError(code: .unavailable, message: "\(error)"))
      throw error
    }
    isAttached.store(true, ordering: .relaxed)
    await withTaskCancellationHandler {
      await link.waitUntilClosed()
    } onCancel: {
      link.close(because: .cancelled)
    }
    await handle.detach()
  }

  package func beginGracefulShutdown() {
    link.beginClosing()
  }

  package func withStream<Result: Sendable>(
    descriptor: MethodDescriptor,
    options: CallOptions,
    _ closure: @concurrent (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
  ) async throws -> Result {
    var limits = self.limits
    if let limit = options.maxRequestMessageBytes { limits.largestRequestBytes = limit }
    if let limit = options.maxResponseMessageBytes { limits.largestResponseBytes = limit }
    let call = try link.open(
      descriptor.fullyQualifiedMethod,
      sendsInOnePiece: descriptor.type.map { !$0.isRequestStreaming } ?? false,
      waitsForReady: options.waitForReady ?? false,
      timeout: nil,
      limits: limits
    )
    let stream = RPCStream<Inbound, Outbound>(
      descriptor: descriptor,
      inbound: RPCAsyncSequence(wrapping: ClientCallParts(pipe: call)),
      outbound: RPCWriter.Closable(wrapping: ClientCallWriter(pipe: call))
    )
    let context = ClientContext(descriptor: descriptor, remotePeer: endpoint.description, localPeer: "zeromq")
    // Child tasks of the closure may still hold the stream afterwards; for them the call is over then.
    defer { call.step(.abandon(nil)) }
    return try await withTaskCancellationHandler {
      try await closure(stream, context)
    } onCancel: {
      call.step(.abandon(.cancelled))
    }
  }

  /// Whether a call can be made directly: its deadline is watched by the driver, once that is there.
  func takesDirectCalls(timeout: Duration?) -> Bool { timeout == nil || isAttached.load(ordering: .relaxed) }

  /// A call with one request, as `withStream` would have it, without GRPCCore's layers: those cost a short call, and a
  /// message of a feed, more than everything else (decision 0012). Nothing is tried again.
  /// - Parameters:
  ///   - window: what the server may send before more is asked for; nil for what the limits say.
  ///   - read: reads what the server answers; the call is over once it returns.
  /// - Throws: what `read` throws, `RuntimeError` once the client has been stopped.
  func call<Result: Sendable>(
    _ method: MethodName,
    _ request: [UInt8],
    _ metadata: Metadata,
    timeout: Duration?,
    waitsForReady: Bool,
    window: StreamCredit? = nil,
    _ read: (ClientPipe) async throws -> Result
  ) async throws -> Result {
    var limits = self.limits
    limits.window = window ?? limits.window
    let call: ClientPipe
    do {
      call = try link.open(
        method.description,
        sendsInOnePiece: true,
        waitsForReady: waitsForReady,
        timeout: timeout,
        limits: limits
      )
    } catch {
      throw RuntimeError(code: .clientIsStopped, message: "the client of \(endpoint) is closed")
    }
    defer { call.step(.abandon(nil)) }
    return try await withTaskCancellationHandler {
      do {
        try await call.write(.metadata(metadata))
        try await call.write(.message(request))
        call.step(.finish, hurries: true)
      } catch {
        // Whatever keeps the request from going out ends the call, and is read as its outcome, with all that it says.
      }
      return try await read(call)
    } onCancel: {
      call.step(.abandon(.cancelled))
    }
  }

  package func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? { nil }

  /// Calls under way.
  package var callCount: Int { link.callCount }
}
