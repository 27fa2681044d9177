import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// Says what in the stores of a history doesn't go together, or with what clients were told. Run after everyone has come
/// level and all processes have ended.
struct HistoryChecker {
  let stores: [StoreFindings]
  private let simulation: Simulation

  init(_ simulation: Simulation) throws {
    self.simulation = simulation
    stores = try simulation.machines.map { try StoreFindings(of: $0, with: simulation.copies) }
  }

  func problems() async throws -> [String] {
    let consumption = ConsumptionChecker(stores, simulation)
    var problems = stores.flatMap(\.journals.problems)
    problems += consumption.problems()
    problems += AcknowledgementChecker(stores: stores, acknowledgements: simulation.acknowledgements).problems()
    problems += StateChecker(stores: stores, haveDiverged: consumption.diverged).problems()
    problems += OwnershipChecker(stores: stores).problems()
    problems += uselessDeadLetters()
    if simulation.restored == nil { problems += try ForgettingChecker(simulation).problems() }
    // What a restore or a withdrawal took away can't be applied again, and what a partition brought wasn't applied here.
    let isFold = simulation.restored == nil && simulation.withdrawn.isEmpty && !simulation.plan.isAny
    if problems.isEmpty, isFold { problems += try await replayProblems() }
    return problems
  }

  /// A number for the whole of what the stores hold, except what isn't drawn from the seed: epochs, and ids of traces.
  var digest: UInt64 {
    var digest = FNV1a()
    for store in stores {
      for (stream, records) in store.journals.records.sorted(by: { $0.key < $1.key }) {
        digest.add(stream.rawValue)
        for record in records {
          digest.add("\(record.position) \(record.type) \(record.programme) \(record.key) \(record.time.milliseconds)")
          // What is said at a handover names the epoch of a stream.
          if record.type != ProgrammeAdopted.type { digest.add(record.body) }
        }
      }
      for (source, cursor) in store.cursors.sorted(by: { $0.key < $1.key }) {
        digest.add("\(store.name) \(source) \(cursor.position)")
      }
      for claim in store.ownership.summary {
        digest.add("\(store.name) \(claim.partitions) \(claim.state) \(claim.epoch)")
      }
    }
    return digest.value
  }

  /// The state of a service that nobody sends commands is a function of what it applied, and when: apply it again.
  private func replayProblems() async throws -> [String] {
    guard let machine = simulation.machines.first(where: { $0.profile == .ranking }) else { return [] }
    let journals = stores.reduce(into: [:]) { $0.merge($1.journals.frames) { first, _ in first } }
    return try await Replay(of: stores[machine.index], journals: journals, clock: simulation.clock).problems(
      on: machine
    )
  }

  /// Nothing that clients did is beyond any service, unless what it is about went with a restore.
  private func uselessDeadLetters() -> [String] {
    guard simulation.restored == nil else { return [] }
    return stores.flatMap { store in
      store.deadLetters.map { "\(store.name) set \($0.source)/\($0.position) aside: \($0.error)" }
    }
  }
}
