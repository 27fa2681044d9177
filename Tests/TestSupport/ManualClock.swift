package import Contracts
import Synchronization

/// A wall clock that stands still until it is told to move.
package final class ManualClock: Sendable {
  private let instant: Mutex<Timestamp>

  /// - Parameter start: 2026-11-22T12:00:00Z unless given.
  package init(at start: Timestamp = Timestamp(milliseconds: 1_795_348_800_000)) {
    instant = Mutex(start)
  }

  package var now: Timestamp { instant.withLock { $0 } }

  package func advance(by span: Duration) {
    instant.withLock { $0 = $0 + span }
  }
}
