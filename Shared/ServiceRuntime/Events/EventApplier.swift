import Contracts
import CoreMetrics
import GRDB
import Logging
import Messaging
import Records
import ServiceContextModule
import Storage

/// Applies the records of one upstream instance: a service's changes, its own new records, dead letters and the
/// cursor, all in one transaction of the store's writer. A store that has nothing of the upstream yet may begin with
/// its state: see `takeSnapshot`.
struct EventApplier: SnapshotSink {
  let consumer: EventConsumer
  let store: Store
  let applied: AppliedPositions
  let logger: Logger
  let meters: EventMeters

  /// What became of records.
  struct Outcome: Sendable {
    var cursor: Records.Cursor
    var applied = 0
    var passedOver = 0
    var setAside = 0
  }

  var executor: (any TaskExecutor)? { store.executor }

  /// - Throws: where nothing of the batch was applied: a `SubscriptionFailure` for what won't pass, else what may.
  func apply(_ batch: RecordBatch) async throws -> Records.Cursor {
    // Who begins anew may have begun before, with a snapshot.
    if batch.start.position == 0 {
      let upstream = Ownership.Upstream(batch.start.identity)
      if let cursor = try await leavingTheWriter({ try await finishSnapshot(of: upstream) }) { return cursor }
    }
    do {
      let outcome = try await commit(batch.start.identity.instance) { try self.apply(batch, in: $0) }
      applied.advance(outcome.cursor.identity, to: outcome.cursor.position)
      return outcome.cursor
    } catch {
      throw SubscriptionFailure(lasting: error, after: batch.start) ?? error
    }
  }

  /// Does one transaction's work, tells the service, and counts.
  /// - Parameter instance: whose records are applied.
  func commit(
    _ instance: UInt16,
    _ body: @escaping @Sendable (Transaction) throws -> Outcome
  ) async throws -> Outcome {
    do {
      let outcome = try await store.write(body)
      if let didCommit = consumer.didCommit { await leavingTheWriter { didCommit(instance) } }
      meters.applied.increment(by: outcome.applied)
      meters.passedOver.increment(by: outcome.passedOver)
      meters.deadLetters.increment(by: outcome.setAside)
      return outcome
    } catch {
      consumer.didRollBack(instance)
      meters.failures.increment()
      throw error
    }
  }

