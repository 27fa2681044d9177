package import Contracts
package import Storage

/// Work that a service does from time to time, in a transaction of its own on the store's writer.
///
/// A failure is logged and counted, undoes what that run did, and doesn't keep the next one from coming. Runs never
/// overlap; what a stopped process has missed is not made up for, so the action must ask the store what is due.
package struct ServiceTimer: Sendable {
  package let name: String
  package let interval: Duration
  package let action: @Sendable (Transaction, Timestamp) throws -> Void

  /// - Parameters:
  ///   - interval: from the end of one run to the start of the next.
  ///   - name: for logs and metrics.
  ///   - action: takes the transaction and the time.
  package init(
    every interval: Duration,
    _ name: String,
    _ action: @escaping @Sendable (Transaction, Timestamp) throws -> Void
  ) {
    precondition(interval > .zero, "the timer '\(name)' needs an interval")
    self.name = name
    self.interval = interval
    self.action = action
  }
}
