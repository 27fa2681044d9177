import Synchronization

/// A continuation that several parties race to resume: the first wins, the others do nothing.
package final class OnceOnly<Value: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<Value, Never>?>

  package init(_ continuation: CheckedContinuation<Value, Never>) {
    self.continuation = Mutex(continuation)
  }

  /// - Returns: whether this call was the one that counted.
  @discardableResult
  package func resume(returning value: sending Value) -> Bool {
    let waiting = continuation.withLock { $0.take() }
    waiting?.resume(returning: value)
    return waiting != nil
  }
}