  /// Runs in the pool what may take time: not on the thread that writes.
  private func leavingTheWriter<Result: Sendable>(
    _ body: @concurrent @Sendable () async throws -> Result
  ) async rethrows -> Result {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: body)
  }

  private func apply(_ batch: RecordBatch, in transaction: Transaction) throws -> Outcome {
    let identity = batch.start.identity
    let cursor =
      try transaction.cursor(of: identity.stream, instance: identity.instance) ?? Records.Cursor(startOf: identity)
    // The batch was committed before, or the store was restored: the subscription goes on from where the store is.
    guard cursor == batch.start, !batch.slices.isEmpty else { return Outcome(cursor: cursor) }
    try consumer.willBegin(transaction, identity.instance)
    let batch = try ready(batch, transaction)
    var outcome = Outcome(cursor: batch.end)
    try applyEach(of: batch.end.identity, in: transaction, &outcome) { body throws(any Error) in
      try batch.withUnsafeRecords { (record) throws(any Error) in try body(record, record.position) }
    }
    try transaction.setCursor(batch.end)
    try transaction.dropFloors(behind: batch.end)
    return outcome
  }

  /// The batch, up to where something has to wait for another stream.
  /// - Throws: `PredecessorBehind` where that is its first frame.
  private func ready(_ batch: RecordBatch, _ transaction: Transaction) throws -> RecordBatch {
    guard Succession.concerns(consumer.stream) else { return batch }
    for (number, slice) in batch.slices.enumerated() {
      let obstacle = try Succession.obstacle(
        in: slice,
        { isOurs($0, at: $0.position, of: batch.start.identity, in: transaction) },
        transaction
      )
      guard let obstacle else { continue }
      let before = batch.slices[..<number]
      guard !before.isEmpty, before.allSatisfy({ $0.skippedRecords == 0 }) else { throw obstacle }
      var end = batch.start
      for slice in before { try end.advance(past: slice.frame) }
      return RecordBatch(slices: Array(before), start: batch.start, end: end)
    }
    return batch
  }

  /// Applies records with one savepoint for all. Where one of them can't be applied, all are undone and begun anew with
  /// a savepoint for each: what SQLite does at the end of one that lies within another grows with all that the outer
  /// one has changed (decision 0009).
  /// - Parameter each: hands over each record, and its position in the journal: its own, or that of the state that it
  ///   tells of.
  func applyEach(
    of identity: StreamIdentity,
    in transaction: Transaction,
    _ outcome: inout Outcome,
    _ each: ((RecordView, UInt64) throws -> Void) throws -> Void
  ) throws {
    let before = outcome
    do {
      try transaction.isolated {
        try each { view, position in try apply(view, at: position, of: identity, in: transaction, &outcome) }
      }
    } catch {
      guard Fault(lasting: error) != nil else { throw error }
      // Without it, what is begun anew would be committed record by record.
      guard transaction.database.isInsideTransaction else {
        throw StoreError(.rolledBack, "nothing was changed, because the transaction was rolled back: \(error)")
      }
      consumer.didRollBack(identity.instance)
      outcome = before
      try each { view, position in try applyOrSetAside(view, at: position, of: identity, in: transaction, &outcome) }
    }
  }

  private func apply(
    _ view: RecordView,
    at position: UInt64,
    of identity: StreamIdentity,
    in transaction: Transaction,
    _ outcome: inout Outcome
  ) throws {
    let isOurs = isOurs(view, at: position, of: identity, in: transaction)
    guard let action = consumer.action(for: view, isOurs: isOurs) else {
      outcome.passedOver += 1
      return
    }
    let record = Records.Record(view, instance: identity.instance)
    try withTrace(record.trace) { try action(record, transaction) }
    outcome.applied += 1
  }

  private func applyOrSetAside(
    _ view: RecordView,
    at position: UInt64,
    of identity: StreamIdentity,
    in transaction: Transaction,
    _ outcome: inout Outcome
  ) throws {
    do {
      try transaction.isolated { try apply(view, at: position, of: identity, in: transaction, &outcome) }
    } catch {
      guard let fault = Fault(lasting: error) else { throw error }
      let record = Records.Record(view, instance: identity.instance)
      try transaction.deadLetter(view, from: identity, because: fault.description)
      outcome.setAside += 1
      logger.warning(
        "an event could not be applied and was set aside",
        metadata: [
          "stream": "\(identity.stream)", "position": "\(record.position)", "type": "\(record.type)",
          "fault": "\(fault)",
        ]
      )
    }
  }

  /// Whether this store decides on the record's programme, and nobody before it has applied the record.
  private func isOurs(
    _ view: RecordView,
    at position: UInt64,
    of identity: StreamIdentity,
    in transaction: Transaction
  ) -> Bool {
    EventConsumer.everyones.contains(identity.stream)
      || transaction.ownership.takes(view.partition, at: position, of: identity)
  }

  /// Applies a dead letter's record again, as `Store.retryDeadLetter` asks.
  func retry(_ record: Records.Record, in transaction: Transaction) throws {
    guard let action = consumer.actions[record.type] else { return }
    do {
      try withTrace(record.trace) { try action(record, transaction) }
    } catch {
      throw Fault(lasting: error) ?? error
    }
  }

  private func withTrace(_ trace: TraceContext?, _ body: () throws -> Void) rethrows {
    guard let trace else { return try body() }
    var context = ServiceContext.current ?? .topLevel
    context.trace = trace
    try ServiceContext.withValue(context, operation: body)
  }
}

/// What is counted for each stream that a service follows.
struct EventMeters: Sendable {
  let applied: Counter
  let passedOver: Counter
  let deadLetters: Counter
  /// Batches that were undone and tried again.
  let failures: Counter

  init(stream: StreamName, factory: any MetricsFactory) {
    let labels = [("stream", stream.rawValue)]
    applied = Counter(label: "groundswell_events_applied", dimensions: labels, factory: factory)
    passedOver = Counter(label: "groundswell_events_passed_over", dimensions: labels, factory: factory)
    deadLetters = Counter(label: "groundswell_dead_letters", dimensions: labels, factory: factory)
    failures = Counter(label: "groundswell_event_batch_failures", dimensions: labels, factory: factory)
  }
}

extension EventConsumer {
  /// What is to be done with a record; found without copying anything, because most may be passed over.
  /// - Parameter isOurs: whether this store decides on the record's programme.
  func action(for record: RecordView, isOurs: Bool) -> Action? {
    (isOurs ? actions : elsewhere).first { record.isOfType($0.key) }?.value
  }
}
