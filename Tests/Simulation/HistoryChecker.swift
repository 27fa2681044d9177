import Contracts
import Messaging
import Records
import ServiceRuntime
import TestSupport

/// Says what in five stores doesn't go together, or with what clients were told. Run after everyone has come level and
/// all processes have ended.
struct HistoryChecker {
  let stores: [StoreFindings]
  private let simulation: Simulation
  /// Positions that survived in streams that were taken back in time.
  private let backedUp: [StreamName: UInt64]

  init(_ simulation: Simulation) throws {
    self.simulation = simulation
    stores = try simulation.machines.map(StoreFindings.init)
    let heads = simulation.restored.flatMap { simulation.machines[$0].backup?.heads } ?? []
    backedUp = Dictionary(uniqueKeysWithValues: heads.map { ($0.identity.stream, $0.position) })
  }

  func problems() async throws -> [String] {
    var problems = stores.flatMap(\.journals.problems)
    for machine in simulation.machines {
      for (stream, types) in machine.consumedTypes.sorted(by: { $0.key < $1.key }) {
        problems += consumption(of: stream, types, by: machine)
      }
    }
    problems += AcknowledgementChecker(stores: stores, acknowledgements: simulation.acknowledgements).problems()
    problems += StateChecker(stores: stores, haveDiverged: diverged).problems()
    problems += uselessDeadLetters()
    if simulation.restored == nil { problems += try ForgettingChecker(simulation).problems() }
    // What a restore or a withdrawal took away can't be applied again.
    if problems.isEmpty, simulation.restored == nil, simulation.withdrawn.isEmpty {
      problems += try await replayProblems()
    }
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
          digest.add(record.body)
        }
      }
      for (stream, cursor) in store.cursors.sorted(by: { $0.key < $1.key }) {
        digest.add("\(store.service) \(stream) \(cursor.position)")
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

  // MARK: Consumers

  /// The history of a stream, as its service's store has it.
  private func history(of stream: StreamName) -> JournalWalk.Findings? {
    stores.first { $0.journals.heads[stream] != nil }?.journals
  }

  /// Whether a consumer stands where the publisher's journal has been.
  private func isCommon(_ cursor: Records.Cursor?, _ history: JournalWalk.Findings, _ stream: StreamName) -> Bool {
    guard let cursor, cursor.position > 0 else { return true }
    return history.chain(of: stream, at: cursor.position) == cursor.chain
  }

  /// Consumers, with the stream, that hold records which a restore has taken from the publisher.
  private var diverged: Set<String> {
    var found: Set<String> = []
    for store in stores {
      for (stream, cursor) in store.cursors {
        guard let history = history(of: stream) else { continue }
        if !isCommon(cursor, history, stream) { found.insert("\(store.service) \(stream)") }
      }
    }
    return found
  }

  private func consumption(
    of stream: StreamName,
    _ types: Set<EventType>,
    by machine: SimulatedMachine
  ) -> [String] {
    let store = stores[machine.index]
    guard let history = history(of: stream) else { return ["nobody writes \(stream)"] }
    let name = "\(store.service) follows \(stream)"
    let cursor = store.cursors[stream]
    let failure = machine.subscriptions.first { $0.stream == stream }?.failure
    let isCommon = isCommon(cursor, history, stream)
    var problems: [String] = []
    if isCommon {
      if let failure { problems.append("\(name): it gave up, though it is part of that history: \(failure)") }
      let head = history.heads[stream]
      if cursor?.position ?? 0 != head?.position ?? 0 {
        problems.append("\(name): its cursor is at \(cursor?.position ?? 0), the head at \(head?.position ?? 0)")
      }
    } else if failure == nil {
      problems.append("\(name): its history isn't the publisher's, and it hasn't noticed")
    }
    // Of what a restore took away nobody can tell any more whether it had been applied.
    let known = isCommon ? cursor?.position ?? 0 : min(backedUp[stream] ?? 0, cursor?.position ?? 0)
    let records = history.records[stream, default: []].filter { $0.position <= known && types.contains($0.type) }
    return problems + applications(name, records, store, stream, known, cursor)
  }

  /// Each record once, in order, and none beyond the cursor.
  private func applications(
    _ name: String,
    _ records: [Records.Record],
    _ store: StoreFindings,
    _ stream: StreamName,
    _ known: UInt64,
    _ cursor: Records.Cursor?
  ) -> [String] {
    var problems: [String] = []
    let applied = store.applied[stream, default: []]
    for (before, after) in zip(applied, applied.dropFirst()) where after.position <= before.position {
      problems.append("\(name): \(after.position) (\(after.type)) was applied after \(before.position)")
    }
    if let last = applied.last, last.position > cursor?.position ?? 0 {
      problems.append("\(name): its state has \(last.position), its cursor says \(cursor?.position ?? 0)")
    }
    let setAside = Set(store.deadLetters.filter { $0.stream == stream }.map(\.position))
    let expected = records.filter { !setAside.contains($0.position) }
    let counted = Dictionary(grouping: applied.filter { $0.position <= known }, by: \.position)
    for record in expected {
      let entries = counted[record.position, default: []]
      if entries.count != 1 {
        problems.append("\(name): \(record.position) (\(record.type)) was applied \(entries.count) times")
      } else if entries[0].key != record.key || entries[0].type != record.type {
        problems.append("\(name): at \(record.position) it applied \(entries[0].key), not \(record.key)")
      }
    }
    let extra = Set(counted.keys).subtracting(expected.map(\.position))
    if !extra.isEmpty { problems.append("\(name): it applied what isn't in the journal: \(extra.sorted())") }
    return problems
  }

  /// Nothing that clients did is beyond any service, unless what it is about went with a restore.
  private func uselessDeadLetters() -> [String] {
    guard simulation.restored == nil else { return [] }
    return stores.flatMap { store in
      store.deadLetters.map { "\(store.service) set \($0.stream)/\($0.position) aside: \($0.error)" }
    }
  }
}
