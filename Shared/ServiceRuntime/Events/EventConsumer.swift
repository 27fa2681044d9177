package import Contracts
package import Records
package import Storage

/// What a service does with the records of one stream that another service writes.
///
/// ```
/// EventConsumer(.ingestion)
///   .on(FeedbackRecorded.self) { event, record, transaction in … }
///   .on(FeedbackErased.self) { event, record, transaction in … }
/// ```
/// Every record is applied exactly once, in the order of its partition, in the transaction that moves the cursor. A
/// record that makes its closure throw a `Fault` is set aside as a dead letter and can be retried; its own changes are
/// undone, and the other records of its batch are applied all the same, if need be by running their closures once more
/// after what they did was undone. Types without a closure are passed over.
package struct EventConsumer: Sendable {
  package let stream: StreamName
  private(set) var actions: [EventType: Action] = [:]
  private(set) var elsewhere: [EventType: Action] = [:]
  private(set) var willBegin: @Sendable (Transaction, UInt16) throws -> Void = { _, _ in }
  private(set) var didCommit: (@Sendable (UInt16) -> Void)?
  private(set) var didRollBack: @Sendable (UInt16) -> Void = { _ in }

  typealias Action = @Sendable (Record, Transaction) throws -> Void

  package init(_ stream: StreamName) {
    self.stream = stream
  }

  /// Streams that every instance applies in whole, whatever partitions it owns.
  package static let everyones: Set<StreamName> = [.directory]

  /// The types that are applied.
  package var types: Set<EventType> { Set(actions.keys) }

  /// Applies the events of a type. Runs on the store's writer, so it must not wait for anything; it takes its time from
  /// `transaction.now` or from the record.
  package func on<E: Event>(
    _ type: E.Type,
    _ apply: @escaping @Sendable (E, Record, Transaction) throws -> Void
  ) -> EventConsumer {
    precondition(E.stream == stream, "\(E.type) is published on \(E.stream), not on \(stream)")
    return onRecord(E.type) { record, transaction in
      // The words are gone and the reason to act with them; the fact that something stood here changes nothing.
      guard !record.isErased else { return }
      let event: E
      do {
        event = try record.decode(E.self)
      } catch {
        throw Fault(undecodable: error)
      }
      try apply(event, record, transaction)
    }
  }

  /// Applies the records of a type without decoding them, erased ones included.
  package func onRecord(
    _ type: EventType,
    _ apply: @escaping @Sendable (Record, Transaction) throws -> Void
  ) -> EventConsumer {
    precondition(actions[type] == nil, "\(type) is applied twice")
    var copy = self
    copy.actions[type] = apply
    return copy
  }

  /// What is left to do for an event about a programme that another instance has taken over: only what concerns this
  /// store's own journal.
  package func elsewhere<E: Event>(
    _ type: E.Type,
    _ apply: @escaping @Sendable (E, Transaction) throws -> Void
  ) -> EventConsumer {
    precondition(elsewhere[E.type] == nil, "\(E.type) is applied twice elsewhere")
    var copy = self
    copy.elsewhere[E.type] = { record, transaction in
      guard !record.isErased else { return }
      do {
        try apply(try record.decode(E.self), transaction)
      } catch let error as DecodingError {
        throw Fault(undecodable: error)
      }
    }
    return copy
  }

  /// Runs with each record that is applied, before it. What it changes stands or falls with what the record changes, so
  /// that an audit of what was applied can't be wrong.
  package func auditing(_ audit: @escaping @Sendable (Record, Transaction) throws -> Void) -> EventConsumer {
    var copy = self
    copy.actions = actions.mapValues { action in
      { record, transaction in
        try audit(record, transaction)
        try action(record, transaction)
      }
    }
    return copy
  }

  /// Runs in the transaction, before the first record of each batch: the place to prepare what is kept in memory beside
  /// the store.
  /// - Parameter action: takes the instance of the stream's service that wrote the batch: where there are several, batches
  ///   of theirs are under way at the same time.
  package func willBegin(_ action: @escaping @Sendable (Transaction, UInt16) throws -> Void) -> EventConsumer {
    var copy = self
    copy.willBegin = action
    return copy
  }

  /// Runs after a batch is on disk, in the pool: it may take time.
  /// - Parameter action: takes the instance that wrote the batch.
  package func didCommit(_ action: @escaping @Sendable (UInt16) -> Void) -> EventConsumer {
    var copy = self
    copy.didCommit = action
    return copy
  }

  /// Runs when a batch has been undone, to be applied again: what its records changed in memory beside the store must be
  /// undone as well. What a closure that throws has changed there is for itself to undo. Runs on any thread, so it must
  /// not wait for anything.
  /// - Parameter action: takes the instance that wrote the batch.
  package func didRollBack(_ action: @escaping @Sendable (UInt16) -> Void) -> EventConsumer {
    var copy = self
    copy.didRollBack = action
    return copy
  }
}
