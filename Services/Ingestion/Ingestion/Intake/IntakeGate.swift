import Contracts
import Synchronization

/// Lets a bounded number of requests in at a time. Whoever finds it full is told to come back, at once: a queue would
/// only hide the load from those who could lessen it.
final class IntakeGate: Sendable {
  private let inside = Mutex(0)
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// - Throws: `Fault` RESOURCE_EXHAUSTED with reason `overloaded`, or what `body` throws.
  func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
    let isIn = inside.withLock { count in
      guard count < capacity else { return false }
      count += 1
      return true
    }
    guard isIn else {
      throw Fault(
        .resourceExhausted,
        reason: "overloaded",
        "\(capacity) requests are being taken in already. Send this one again in a second."
      )
    }
    defer { inside.withLock { $0 -= 1 } }
    return try await body()
  }
}
