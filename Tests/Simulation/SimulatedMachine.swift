import Contracts
import Foundation
import Logging
import Messaging
import Records
import ServiceRuntime
import Storage
import Synchronization
import TestSupport

/// A computer with a disk, a wall clock and one service on it. The service's process comes and goes.
final class SimulatedMachine {
  let index: Int
  let definition: ServiceDefinition
  let disk: SimulatedDisk
  private let directory: String
  private let hub: InMemoryHub
  private let clock: VirtualClock
  private let settings: Settings
  /// What the service does something with, stream by stream.
  let consumedTypes: [StreamName: Set<EventType>]
  private let sabotage: Sabotage?

  /// Counts the processes; what was meant for an earlier one is dropped.
  private(set) var life = 0
  private(set) var process: SimulatedProcess?
  var publisher = SimulatedPublisher(heads: [], now: MonotonicInstant(nanoseconds: 0))
  var subscriptions: [SimulatedSubscription] = []
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
  var storePath: String { "\(directory)/\(profile.name).sqlite" }

  init(
    _ definition: ServiceDefinition,
    index: Int,
    in directory: TemporaryDirectory,
    hub: InMemoryHub,
    clock: VirtualClock,
    diskSeed: UInt64,
    sabotage: Sabotage?
  ) async throws {
    self.definition = definition
    self.index = index
    self.hub = hub
    self.clock = clock
    self.sabotage = sabotage
    self.directory = directory.path(of: definition.profile.name)
    disk = try SimulatedDisk(at: self.directory, seed: diskSeed)
    settings = try await Settings.load(
      for: definition.profile,
      own: definition.settings,
      arguments: ["simulation", "--data", self.directory] + ServiceHouse.arguments(of: definition.profile),
      environment: [:]
    )
    let consumers = try definition.makeBlueprint(settings).consumers
    consumedTypes = Dictionary(uniqueKeysWithValues: consumers.map { ($0.stream, $0.types) })
  }

  /// Starts a process.
  /// - Throws: `StartupFailure`.
  func start() async throws {
    disk.powerOn()
    let commits = CommitTap()
    let network = InMemoryNetwork(hub, for: profile)
    let assembly = try await open(network)
    do {
      let mechanism = try assembly.mechanism(publish: commits.add)
      switch sabotage {
      case .skipCursorUpdate: try await SabotagedStore.skipCursorUpdates(in: assembly.store)
      case .forgetRequests: try await SabotagedStore.forgetRequests(in: assembly.store)
      case .publishBeforeCommit, .acceptGap, .dropChainCheck, .applyTwice, nil: break
      }
      life += 1
      process = SimulatedProcess(assembly, mechanism, network, commits)
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
    if let image = StoreTemplates.shared.image(of: profile.name) { return install(image) }
    let image = try await emptyStore()
    StoreTemplates.shared.keep(image, of: profile.name)
    install(image)
  }

  /// The bytes of a store that was made and closed in order.
  private func emptyStore() async throws -> [UInt8] {
    let network = InMemoryNetwork(hub, for: profile)
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
  private let commits: CommitTap
  private let tasks: [Task<Void, any Error>]

  init(_ assembly: ServiceAssembly, _ mechanism: ServiceMechanism, _ network: InMemoryNetwork, _ commits: CommitTap) {
    store = assembly.store
    self.mechanism = mechanism
    self.network = network
    self.commits = commits
    let server = mechanism.answering.server
    tasks = [Task { try await server.run() }, Task { try await network.carryCalls() }]
  }

  /// What has been committed since it was asked for the last time, in order.
  func takeCommits() -> [RecordFrame] { commits.take() }

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

/// Takes frames from the writer's thread, once they are committed.
final class CommitTap: Sendable {
  private let frames = Mutex<[RecordFrame]>([])

  @Sendable func add(_ committed: [RecordFrame]) { frames.withLock { $0 += committed } }

  func take() -> [RecordFrame] {
    frames.withLock { frames in
      defer { frames = [] }
      return frames
    }
  }
}
