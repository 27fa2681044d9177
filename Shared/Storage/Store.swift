package import Contracts
package import GRDB
package import Records

/// A service's store: its tables, its journals, its cursors, in one SQLite database with one writer.
///
/// A write is durable when it returns, as far as `StoreConfiguration.synchronous` says. Writes happen one after the
/// other, in the order in which they were accepted; reads see what had been committed when they began, and neither
/// waits for the other.
@usableFromInline
package final class Store: Sendable {
  package let configuration: StoreConfiguration
  let pool: DatabasePool
  let state: StoreState
  @usableFromInline let inbox: CommandInbox

  init(
    _ opened: OpenedStore,
    configuration: StoreConfiguration,
    onCommit: @escaping @Sendable ([RecordFrame]) -> Void,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.configuration = configuration
    pool = opened.pool
    state = StoreState(heads: opened.heads, ownership: opened.ownership)
    inbox = CommandInbox(capacity: configuration.inboxCapacity)
    WriterThread.start(
      opened,
      environment: WriterEnvironment(
        configuration: configuration,
        inbox: inbox,
        state: state,
        meters: StoreMeters(factory: configuration.metrics),
        onCommit: onCommit,
        now: now
      )
    )
  }

  deinit {
    inbox.close()
  }

  /// Changes something. Returns once the change is durable; a change that throws has not happened.
  ///
  /// The closure runs on the writer's thread, so it must compute little and wait for nothing. Once accepted it will
  /// run: cancelling the task does not take it back.
  /// - Parameter repetition: whether the closure may be run again when it was undone for another's sake.
  /// - Throws: what `body` throws, or a `StoreError`: `.overloaded`, `.closed`, `.diskFull`, `.rolledBack`, `.failed`.
  @discardableResult @inlinable
  package func write<Value: Sendable>(
    as repetition: Repetition = .once,
    _ body: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try submit(as: repetition, body) { continuation.resume(with: $0) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Like `write`, for callers that don't wait: `completion` is called on the writer's thread, and must be quick.
  /// - Throws: `.overloaded` or `.closed`; `completion` is not called then.
  @inlinable
  package func submit<Value: Sendable>(
    as repetition: Repetition = .once,
    _ body: @escaping @Sendable (Transaction) throws -> Value,
    completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) throws(StoreError) {
    try inbox.append(Change(repetition, body, completion: completion))
  }

  /// Runs steps of tasks on the writer's thread, between its commits: what follows a write, and leads to the next one,
  /// is spared a change of threads each way. For steps that neither block nor compute much. Once the store is closed
  /// they are run elsewhere.
  package var executor: any TaskExecutor { inbox }

  /// Proves that the store takes writes, by one that changes nothing. A store that was full and isn't any more is
  /// `.ready` after it, also where nobody else writes.
  /// - Throws: why it takes none.
  package func checkWritable() async throws {
    switch state.health {
    case .failed(let error): throw error
    case .closed: throw StoreError(.closed, "the store is closed")
    case .ready: try await write { _ in }
    case .full:
      try await write { transaction in
        // SQLite writes no page whose content stays the same, but it does where that has changed and changed back.
        try transaction.database.execute(
          sql: "UPDATE heads SET position = position + 1; UPDATE heads SET position = position - 1"
        )
      }
    }
  }

  /// Reads one consistent state. Keep it short: while it lasts the write-ahead log can't start over.
  package func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
    if case .closed = state.health { throw StoreError(.closed, "the store is closed") }
    return try await pool.read(body)
  }

  /// Finishes what was accepted, then closes. Later writes and reads fail as `.closed`.
  package func close() async {
    inbox.close()
    await state.waitForWriter()
  }

  /// How far each of the store's streams has got. Cheap enough for every heartbeat.
  package func heads() -> [HeadVector] { state.heads }

  /// - Throws: `StoreError.unknownStream` where this store doesn't write the stream.
  package func identity(of stream: StreamName) throws(StoreError) -> StreamIdentity {
    try journal(of: stream).head().identity
  }

  /// Reads the journal of one of the store's streams.
  /// - Throws: `StoreError.unknownStream` where this store doesn't write the stream.
  package func journal(of stream: StreamName) throws(StoreError) -> JournalReader {
    guard let index = state.heads.firstIndex(where: { $0.identity.stream == stream }) else {
      throw StoreError(.unknownStream, "this store does not write the stream \(stream)")
    }
    return JournalReader(stream: stream, store: self, index: index)
  }

  package var health: StoreHealth { state.health }

  package var statistics: StoreStatistics {
    var statistics = state.statistics
    statistics.queueDepth = inbox.count
    return statistics
  }
}
