package import Contracts
package import Storage
import Synchronization

/// Where all doors lead: takes events, and answers once they are on disk.
package final class IntakeDesk: Sendable {
  package let directory = DirectoryReplica()
  private let key = Mutex<ReferenceKey?>(nil)

  package init() {}

  /// Hands over the key that customer references are hashed with, before the first event comes.
  package func use(_ key: ReferenceKey) {
    self.key.withLock { $0 = key }
  }

  /// Does what can be done ahead of the transaction.
  package func prepare(
    _ events: [ArrivedEvent],
    from store: Store,
    receivedAt: Timestamp,
    trace: TraceContext?
  ) async throws -> [EventPreparer.Outcome] {
    guard let key = key.withLock({ $0 }) else {
      throw Fault(.unavailable, reason: "notReady", "The service is still starting. Send this again in a second.")
    }
    func preparer(_ directory: DirectoryReplica.Loaded) -> EventPreparer {
      EventPreparer(key: key, directory: directory.snapshot, receivedAt: receivedAt, trace: trace)
    }
    let loaded = try await directory.current(from: store)
    var outcomes = await preparer(loaded).prepare(events)
    // A programme or team may be so new that it is in the store but not yet in memory.
    let unknown = outcomes.indices.filter { outcomes[$0].lacksDirectoryEntry }
    guard !unknown.isEmpty, let renewed = try await directory.renewed(loaded, from: store) else { return outcomes }
    let again = await preparer(renewed).prepare(unknown.map { events[$0] })
    for (index, outcome) in zip(unknown, again) { outcomes[index] = outcome }
    return outcomes
  }

  /// All of them, for taking all or none.
  /// - Throws: `RefusedBatch`, with every event that can't be taken.
  package static func requireAll(_ outcomes: [EventPreparer.Outcome]) throws(RefusedBatch) -> [PreparedEvent] {
    var prepared: [PreparedEvent] = []
    var refusals: [RefusedBatch.Entry] = []
    for (index, outcome) in outcomes.enumerated() {
      switch outcome {
      case .success(let event): prepared.append(event)
      case .failure(let refusal): refusals.append(RefusedBatch.Entry(index: index, refusal: refusal))
      }
    }
    guard refusals.isEmpty else { throw RefusedBatch(refusals: refusals) }
    return prepared
  }

  /// Takes all events or none.
  /// - Throws: `RefusedBatch`, or what the store throws.
  package func takeAll(
    _ events: [ArrivedEvent],
    into store: Store,
    receivedAt: Timestamp,
    trace: TraceContext?
  ) async throws -> [IntakeResult] {
    let outcomes = try await prepare(events, from: store, receivedAt: receivedAt, trace: trace)
    let prepared = try IntakeDesk.requireAll(outcomes)
    guard !prepared.isEmpty else { return [] }
    return try await store.write(as: .repeatable) { try IntakeWriter.writeAll(prepared, in: $0) }
  }
}

extension EventPreparer.Outcome {
  fileprivate var lacksDirectoryEntry: Bool {
    guard case .failure(let refusal) = self else { return false }
    return ["unknownProgramme", "unknownTeam"].contains(refusal.fault.reason)
  }
}
