import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// Whether whoever follows a stream has applied each of its records once and in order, up to where it ends: by itself,
/// or where several instances divide the programmes among them, all together.
struct ConsumptionChecker {
  private let stores: [StoreFindings]
  private let simulation: Simulation
  private let order: ProgrammeOrder
  /// Positions that survived in streams that were taken back in time.
  private let backedUp: [Ownership.Upstream: UInt64]

  init(_ stores: [StoreFindings], _ simulation: Simulation) {
    self.stores = stores
    self.simulation = simulation
    order = ProgrammeOrder(stores)
    let heads = simulation.restored.flatMap { simulation.machines[$0].backup?.heads } ?? []
    backedUp = Dictionary(uniqueKeysWithValues: heads.map { (Ownership.Upstream($0.identity), $0.position) })
  }

  func problems() -> [String] {
    var problems: [String] = []
    for machine in simulation.machines {
      for stream in machine.consumedTypes.keys.sorted() {
        for source in sources(of: stream) { problems += cursorProblems(source, of: machine) }
        problems += orderProblems(stream, of: machine)
      }
    }
    for machine in simulation.machines where machine.instance == 0 {
      for (stream, types) in machine.consumedTypes.sorted(by: { $0.key < $1.key }) {
        for source in sources(of: stream) {
          for group in groups(of: machine.profile, for: stream) { problems += applications(source, types, by: group) }
        }
      }
    }
    return problems
  }

  /// Consumers, with the stream, that hold records which a restore has taken from the publisher.
  var diverged: Set<String> {
    var found: Set<String> = []
    for store in stores {
      for (source, cursor) in store.cursors {
        guard let history = history(of: source) else { continue }
        if !isCommon(cursor, history, source) { found.insert("\(store.service) \(source.stream)") }
      }
    }
    return found
  }

  /// Instances that write a stream.
  private func sources(of stream: StreamName) -> [Ownership.Upstream] {
    stores.filter { $0.journals.heads[stream] != nil }
      .map { Ownership.Upstream(stream: stream, instance: $0.instance) }
  }

  /// Stores that have a stream's records once together: all of a service, or each where everyone applies everything.
  private func groups(of service: ServiceProfile, for stream: StreamName) -> [[StoreFindings]] {
    let members = stores.filter { $0.service == service.name }
    return EventConsumer.everyones.contains(stream) ? members.map { [$0] } : [members]
  }

  /// The history of a stream, as its writer's store has it.
  private func history(of source: Ownership.Upstream) -> JournalWalk.Findings? {
    stores.first { $0.journals.heads[source.stream] != nil && $0.instance == source.instance }?.journals
  }

  /// Whether a consumer stands where the publisher's journal has been.
  private func isCommon(
    _ cursor: Records.Cursor?,
    _ history: JournalWalk.Findings,
    _ source: Ownership.Upstream
  ) -> Bool {
    guard let cursor, cursor.position > 0 else { return true }
    return history.chain(of: source.stream, at: cursor.position) == cursor.chain
  }

  // MARK: One store

  private func cursorProblems(_ source: Ownership.Upstream, of machine: SimulatedMachine) -> [String] {
    let store = stores[machine.index]
    guard let history = history(of: source) else { return ["nobody writes \(source)"] }
    let name = "\(store.name) follows \(source)"
    let position = store.cursors[source]?.position ?? 0
    let failure = machine.subscriptions.first { $0.source == source }?.failure
    var problems: [String] = []
    if isCommon(store.cursors[source], history, source) {
      if let failure { problems.append("\(name): it gave up, though it is part of that history: \(failure)") }
      let head = history.heads[source.stream]?.position ?? 0
      if position != head { problems.append("\(name): its cursor is at \(position), the head at \(head)") }
    } else if failure == nil {
      problems.append("\(name): its history isn't the publisher's, and it hasn't noticed")
    }
    if let last = store.applied[source, default: []].map(\.position).max(), last > position {
      problems.append("\(name): its state has \(last), its cursor says \(position)")
    }
    return problems
  }

  /// A store applies a stream in the order in which it was written. What it reads again, because a partition has come,
  /// it applies for that partition alone; and what a programme's new owner wrote comes after what the old one did.
  private func orderProblems(_ stream: StreamName, of machine: SimulatedMachine) -> [String] {
    let store = stores[machine.index]
    let name = "\(store.name) follows \(stream)"
    let isAlone = EventConsumer.everyones.contains(stream) || groups(of: machine.profile, for: stream)[0].count == 1
    var problems: [String] = []
    if isAlone {
      for source in sources(of: stream) {
        let applied = store.applied[source, default: []]
        for (before, after) in zip(applied, applied.dropFirst()) where after.position <= before.position {
          problems.append("\(name): \(after.position) (\(after.type)) was applied after \(before.position)")
        }
      }
    }
    let programmes = Dictionary(grouping: store.ledger.filter { $0.source?.stream == stream }, by: \.programme)
    for (programme, entries) in programmes.sorted(by: { $0.key < $1.key }) {
      let places = entries.compactMap { order.place(of: $0) }
      for (before, after) in zip(places, places.dropFirst()) where after <= before {
        problems.append("\(name): of \(programme), \(after) was applied after \(before)")
      }
    }
    return problems
  }

  // MARK: All stores of a service

  /// Each record once, and none beyond the cursors.
  private func applications(
    _ source: Ownership.Upstream,
    _ types: Set<EventType>,
    by group: [StoreFindings]
  ) -> [String] {
    guard let history = history(of: source) else { return [] }
    let name = "\(group.map(\.name).joined(separator: " and ")) follows \(source)"
    // Of what a restore took away nobody can tell any more whether it had been applied.
    let known =
      group.map { store -> UInt64 in
        let cursor = store.cursors[source]
        let position = cursor?.position ?? 0
        return isCommon(cursor, history, source) ? position : min(backedUp[source] ?? 0, position)
      }.min() ?? 0
    let setAside = Set(group.flatMap(\.deadLetters).filter { $0.source == source }.map(\.position))
    let expected = history.records[source.stream, default: []]
      .filter { $0.position <= known && types.contains($0.type) && !setAside.contains($0.position) }
    let applied = group.flatMap { $0.applied[source, default: []] }.filter { $0.position <= known }
    let counted = Dictionary(grouping: applied, by: \.position)
    var problems: [String] = []
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
}
