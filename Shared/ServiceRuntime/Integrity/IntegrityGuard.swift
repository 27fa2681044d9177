import Contracts
import Logging
import Messaging
import Storage
import Synchronization

/// Checks the store, and makes known that it is no authority any more where it doesn't stand the check.
///
/// A damaged copy that went on answering would spread what it holds: such a store takes no writes, its journals fail
/// with DATA_LOSS, and health says NOT_SERVING, until the process is restarted on a sound one.
final class IntegrityGuard: Sendable {
  private let store: Store
  private let logger: Logger
  private let health = Mutex<HealthBoard?>(nil)

  init(store: Store, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  /// Says on which board the service's health stands.
  func watch(_ board: HealthBoard) {
    health.withLock { $0 = board }
  }

  @discardableResult
  func check() async throws -> IntegrityReport {
    let report = try await store.verify()
    guard let problem = report.problems.first else { return report }
    health.withLock { $0 }?.setAll(.notServing)
    logger.critical(
      "the store failed its integrity check and is no authority any more; restore the latest backup",
      metadata: ["problem": "\(problem)", "problems": "\(report.problems.count)"]
    )
    return report
  }
}
