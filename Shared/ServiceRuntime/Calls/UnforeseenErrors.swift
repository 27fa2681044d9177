import Contracts
import Logging
import Synchronization

/// Logs what handlers throw and nobody foresaw. May be told on the socket thread, which is not to wait for whoever reads
/// the log; so what is still to be written is bounded, and what exceeds it is only counted.
final class UnforeseenErrors: Sendable {
  private static let mostWaiting = 64

  private let logger: Logger
  private let waiting = Atomic<Int>(0)
  private let passedOver = Atomic<Int>(0)

  init(_ logger: Logger) {
    self.logger = logger
  }

  func log(_ error: any Error, in method: MethodName) {
    guard waiting.add(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
      waiting.subtract(1, ordering: .relaxed)
      passedOver.add(1, ordering: .relaxed)
      return
    }
    Task { [self] in
      var metadata: Logger.Metadata = ["method": "\(method)", "error": "\(error)"]
      let passedOver = passedOver.exchange(0, ordering: .relaxed)
      if passedOver > 0 { metadata["passedOver"] = "\(passedOver)" }
      logger.error("a call failed in a way nobody foresaw", metadata: metadata)
      waiting.subtract(1, ordering: .relaxed)
    }
  }
}
