import Contracts
import GRDB
import Logging
import Messaging
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceRuntime

@Suite(.timeLimit(.minutes(1))) struct EventApplierTests {
  private static let keys = (0..<100).map { "p/\($0)" }

  /// A savepoint within another costs more the more the outer one has changed: `deploy/bench pipeline` shows it.
  @Test func aBatchTakesOneSavepoint() async throws {
    try await withCopier { (batch, copier) async throws in
      let savepoints = try await savepoints(of: copier.store) {
        let cursor = try await copier.applier.apply(batch)
        #expect(cursor == batch.end)
      }
      #expect(savepoints == 1)
      #expect(try await noteKeys(of: copier.store) == EventApplierTests.keys)
    }
  }

  @Test func whereOneIsRefusedTheOthersAreAppliedOnceAndInOrder() async throws {
    try await withCopier { (batch, copier) async throws in
      let refused = ["p/10", "p/50", "p/99"]
      copier.state.withLock { $0.refused = Set(refused) }
      #expect(try await copier.applier.apply(batch) == batch.end)
      // Once more, as if the outcome hadn't been known.
      #expect(try await copier.applier.apply(batch) == batch.end)
      let others = EventApplierTests.keys.filter { !refused.contains($0) }
      #expect(try await noteKeys(of: copier.store) == others)
      #expect(try await copier.journalKeys() == others)
      #expect(try await copier.store.deadLetters().map(\.record.key) == refused)
      #expect(try await ingestionCursor(of: copier.store) == batch.end)
      // What is kept beside the store was told of the one time that something was undone, and holds what is in it.
      #expect(copier.state.withLock { $0.rollBacks } == 1)
      #expect(copier.state.withLock { $0.memory } == others)
      let metrics = await copier.registry.text()
      #expect(metrics.contains("groundswell_events_applied_total{stream=\"ingestion\"} 97\n"), "\(metrics)")
      #expect(metrics.contains("groundswell_dead_letters_total{stream=\"ingestion\"} 3\n"), "\(metrics)")
    }
  }

  @Test func whatMayPassLeavesNothingOfTheBatch() async throws {
    try await withCopier { (batch, copier) async throws in
      copier.state.withLock { $0.busy = "p/50" }
      await #expect(throws: StoreError.self) { try await copier.applier.apply(batch) }
      #expect(try await noteKeys(of: copier.store) == [])
      #expect(try await copier.journalKeys() == [])
      #expect(try await ingestionCursor(of: copier.store) == nil)
      #expect(try await copier.store.deadLetters().isEmpty)
      copier.state.withLock { $0.busy = nil }
      #expect(try await copier.applier.apply(batch) == batch.end)
      #expect(try await copier.journalKeys() == EventApplierTests.keys)
      #expect(copier.state.withLock { $0.memory } == EventApplierTests.keys)
    }
  }

  /// A hundred notes of a publisher, and a store for what is made of them.
  private func withCopier(_ body: (RecordBatch, Copier) async throws -> Void) async throws {
    try await withStores { publisher, follower in
      try await publisher.take(0..<100)
      let frames = Mutex<[RecordFrame]>([])
      _ = try await publisher.source.read(JournalPlace(stream: .ingestion, instance: 0, after: .beginning)) { some in
        frames.withLock { $0 += some }
      }
      let slices = frames.withLock { $0.map { FrameSlice(frame: $0, skippedRecords: 0) } }
      try await body(try DeliveryTrack(.beginning).batch(of: slices), Copier(follower.store))
    }
  }

  /// How many savepoints are begun meanwhile.
  private func savepoints(of store: Store, _ body: () async throws -> Void) async throws -> Int {
    let count = Mutex(0)
    try await store.write { transaction in
      transaction.database.trace { event in
        if "\(event)".hasPrefix("SAVEPOINT") { count.withLock { $0 += 1 } }
      }
    }
    try await body()
    return count.withLock { $0 }
  }
}

/// Copies notes into its store, its own journal and its memory.
private struct Copier {
  struct State {
    /// Keys of notes that are refused once they are copied.
    var refused: Set<String> = []
    /// The key of a note for which the store is busy once it is copied.
    var busy: String?
    var memory: [String] = []
    var rollBacks = 0
  }

  /// Referred to by the consumer.
  final class Box: Sendable {
    private let state = Mutex(State())
    func withLock<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
      try state.withLock { state in try body(&state) }
    }
  }

  let store: Store
  let applier: EventApplier
  let registry = PrometheusRegistry()
  let state = Box()

  init(_ store: Store) throws {
    self.store = store
    let stream = try #require(readerProfile.streams.first)
    let consumer = EventConsumer(.ingestion)
      .on(NoteTaken.self) { [state] event, record, transaction in
        try transaction.database.execute(
          sql: "INSERT INTO notes (key, text) VALUES (?, ?)",
          arguments: [event.key, event.text]
        )
        try transaction.appendRaw(
          to: stream,
          type: record.type,
          programme: event.programme,
          key: event.key,
          schemaVersion: 1,
          body: record.body
        )
        try state.withLock { state in
          if state.refused.contains(event.key) { throw Fault(.failedPrecondition, reason: "refused", "Not this.") }
          if state.busy == event.key { throw StoreError(.busy, "busy for now") }
          state.memory.append(event.key)
        }
      }
      .didRollBack { [state] _ in
        state.withLock { state in
          state.memory = []
          state.rollBacks += 1
        }
      }
    applier = EventApplier(
      consumer: consumer,
      store: store,
      applied: AppliedPositions(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      meters: EventMeters(stream: .ingestion, factory: registry)
    )
  }

  /// Of the records that it has written itself.
  func journalKeys() async throws -> [String] {
    let stream = try #require(readerProfile.streams.first)
    let frames = try await store.journal(of: stream).frames(after: 0)
    return frames.flatMap { $0.records() }.map(\.key)
  }
}
