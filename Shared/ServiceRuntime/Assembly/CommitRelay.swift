import Messaging
import Records
import Synchronization

/// Hands what the store commits to whoever publishes it. The store is opened first, the publisher afterwards, and a
/// commit in between would be lost to the live feed only: subscribers read it from the journal.
final class CommitRelay: Sendable {
  private let receivers = Mutex<[@Sendable ([RecordFrame]) -> Void]>([])

  func add(_ receiver: @escaping @Sendable ([RecordFrame]) -> Void) {
    receivers.withLock { $0.append(receiver) }
  }

  /// Called on the writer's thread, in the order of commits.
  func didCommit(_ frames: [RecordFrame]) {
    for receiver in receivers.withLock({ $0 }) { receiver(frames) }
  }
}
