package import Contracts

/// The time as a service sees it, and a way to wait for more of it. Tests turn it by hand.
package struct ServiceClock: Sendable {
  package let now: @Sendable () -> Timestamp
  /// Returns after the span, or throws `CancellationError` when the task is cancelled.
  package let sleep: @Sendable (Duration) async throws -> Void

  package init(
    now: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  package static let system = ServiceClock(now: Timestamp.now) { try await Task.sleep(for: $0) }
}
