package import Contracts
package import Logging
package import Messaging
package import ServiceRuntime
package import Storage
import Synchronization

/// Several services in one process, on stores in a directory of their own, with a clock that stands until it is moved.
///
/// ```
/// try await withServiceHarness { harness in
///   let ranking = try await harness.start(Ranking.service)
///   let answer = try await harness.client(of: .ranking).call(RankingAPI.opportunities, …)
///   try await waitUntil("…") { … }
/// }
/// ```
package final class ServiceHarness: Sendable {
  package let directory: TemporaryDirectory
  package let clock: ManualClock
  package let hub: InMemoryHub
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    var running: [String: RunningService] = [:]
    var clients: [Task<Void, any Error>] = []
  }

  fileprivate init(
    _ directory: TemporaryDirectory,
    _ clock: ManualClock,
    _ faults: InMemoryEventTransport.Faults,
    _ logger: Logger
  ) {
    self.directory = directory
    self.clock = clock
    self.logger = logger
    hub = InMemoryHub(faults: faults, wallTime: { clock.now })
  }

  /// Starts a service and returns once it serves. Its store stays where it is when it is stopped, so that starting it
  /// again continues.
  /// - Parameter arguments: flags, as on its command line.
  /// - Throws: `StartupFailure`.
  @discardableResult
  package func start(_ definition: ServiceDefinition, _ arguments: [String] = []) async throws -> RunningService {
    var flags = ["test"]
    for (flag, value) in [("--data", directory.path), ("--admin", "127.0.0.1:0"), ("--http", "127.0.0.1:0")]
    where !arguments.contains(flag) && (flag != "--http" || definition.profile.httpPort != nil) {
      flags += [flag, value]
    }
    let settings = try await Settings.load(
      for: definition.profile,
      own: definition.settings,
      arguments: flags + arguments,
      environment: [:]
    )
    let network = InMemoryNetwork(hub, for: definition.profile, known: ServiceProfile.all + [definition.profile])
    let clock = clock
    let assembly = try await ServiceAssembly.open(
      definition,
      settings: settings,
      network: network,
      clock: ServiceClock(now: { clock.now }, sleep: { try await clock.sleep(for: $0) }),
      logger: logger
    )
    let service = RunningService(assembly: assembly, network: network)
    await assembly.state.wait(until: .serving)
    if assembly.state.phase != .serving { try await service.outcome() }
    state.withLock { $0.running[definition.profile.name] = service }
    service.carryCalls()
    return service
  }

  /// A client of a service, there or not, as an operator would use it.
  package func client(
    of service: ServiceProfile,
    as principal: Principal = Principal(role: .ops, name: "tester")
  ) throws -> CallClient {
    let client = try hub.client(of: service.name, as: principal)
    state.withLock { $0.clients.append(Task { try await client.run() }) }
    return client
  }

  fileprivate func stopAll() async throws {
    let (services, clients) = state.withLock { (Array($0.running.values), $0.clients) }
    for client in clients { client.cancel() }
    for service in services { try await service.stop() }
  }
}

/// A service that runs inside the test's process.
package final class RunningService: Sendable {
  package let assembly: ServiceAssembly
  private let task: Task<Void, any Error>
  private let network: InMemoryNetwork
  private let carrier = Mutex<Task<Void, any Error>?>(nil)

  fileprivate init(assembly: ServiceAssembly, network: InMemoryNetwork) {
    self.assembly = assembly
    self.network = network
    task = Task { try await assembly.run() }
  }

  package var store: Store { assembly.store }

  /// Where a socket listens.
  package func address(of socket: ServiceState.Socket) -> String? { assembly.state.address(of: socket) }

  /// Stops it as SIGTERM does, and returns once its store is closed.
  package func stop() async throws {
    assembly.state.stop()
    try await outcome()
  }

  /// Breaks off whatever it is doing; what was committed stays.
  package func breakOff() async {
    task.cancel()
    // How it ended is of no interest: it was told to drop everything.
    _ = await task.result
  }

  fileprivate func outcome() async throws {
    try await task.value
  }

  fileprivate func carryCalls() {
    carrier.withLock { $0 = Task { [network] in try await network.carryCalls() } }
  }
}

/// Runs `body` with a harness; afterwards stops all its services and removes their stores, however `body` ends.
/// - Parameters:
///   - faults: what befalls messages of the live feeds.
///   - logger: says nothing unless given.
package func withServiceHarness<Value>(
  clock: ManualClock = ManualClock(),
  faults: InMemoryEventTransport.Faults = .init(),
  logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
  _ body: (ServiceHarness) async throws -> Value
) async throws -> Value {
  try await withTemporaryDirectory { directory in
    let harness = ServiceHarness(directory, clock, faults, logger)
    do {
      let value = try await body(harness)
      try await harness.stopAll()
      return value
    } catch {
      // The first error is the one that matters; stopping is tried so that nothing is left behind.
      try? await harness.stopAll()
      throw error
    }
  }
}
