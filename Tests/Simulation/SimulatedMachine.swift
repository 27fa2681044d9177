import Contracts
import Foundation
import Logging
import Messaging
import Records
import ServiceRuntime
import Storage
import Synchronization
import TestSupport

/// A computer with a disk, a wall clock and one instance of a service on it. The service's process comes and goes.
final class SimulatedMachine {
  let index: Int
  let definition: ServiceDefinition
  let instance: UInt16
  let disk: SimulatedDisk
  private let directory: String
  private let hub: InMemoryHub
  private let clock: VirtualClock
  private let settings: Settings
  /// How many instances of each service there are, where it isn't one.
  private let counts: [ServiceProfile: UInt16]
  /// What a new store owns.
  private let claim: PartitionSet?
  /// What moves with a partition.
  let tables: [PartitionedTable]
  /// What the service does something with, stream by stream.
  let consumedTypes: [StreamName: Set<EventType>]
  private let sabotage: Sabotage?

  /// Counts the processes; what was meant for an earlier one is dropped.
  private(set) var life = 0
  private(set) var process: SimulatedProcess?
  var publisher = SimulatedPublisher(heads: [], now: MonotonicInstant(nanoseconds: 0))
  var subscriptions: [SimulatedSubscription] = []
  var reporting = SimulatedReporting()
  /// Pages that may gather in the write-ahead log.
  var checkpointAfterPages = 1000
  /// The store's streams when the backup was made that it will be restored from.
  var backup: Backup?

  struct Backup {
    let path: String
    let heads: [HeadVector]
    let madeAt: MonotonicInstant
  }

  var profile: ServiceProfile { definition.profile }
  /// The service's name, and the number of every instance but the first.
  let name: String
  var storePath: String { "\(directory)/\(name).sqlite" }

  init(
    _ member: ServiceHouse.Member,
    of counts: [ServiceProfile: UInt16],
    index: Int,
    in directory: TemporaryDirectory,
    hub: InMemoryHub,
    clock: VirtualClock,
    diskSeed: UInt64,
    sabotage: Sabotage?
  ) async throws {
    definition = member.definition
    instance = member.instance
    claim = member.claim
    self.counts = counts
    self.index = index
    self.hub = hub
    self.clock = clock
    self.sabotage = sabotage
    let profile = member.definition.profile
    name = InMemoryHub.name(of: profile, instance: member.instance)
    self.directory = directory.path(of: name)
    disk = try SimulatedDisk(at: self.directory, seed: diskSeed)
    settings = try await Settings.load(
      for: profile,
      own: definition.settings,
      arguments: ["simulation", "--data", self.directory, "--instance", "\(member.instance)"]
        + (member.claim.map { ["--partitions", "\($0)"] } ?? []) + ServiceHouse.arguments(of: profile),
      environment: [:]
    )
    let blueprint = try definition.makeBlueprint(settings)
    tables = blueprint.tables ?? []
    consumedTypes = Dictionary(uniqueKeysWithValues: blueprint.consumers.map { ($0.stream, $0.types) })
  }

  /// Starts a process.
  /// - Throws: `StartupFailure`.
  func start() async throws {
    disk.powerOn()
    let (commits, checks) = (Tap<RecordFrame>(), Tap<Ownership.Upstream>())
    let network = makeNetwork()
    let assembly = try await open(network)
    do {
      let mechanism = try assembly.mechanism(publish: commits.add, checkCursor: { checks.add([$0]) })
      switch sabotage {
      case .skipCursorUpdate: try await SabotagedStore.skipCursorUpdates(in: assembly.store)
      case .forgetRequests: try await SabotagedStore.forgetRequests(in: assembly.store)
      case .publishBeforeCommit, .acceptGap, .dropChainCheck, .applyTwice, .forgetReading, nil: break
      }
      life += 1
      process = SimulatedProcess(assembly, mechanism, network, commits, checks)
    } catch {
      await assembly.store.close()
      throw error
    }
  }

