import Contracts
import CoreMetrics
import Logging
import Records
import ServiceContextModule
import Storage

/// Applies the frames of one upstream journal: a service's changes, its own new records, dead letters and the cursor,
/// all in one transaction of the store's writer.
struct EventApplier: Sendable {
  let consumer: EventConsumer
  let store: Store
  let logger: Logger
  let meters: Meters

  /// What is counted, per stream.
  struct Meters: Sendable {
    let applied: Counter
    let passedOver: Counter
    let deadLetters: Counter

    init(stream: StreamName, factory: any MetricsFactory) {
      let labels = [("stream", stream.rawValue)]
      applied = Counter(label: "groundswell_events_applied", dimensions: labels, factory: factory)
      passedOver = Counter(label: "groundswell_events_passed_over", dimensions: labels, factory: factory)
      deadLetters = Counter(label: "groundswell_dead_letters", dimensions: labels, factory: factory)
    }
  }

  private struct Outcome: Sendable {
    let cursor: Records.Cursor
    var applied = 0
    var passedOver = 0
    var setAside = 0
  }

  /// Where this service stands in the history of an upstream instance; nil before the first record.
  func cursor(instance: UInt16) async throws -> Records.Cursor? {
    let cursors = try await store.read { try Records.Cursor.fetchAll($0) }
    return cursors.first { $0.identity.stream == consumer.stream && $0.identity.instance == instance }
  }

  /// Applies what lies behind the cursor. Records that were applied before are left out, whatever the batch holds.
  /// - Returns: the cursor that was committed.
  /// - Throws: where nothing of it was applied, and trying again may help; or a `FrameError` where the frames don't
  ///   continue the history that was applied.
  func apply(_ frames: [RecordFrame], instance: UInt16) async throws -> Records.Cursor {
    do {
      let outcome = try await store.write { transaction in try self.apply(frames, instance, in: transaction) }
      consumer.didCommit()
      meters.applied.increment(by: outcome.applied)
      meters.passedOver.increment(by: outcome.passedOver)
      meters.deadLetters.increment(by: outcome.setAside)
      return outcome.cursor
    } catch {
      consumer.didRollBack()
      throw error
    }
  }

  private func apply(
    _ frames: [RecordFrame],
    _ instance: UInt16,
    in transaction: Transaction
  ) throws -> Outcome {
    guard let first = frames.first else {
      throw Fault(.internal, reason: "emptyBatch", "A batch of events held no frame.")
    }
    var cursor =
      try transaction.cursor(of: consumer.stream, instance: instance)
      ?? Records.Cursor(startOf: first.header.identity)
    var outcome = Outcome(cursor: cursor)
    try consumer.willBegin(transaction)
    for frame in frames where frame.header.lastPosition > cursor.position {
      let before = cursor
      try cursor.advance(past: frame)
      try frame.withUnsafeRecords { (record) throws(any Error) in
        guard record.position > before.position else { return }
        try apply(record, of: frame.header.identity, in: transaction, &outcome)
      }
    }
    try transaction.setCursor(cursor)
    return Outcome(
      cursor: cursor,
      applied: outcome.applied,
      passedOver: outcome.passedOver,
      setAside: outcome.setAside
    )
  }

  private func apply(
    _ view: RecordView,
    of identity: StreamIdentity,
    in transaction: Transaction,
    _ outcome: inout Outcome
  ) throws {
    guard let action = consumer.action(for: view) else {
      outcome.passedOver += 1
      return
    }
    let record = Records.Record(view)
    do {
      try transaction.isolated { try withTrace(record.trace) { try action(record, transaction) } }
      outcome.applied += 1
    } catch {
      guard let fault = Fault(lasting: error) else { throw error }
      consumer.didRollBack()
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

  /// Applies a dead letter's record again, as `Store.retryDeadLetter` asks.
  func retry(_ record: Records.Record, in transaction: Transaction) throws {
    guard let action = consumer.actions[record.type] else { return }
    do {
      try consumer.willBegin(transaction)
      try withTrace(record.trace) { try action(record, transaction) }
    } catch {
      consumer.didRollBack()
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

extension EventConsumer {
  /// What is to be done with a record; found without copying anything, because most may be passed over.
  func action(for record: RecordView) -> Action? {
    actions.first { record.isOfType($0.key) }?.value
  }
}
