import Contracts
import Hummingbird
import Logging
import Messaging
import NIOCore
import Records
import ServiceLifecycle
import Storage

// The parts of a running service, each one a `Service` that the group starts and stops.

/// Follows one upstream instance until the service stops. The batch in hand is committed first.
struct SubscriptionService: Service, CustomStringConvertible {
  let runner: SubscriptionRunner
  let store: Store
  let applied: AppliedPositions
  let logger: Logger

  var description: String { "subscription to \(runner.stream)/\(runner.instance)" }

  func run() async throws {
    let start = try await startingPoint()
    let end = try await withGracefulShutdownHandler {
      try await runner.run(from: start)
    } onGracefulShutdown: {
      runner.stop()
    }
    guard case .failed(let failure) = end else { return }
    // The service goes on without it: what it holds can be asked for, and an operator sees why.
    logger.error(
      "an upstream can't be followed any more; an operator has to decide",
      metadata: ["stream": "\(runner.stream)", "instance": "\(runner.instance)", "failure": "\(failure)"]
    )
    try await gracefulShutdown()
  }

  private func startingPoint() async throws -> SubscriptionStart {
    let cursors = try await store.read { try Records.Cursor.fetchAll($0) }
    let cursor = cursors.first { $0.identity.stream == runner.stream && $0.identity.instance == runner.instance }
    if let cursor { applied.advance(cursor.identity, to: cursor.position) }
    return cursor.map { .cursor($0) } ?? .beginning
  }
}

/// Answers calls until the service stops; the calls that were accepted are answered first.
struct CallService: Service, CustomStringConvertible {
  let answering: AnsweringServer
  let state: ServiceState
  let logger: Logger

  var description: String { "calls" }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await answering.server.run() }
        let endpoint = try await answering.listening()
        state.didBind(.calls, at: endpoint)
        try await group.waitForAll()
      }
    } onGracefulShutdown: {
      answering.server.beginShutdown()
    }
  }
}

/// Keeps a client connected until the service stops.
struct ClientService: Service, CustomStringConvertible {
  let client: CallClient
  let name: String

  var description: String { "client of \(name)" }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await client.run()
    } onGracefulShutdown: {
      client.beginShutdown()
    }
  }
}

/// Serves HTTP until the service stops; the requests that were accepted are answered first.
struct HTTPService: Service, CustomStringConvertible {
  let routes: HTTPRoutes
  let address: HostAndPort
  let socket: ServiceState.Socket
  let state: ServiceState
  let logger: Logger

  var description: String { "HTTP at \(address)" }

  func run() async throws {
    let configuration = ApplicationConfiguration(address: .hostname(address.host, port: address.port))
    // The server's own notes on connections are of no use to operators.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let application = routes.makeApplication(configuration, quiet) { channel in
      let port = channel.localAddress?.port ?? address.port
      state.didBind(socket, at: HostAndPort(host: address.host, port: port).description)
    }
    do {
      try await application.run()
    } catch let error as IOError {
      throw StartupFailure(error, at: "http://\(address)")
    }
  }
}

/// Work of a service's own. When it is done early, it waits for the others.
struct BackgroundService: Service, CustomStringConvertible {
  let work: any Service

  var description: String { "background \(work)" }

  func run() async throws {
    try await work.run()
    try await gracefulShutdown()
  }
}

/// Tells everyone that the service is about to stop, before anything else stops: it is the last of the group's
/// services, and those stop in reverse order.
struct ReadinessService: Service, CustomStringConvertible {
  let state: ServiceState
  let logger: Logger
  var description: String { "readiness" }

  func run() async {
    await withGracefulShutdownHandler {
      await state.wait(until: .serving)
      if state.phase == .serving { logger.info("serving", metadata: addresses) }
      await state.wait(until: .stopping)
      if state.phase == .stopping { logger.info("stopping") }
    } onGracefulShutdown: {
      state.stop()
    }
  }

  private var addresses: Logger.Metadata {
    let known = ServiceState.Socket.allCases.compactMap { socket in
      state.address(of: socket).map { (socket.rawValue, Logger.MetadataValue.string($0)) }
    }
    return Logger.Metadata(uniqueKeysWithValues: known)
  }
}