  /// Ends the process, if there is one, without giving it time for anything.
  func stop() async {
    guard let process else { return }
    self.process = nil
    life += 1
    await process.end()
  }

  /// Puts an empty store on the disk.
  func install() async throws {
    // What it claims is in the store, too.
    let template = "\(name) \(claim.map { "\($0)" } ?? "")"
    if let image = StoreTemplates.shared.image(of: template) { return install(image) }
    let image = try await emptyStore()
    StoreTemplates.shared.keep(image, of: template)
    install(image)
  }

  /// The bytes of a store that was made and closed in order.
  private func emptyStore() async throws -> [UInt8] {
    let network = makeNetwork()
    let assembly = try await open(network)
    await assembly.store.close()
    await network.close()
    guard let bytes = disk.contents(of: storePath) else { throw CocoaError(.fileNoSuchFile) }
    return bytes
  }

  private func install(_ image: [UInt8]) {
    disk.replaceDatabase(at: storePath, with: image)
  }

  /// Makes a store out of the backup and puts it in the place of the one that is there, while no process runs.
  func restore(from backup: Backup) throws {
    let path = backup.path + ".restored"
    try Store.restore(from: backup.path, to: path)
    install([UInt8](try Data(contentsOf: URL(filePath: path))))
  }

  private func makeNetwork() -> InMemoryNetwork {
    InMemoryNetwork(hub, for: profile, instance: instance, counts: counts)
  }

  private func open(_ network: InMemoryNetwork) async throws -> ServiceAssembly {
    let clock = clock
    let index = index
    return try await ServiceAssembly.open(
      definition,
      settings: settings,
      network: network,
      clock: ServiceClock(now: { clock.wallTime(of: index) }, sleep: { _ in throw CancellationError() }),
      logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
    ) { configuration in
      configuration.readerCount = 1
      configuration.checkpointAfterPages = checkpointAfterPages
      if sabotage == .publishBeforeCommit { configuration.synchronous = .normal }
    }
  }
}

/// A running service, done by hand.
final class SimulatedProcess {
  let store: Store
  let mechanism: ServiceMechanism
  private let network: InMemoryNetwork
  private let commits: Tap<RecordFrame>
  private let checks: Tap<Ownership.Upstream>
  private let tasks: [Task<Void, any Error>]

  init(
    _ assembly: ServiceAssembly,
    _ mechanism: ServiceMechanism,
    _ network: InMemoryNetwork,
    _ commits: Tap<RecordFrame>,
    _ checks: Tap<Ownership.Upstream>
  ) {
    store = assembly.store
    self.mechanism = mechanism
    self.network = network
    self.commits = commits
    self.checks = checks
    let server = mechanism.answering.server
    tasks = [Task { try await server.run() }, Task { try await network.carryCalls() }]
  }

  /// What has been committed since it was asked for the last time, in order.
  func takeCommits() -> [RecordFrame] { commits.take() }

  /// The upstreams whose cursors have been moved since it was asked for the last time.
  func takeChecks() -> [Ownership.Upstream] { checks.take() }

  /// Waits until the writer has done what it does after a commit, where that is more than nothing.
  func settle() async {
    guard store.statistics.writeAheadLogPages >= store.configuration.checkpointAfterPages else { return }
    // The writer takes commands one after the other, so this one is done after the checkpoint. If it fails, it is too.
    _ = try? await store.write { _ in }
  }

  func end() async {
    for task in tasks { task.cancel() }
    await network.close()
    await store.close()
  }
}

/// Takes what a process tells from its own threads, such as the frames of the writer once they are committed.
final class Tap<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  @Sendable func add(_ more: [Element]) { elements.withLock { $0 += more } }

  func take() -> [Element] {
    elements.withLock { elements in
      defer { elements = [] }
      return elements
    }
  }
}
