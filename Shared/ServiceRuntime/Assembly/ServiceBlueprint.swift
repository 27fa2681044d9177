package import Contracts
package import Records
package import ServiceLifecycle
package import Storage

/// All that makes one service different from another. The runtime does the rest.
package struct ServiceBlueprint: Sendable {
  /// The store's schema, oldest first; only ever added to.
  package var migrations: [Migration]
  /// Where the rows of each of its tables belong; nil for a service whose instances share nothing but what they read.
  package var tables: [PartitionedTable]?
  /// Runs in the transaction in which a programme has come from another instance, for what that one can't have known.
  package var didAdopt: @Sendable (ID<Programme>, Transaction) throws -> Void
  /// How a snapshot is made of each of its streams for those who follow it late, where one can be made.
  package var snapshots: [SnapshotOffer]
  /// One for each stream that the service follows.
  package var consumers: [EventConsumer]
  package var calls: @Sendable (inout CallTable) -> Void
  package var timers: [ServiceTimer]
  /// Runs once, on the writer, before anything else reaches the store: the place to load what is kept in memory.
  package var prepare: @Sendable (Transaction) throws -> Void
  /// The HTTP application, for a service whose profile has a port for one.
  package var http: (@Sendable (ServiceResources) throws -> HTTPRoutes)?
  /// What else runs as long as the service does.
  package var background: @Sendable (ServiceResources) throws -> [any Service]
  /// Told of every frame after it is on disk and published, in order; must not wait.
  package var didPublish: @Sendable ([RecordFrame]) -> Void

  package init(
    migrations: [Migration],
    tables: [PartitionedTable]? = nil,
    didAdopt: @escaping @Sendable (ID<Programme>, Transaction) throws -> Void = { _, _ in },
    snapshots: [SnapshotOffer] = [],
    consumers: [EventConsumer] = [],
    calls: @escaping @Sendable (inout CallTable) -> Void = { _ in },
    timers: [ServiceTimer] = [],
    prepare: @escaping @Sendable (Transaction) throws -> Void = { _ in },
    http: (@Sendable (ServiceResources) throws -> HTTPRoutes)? = nil,
    background: @escaping @Sendable (ServiceResources) throws -> [any Service] = { _ in [] },
    didPublish: @escaping @Sendable ([RecordFrame]) -> Void = { _ in }
  ) {
    self.migrations = migrations
    self.tables = tables
    self.didAdopt = didAdopt
    self.snapshots = snapshots
    self.consumers = consumers
    self.calls = calls
    self.timers = timers
    self.prepare = prepare
    self.http = http
    self.background = background
    self.didPublish = didPublish
  }
}

/// A service as its `main` and its tests start it: who it is, what can be set, and how it is made from its settings.
package struct ServiceDefinition: Sendable {
  package let profile: ServiceProfile
  /// The settings that it has beside the standard ones.
  package let settings: [any AnySetting]
  package let makeBlueprint: @Sendable (Settings) throws -> ServiceBlueprint

  package init(
    _ profile: ServiceProfile,
    settings: [any AnySetting] = [],
    _ makeBlueprint: @escaping @Sendable (Settings) throws -> ServiceBlueprint
  ) {
    self.profile = profile
    self.settings = settings
    self.makeBlueprint = makeBlueprint
  }
}
