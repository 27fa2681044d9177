import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// All five services in one process, some with two instances, on machines that lose power, behind a network that loses
/// messages, with clients that don't know what became of their requests: all of it out of one seed.
///
/// First a time of trouble, then calm, in which everyone has to come level. Services, domain, handlers, journals,
/// subscriptions and stores are the real ones; network, clocks, disks and the order of everything are the simulation's.
/// Each happening is carried out to its end before the next, so threads have no say in the outcome.
package final class Simulation {
  package let seed: UInt64
  let sabotage: Sabotage?
  let clock = VirtualClock()
  var random: SplitMix64
  var faults: FaultPlan
  private var agenda = Agenda<Happening>()
  private let directory: TemporaryDirectory
  let hub: InMemoryHub
  var machines: [SimulatedMachine] = []
  /// Who has two instances, and what they give to each other.
  let plan: MovePlan
  /// Whether publishers drop what everyone has applied.
  let trims: Bool
  /// Up to where journals are trimmed, and what there was in them before.
  var trimmedPositions: [Ownership.Upstream: UInt64] = [:]
  var copies: [Ownership.Upstream: [RecordFrame]] = [:]
  var clients: [SimulatedClient] = []
  var operators: [SimulatedOperator] = []
  /// By the names of machines, for operators and on behalf of services.
  private(set) var operatorClients: [String: CallClient] = [:]
  private var operatorTasks: [Task<Void, any Error>] = []
  var subscriptionSettings = SubscriptionSettings()

  /// Pairs of machines that can't reach each other.
  var partitions: Set<NetworkCut> = []
  /// Machines whose disk has no room at the moment.
  var fullMachines: Set<Int> = []
  /// Machines whose disk was told to fail a sync that hasn't come yet.
  var failingMachines: Set<Int> = []
  /// What clients were told had been done.
  var acknowledgements: [Acknowledgement] = []
  /// The machine that was restored from a backup, once it was, and when.
  var restored: Int?
  var restoredAt: MonotonicInstant?
  /// Subscriptions that had failed for good, and that an operator has seen to.
  var attended: Set<SubscriptionKey> = []
  var statistics = SimulationStatistics()
  private(set) var digest: UInt64 = 0
  private(set) var violations: [String] = []
  private let calmFrom: MonotonicInstant
  /// Since when everyone has been level with everyone.
  private var levelSince: MonotonicInstant?
  /// Told of every happening, in words, where somebody listens.
  private let narrate: ((String) -> Void)?

  /// How long everyone may take to come level once all is calm. The longest waits on the way are a pull that stalls
  /// (10 s), twice where its first repeat meets a service that is only starting, and the doubts about a silent feed.
  static let convergenceBound = Duration.seconds(60)
  /// How long they have to stay level: the longest interval of the timers that follow up on events, and a little.
  private static let quietSpan = Duration.milliseconds(1200)
  /// The same where something was withdrawn: what quotes it is erased by timers, every five seconds at most.
  private static let quietSpanAfterWithdrawals = Duration.seconds(12)
  /// More happenings than any history has by far.
  private static let mostHappenings = 200_000

  init(
    seed: UInt64,
    sabotage: Sabotage?,
    in directory: TemporaryDirectory,
    narrate: ((String) -> Void)?
  ) async throws {
    self.seed = seed
    self.sabotage = sabotage
    self.directory = directory
    self.narrate = narrate
    random = SplitMix64(seed: seed)
    faults = FaultPlan(using: &random)
    calmFrom = clock.now + .milliseconds(Int.random(in: 2000...6000, using: &random))
    let clock = clock
    hub = InMemoryHub(wallTime: { clock.wallTime(of: -1) })
    subscriptionSettings.deliveryWindowBytes = Int.random(in: 3000...100_000, using: &random)
    subscriptionSettings.reorderBufferBytes = Int.random(in: 2000...60_000, using: &random)
    let drawn = MovePlan(using: &random)
    // The other sabotages are about one instance of each service.
    plan = sabotage == nil || sabotage == .forgetReading ? drawn : .none
    trims = sabotage == nil && faults.trims
    // A backup from before a move, put back, claims what has moved: that is for operators to avoid (decision 0015). So
    // is one that lacks what publishers have trimmed (decision 0013).
    if plan.isAny || trims { faults.restores = false }
    for (index, member) in ServiceHouse.members(plan, seed: random.next()).enumerated() {
      let machine = try await SimulatedMachine(
        member,
        of: plan.counts,
        index: index,
        in: directory,
        hub: hub,
        clock: clock,
        diskSeed: random.next(),
        sabotage: sabotage
      )
      machine.checkpointAfterPages = Int.random(in: 20...200, using: &random)
      try await machine.install()
      machines.append(machine)
    }
    clients = try SimulatedClient.all(of: machines, seed: random.next(), clock: clock, hub: hub)
    operators = SimulatedOperator.all(plan)
    for machine in machines where hasReports {
      let client = try hub.client(of: machine.name, as: Principal(role: .ops, name: "operator"))
      operatorClients[machine.name] = client
      operatorTasks.append(Task { try await client.run() })
    }
  }

  /// Plays the history to its end.
  /// - Returns: what was wrong; empty where all was as promised.
  package func run() async throws -> [String] {
    for machine in machines { schedule(.start(machine.index), after: .zero) }
    for client in clients { schedule(.client(client.index), after: delay(1000...200_000)) }
    schedule(.trouble, after: .milliseconds(100))
    for mover in operators { schedule(.move(mover.index), after: delay(200_000...3_000_000)) }
    if faults.restores { planRestore() }
    try await play()
    for client in clients { client.end() }
    for mover in operators { mover.end() }
    for task in operatorTasks { task.cancel() }
    for machine in machines { await machine.stop() }
    guard violations.isEmpty else { return violations }
    do {
      let checker = try HistoryChecker(self)
      digest = checker.digest
      violations += try await checker.problems()
    } catch {
      report("the stores can't be read: \(error)")
    }
    statistics.withdrawals = withdrawn.count
    statistics.lostWrites = machines.reduce(0) { $0 + $1.disk.lostWriteCount }
    return violations
  }

  private func play() async throws {
    var count = 0
    while violations.isEmpty, let next = agenda.next() {
      count += 1
      clock.advance(to: next.at)
      if isCalm { endTrouble() }
      if let narrate { narrate("\(next.at.nanoseconds / 1000) \(next.happening)") }
      do {
        try await perform(next.happening)
      } catch {
        // With the others' seeds it would be lost which history this was.
        report("\(next.happening): \(error)")
      }
      for machine in machines where machine.disk.isDown && machine.process != nil { await crash(machine) }
      if try await isOver() { break }
      if count > Self.mostHappenings { report("it never ends") }
    }
    statistics.happenings = count
    statistics.end = clock.now
  }

  /// Whether all have been level for long enough, in calm.
  private func isOver() async throws -> Bool {
    guard isCalm else { return false }
    await attendToFailures()
    guard isLevel else {
      levelSince = nil
      if clock.now - calmFrom > Self.convergenceBound {
        report("not level \(Self.convergenceBound) after all was calm: \(whatIsNotLevel())")
      }
      return false
    }
    if levelSince == nil { levelSince = clock.now }
    let quietSpan = withdrawn.isEmpty ? Self.quietSpan : Self.quietSpanAfterWithdrawals
    return levelSince.map { clock.now - $0 >= quietSpan } ?? false
  }

  /// Ids under which something was published and taken back again, as far as clients were told.
  var withdrawn: [String] {
    acknowledgements.flatMap { acknowledgement -> [String] in
      guard !acknowledgement.isVoid, case .withdrawal(let ids) = acknowledgement.receipt else { return [] }
      return ids.keys.sorted()
    }
  }

  /// Ids under which something was published, as far as clients were told, and not taken back.
  var kept: Set<String> {
    let published = acknowledgements.flatMap { acknowledgement -> [String] in
      guard !acknowledgement.isVoid, case .feedback(let ids) = acknowledgement.receipt else { return [] }
      return Array(ids.keys)
    }
    return Set(published).subtracting(withdrawn)
  }

  var isCalm: Bool { clock.now >= calmFrom }
  var now: MonotonicInstant { clock.now }
  var backupPath: String { directory.path(of: "backup.sqlite") }

  func report(_ violation: String) {
    violations.append(violation)
  }

  // MARK: Chance and time

  func chance(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &random) < probability
  }

  func delay(_ microseconds: ClosedRange<Int>) -> Duration {
    .microseconds(Int.random(in: microseconds, using: &random))
  }

  func schedule(_ happening: Happening, after span: Duration) {
    schedule(happening, at: now + span)
  }

  func schedule(_ happening: Happening, at instant: MonotonicInstant) {
    agenda.add(happening, at: max(instant, now))
  }
}

/// Two machines; clients count as one of their own.
struct NetworkCut: Hashable {
  static let clients = -1

  private let low: Int
  private let high: Int

  init(_ one: Int, _ other: Int) {
    (low, high) = (min(one, other), max(one, other))
  }
}
