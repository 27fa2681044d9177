import Contracts
import Foundation
package import Logging
import Messaging
import Records
import ServiceLifecycle
package import Storage
import UnixSignals

/// A service put together from its blueprint: the store is open, nothing runs yet.
package struct ServiceAssembly: Sendable {
  package let profile: ServiceProfile
  package let store: Store
  package let state: ServiceState
  package let registry: PrometheusRegistry
  package let clients: ServiceClients
  let blueprint: ServiceBlueprint
  let settings: Settings
  let network: any ServiceNetwork
  let clock: ServiceClock
  let logger: Logger
  let relay: CommitRelay
  let applied: AppliedPositions
  let upstreams: UpstreamBoard
  let integrity: IntegrityGuard
  let retention: JournalRetention
  let startedAt: Timestamp

  /// Opens the store and prepares the service.
  /// - Parameter configureStore: changes what the settings say of the store, for tests that want its bounds near.
  /// - Throws: `StartupFailure`.
  package static func open(
    _ definition: ServiceDefinition,
    settings: Settings,
    network: any ServiceNetwork,
    clock: ServiceClock = .system,
    logger: Logger,
    registry: PrometheusRegistry = PrometheusRegistry(),
    configureStore: (inout StoreConfiguration) -> Void = { _ in }
  ) async throws(StartupFailure) -> ServiceAssembly {
    do {
      try checkHTTP(definition.profile, settings)
      let blueprint = try definition.makeBlueprint(settings)
      let relay = CommitRelay()
      var configuration = storeConfiguration(definition.profile, settings, logger, registry)
      configuration.partitioning = partitioning(of: blueprint, settings)
      configureStore(&configuration)
      let store = try Store.open(
        configuration,
        streams: definition.profile.streams,
        migrations: blueprint.migrations,
        onCommit: relay.didCommit,
        now: clock.now
      )
      do {
        try await store.write(blueprint.prepare)
        return try ServiceAssembly(
          definition.profile,
          blueprint,
          store,
          settings,
          network,
          clock,
          logger,
          registry,
          relay
        )
      } catch {
        await store.close()
        throw error
      }
    } catch {
      await network.close()
      throw StartupFailure(error)
    }
  }

  private init(
    _ profile: ServiceProfile,
    _ blueprint: ServiceBlueprint,
    _ store: Store,
    _ settings: Settings,
    _ network: any ServiceNetwork,
    _ clock: ServiceClock,
    _ logger: Logger,
    _ registry: PrometheusRegistry,
    _ relay: CommitRelay
  ) throws {
    self.profile = profile
    self.blueprint = blueprint
    self.store = store
    self.settings = settings
    self.network = network
    self.clock = clock
    self.logger = logger
    self.registry = registry
    self.relay = relay
    state = ServiceState()
    applied = AppliedPositions()
    upstreams = UpstreamBoard()
    integrity = IntegrityGuard(store: store, logger: logger)
    retention = JournalRetention(
      store: store,
      snapshots: Set(blueprint.snapshots.map(\.stream)),
      settings: settings,
      logger: logger
    )
    startedAt = clock.now()
    let principal = Principal(role: .program, name: profile.name)
    var clients: [String: [CallClient]] = [:]
    for other in ServiceProfile.all where other != profile {
      clients[other.name] = try network.instances(of: other).map {
        try network.client(of: other, instance: $0, as: principal)
      }
    }
    self.clients = ServiceClients(clients)
  }

  /// HTTP has no encryption here, so it leaves the machine only where an operator says that somebody else provides it.
  private static func checkHTTP(_ profile: ServiceProfile, _ settings: Settings) throws {
    guard !settings[StandardSettings.allowPlainHTTP] else { return }
    let standard = StandardSettings(profile)
    for setting in [standard.admin, standard.http].compactMap(\.self) {
      let address = settings[setting]
      guard try !Endpoint("tcp://\(address)").isLocal else { continue }
      throw StartupFailure(
        .configuration,
        """
        --\(setting.name) is \(address), and HTTP is not encrypted: listen on 127.0.0.1 behind a proxy that speaks TLS, \
        or say --allow-plain-http where something else protects it
        """
      )
    }
  }

  private static func partitioning(of blueprint: ServiceBlueprint, _ settings: Settings) -> Partitioning? {
    blueprint.tables.map { tables in
      let standard: PartitionSet = settings[StandardSettings.instance] == 0 ? .all : .none
      return Partitioning(claim: settings[StandardSettings.partitions] ?? standard, tables: tables)
    }
  }

  static func storeConfiguration(
    _ profile: ServiceProfile,
    _ settings: Settings,
    _ logger: Logger,
    _ registry: PrometheusRegistry
  ) -> StoreConfiguration {
    let instance = settings[StandardSettings.instance]
    let name = instance == 0 ? profile.name : "\(profile.name)-\(instance)"
    var configuration = StoreConfiguration(
      path: "\(settings[StandardSettings.data])/\(name).sqlite",
      logger: logger,
      metrics: registry
    )
    configuration.instance = UInt16(instance)
    configuration.readerCount = settings[StandardSettings.readers]
    configuration.inboxCapacity = settings[StandardSettings.inboxCapacity]
    configuration.checkpoints = settings[StandardSettings.checkpoints]
    return configuration
  }

  /// Runs the service until its task's graceful shutdown, then finishes what was accepted and closes the store.
  /// - Parameter stopsOnSignals: whether SIGTERM and SIGINT ask for a graceful stop.
  /// - Throws: `StartupFailure` where it can't start, or where something fails that it can't do without.
  package func run(stopsOnSignals: Bool = false) async throws(StartupFailure) {
    defer { state.stop() }
    do {
      let publisher = try await network.events.publisher(of: store.heads())
      relay.add { publisher.publish($0) }
      relay.add(blueprint.didPublish)
      do {
        try await runGroup(stopsOnSignals)
      } catch {
        await publisher.close()
        throw error
      }
      await publisher.close()
      await letGo()
      logger.info("stopped")
    } catch {
      await letGo()
      // What is cut off after the time for stopping has passed is no failure of the start.
      guard state.phase == .stopping else { throw StartupFailure(error) }
      logger.warning(
        "the time for stopping is over; what was under way is left undone",
        metadata: ["error": "\(error)"]
      )
    }
  }

  private func runGroup(_ stopsOnSignals: Bool) async throws {
    var configuration = ServiceGroupConfiguration(
      services: try parts().map { part in
        // None of them ends by itself: the last one does when a stop is asked for, and takes the others with it.
        .init(service: part, successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "\(part)")
      },
      gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [],
      logger: quietLogger
    )
    let limit = Duration.seconds(settings[StandardSettings.shutdownSeconds])
    configuration.maximumGracefulShutdownDuration = limit
    try await ServiceGroup(configuration: configuration).run()
  }

  private func letGo() async {
    await store.close()
    await network.close()
  }

  /// The group's own notes repeat what the parts say.
  private var quietLogger: Logger {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .error)
    return quiet
  }
}
