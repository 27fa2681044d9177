import Contracts
package import GRPCCore

/// Answers calls over any transport: the registered methods, and with them health and reflection.
package final class CallServer: Sendable {
  /// What `health.v1` reports; the whole process is `serving` while the server runs and isn't draining.
  package let health: HealthBoard
  private let server: any RunningServer

  /// - Parameters:
  ///   - handlers: the service's methods.
  ///   - observer: told about every call, for metrics and logs.
  package init(
    over transport: some ServerTransport,
    _ handlers: CallHandlers,
    observer: CallObserver? = nil
  ) {
    var handlers = handlers
    let services = Set(handlers.handlers.map(\.name.service))
    health = HealthBoard(services: services)
    handlers.addHealth(health)
    handlers.addReflection()
    server = CallServer.makeServer(transport, handlers, observer)
  }

  /// Serves until `beginShutdown` has taken effect, or until the task is cancelled, which calls everything off.
  /// - Throws: why it can't listen, e.g. `ZeroMQError` for a port that is taken.
  package func run() async throws {
    health.setAll(.serving)
    do {
      try await server.serve()
    } catch let error as RuntimeError {
      throw error.cause ?? error
    }
  }

  /// Reports NOT_SERVING, refuses new calls, and lets the accepted ones finish (bounded by the transport).
  package func beginShutdown() {
    health.setAll(.notServing)
    server.beginGracefulShutdown()
  }

  private static func makeServer<Transport: ServerTransport>(
    _ transport: Transport,
    _ handlers: CallHandlers,
    _ observer: CallObserver?
  ) -> any RunningServer {
    var router = RPCRouter<Transport>()
    for handler in handlers.handlers { handler.register(in: &router, observer: observer) }
    if let own = transport as? ZeroMQServerTransport {
      own.answer(handlers.handlers.compactMap { $0 as? UnaryCallHandler }, observer: observer)
    }
    return GRPCServer(transport: transport, router: router)
  }
}

/// What `CallServer` uses of a `GRPCServer`, whose transport it need not name.
private protocol RunningServer: Sendable {
  func serve() async throws
  func beginGracefulShutdown()
}

extension GRPCServer: RunningServer {}
