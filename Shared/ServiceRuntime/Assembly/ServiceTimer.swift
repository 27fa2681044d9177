package import Contracts
package import Storage

/// Work that a service does from time to time, in transactions of its own on the store's writer.
///
/// A failure is logged and counted, undoes what its turn did, and doesn't keep the next run from coming. Runs never
/// overlap; what a stopped process has missed is not made up for, so the action must ask the store what is due.
package struct ServiceTimer: Sendable {
  package let name: String
  package let interval: Duration
  /// Transactions of a run at most; what is due then has to wait for the next run.
  package let mostTurns: Int
  /// Does a part of what is due, and says whether more is.
  package let turn: @Sendable (Transaction, Timestamp) throws -> Bool

  /// - Parameters:
  ///   - interval: from the end of one run to the start of the next.
  ///   - name: for logs and metrics.
  ///   - action: takes the transaction and the time.
  package init(
    every interval: Duration,
    _ name: String,
    _ action: @escaping @Sendable (Transaction, Timestamp) throws -> Void
  ) {
    self.init(every: interval, mostTurns: 1, name) { transaction, now in
      try action(transaction, now)
      return false
    }
  }

  /// For what takes long: whatever else is to be written is so between two turns, and needn't wait for the last.
  package init(
    every interval: Duration,
    mostTurns: Int,
    _ name: String,
    turn: @escaping @Sendable (Transaction, Timestamp) throws -> Bool
  ) {
    precondition(interval > .zero && mostTurns > 0, "the timer '\(name)' needs an interval and a turn")
    self.name = name
    self.interval = interval
    self.mostTurns = mostTurns
    self.turn = turn
  }

  /// One run.
  /// - Throws: what a turn threw, or a `CancellationError` before the next one; those before it are done.
  package func run(on store: Store, now: @escaping @Sendable () -> Timestamp) async throws {
    for _ in 0..<mostTurns {
      try Task.checkCancellation()
      guard try await store.write({ try turn($0, now()) }) else { return }
    }
  }
}
