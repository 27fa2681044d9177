import Contracts
package import GRPCCore
import Synchronization

/// GRPCCore's server transport over a ZeroMQ ROUTER (WIRE.md, "Calls").
package final class ZeroMQServerTransport: ServerTransport {
  package typealias Bytes = [UInt8]

  private let thread: SocketThread
  private let handle: DriverHandle
  private let endpoints: [Endpoint]
  private let security: ServerSecurity
  private let limits: CallLimits
  private let link: ServerLink
  private let bound = Mutex<BoundEndpoints>(.init())

  private struct BoundEndpoints {
    var outcome: Result<[Endpoint], ZeroMQError>?
    var waiters: [CheckedContinuation<Result<[Endpoint], ZeroMQError>, Never>] = []
  }

  /// - Parameter endpoints: where to listen; port `*` takes any that is free.
  package init(
    at endpoints: [Endpoint],
    on thread: SocketThread,
    security: ServerSecurity = .plain,
    limits: CallLimits = CallLimits()
  ) {
    self.thread = thread
    self.endpoints = endpoints
    self.security = security
    self.limits = limits
    handle = thread.makeHandle()
    link = ServerLink(handle: handle)
  }

  /// Where the server listens, with the ports that were chosen; waits for `listen` to have bound them.
  /// - Throws: why it couldn't.
  package var boundEndpoints: [Endpoint] {
    get async throws(ZeroMQError) {
      let outcome = await withCheckedContinuation { continuation in
        let known = bound.withLock { bound in
          if bound.outcome == nil { bound.waiters.append(continuation) }
          return bound.outcome
        }
        if let known { continuation.resume(returning: known) }
      }
      return try outcome.get()
    }
  }

  package func configure(context: GRPCServerContext) {
    link.register(context.methods)
  }

  /// Has calls answered without GRPCCore's router; those of methods that nobody knows go through it.
  func answer(_ handlers: [any CallHandler], observer: CallObserver?) {
    var answers: [String: ServerLink.DirectHandler] = [:]
    for handler in handlers {
      answers[handler.name.description] = { call, started in await handler.serve(call, started, observer: observer) }
    }
    let threadMethods = handlers.lazy.filter { $0.place == .socketThread }.map(\.name.description)
    link.answer(with: answers, onThread: Set(threadMethods))
  }

  /// Binds and serves until a graceful shutdown has ended (at most `limits.drain` and a second later) or the task is
  /// cancelled, which calls everything off.
  /// - Throws: `ZeroMQError`, for instance when a port is taken.
  package func listen(
    streamHandler: @escaping @Sendable @concurrent (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async throws {
    link.serve(with: streamHandler)
    var options = SocketOptions()
    options.security = security.socket(for: .calls)
    options.reportsUnreachablePeers = true
    options.largestMessageBytes = limits.largestFrameBytes
    options.linger = .seconds(1)
    do {
      let found = try await thread.attach(as: handle) {
        [link, endpoints, limits, options, security] loop throws(ZeroMQError) in
        let socket = try loop.open(.router, options, tag: 0)
        var found: [Endpoint] = []
        for endpoint in endpoints {
          try socket.bind(endpoint)
          found.append(try socket.lastEndpoint())
        }
        let name = found.map(\.description).joined(separator: " ")
        return (ServerDriver(link, socket, localPeer: name, access: security.access, limits: limits), found)
      }
      // Calls of a key that has just been taken off the list are ended.
      security.access?.observe { [handle] in handle.wake() }
      announce(.success(found))
    } catch {
      announce(.failure(error))
      throw error
    }
    await withTaskCancellationHandler {
      await link.waitUntilFinished()
    } onCancel: {
      link.abort()
    }
    await handle.detach()
  }

  package func beginGracefulShutdown() {
    link.drain()
  }

  /// Handlers that are running.
  package var runningHandlers: Int { link.runningHandlers }

  private func announce(_ outcome: Result<[Endpoint], ZeroMQError>) {
    let waiters = bound.withLock { bound in
      bound.outcome = outcome
      defer { bound.waiters = [] }
      return bound.waiters
    }
    for waiter in waiters { waiter.resume(returning: outcome) }
  }
}
