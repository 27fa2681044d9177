import Records
import Synchronization

/// Where the sink's task waits for what the machine delivers. The machine bounds it: it delivers no more than its
/// window until the sink has committed.
final class DeliveryQueue: Sendable {
  private struct State {
    var backlog: DeliveryBacklog
    var isClosed = false
    var waiter: CheckedContinuation<DeliveryBacklog.Work?, Never>?
  }

  private let state: Mutex<State>

  init(mostRecords: Int) {
    state = Mutex(State(backlog: DeliveryBacklog(mostRecords: mostRecords)))
  }

  /// Changes the backlog, and hands out what the sink can take now.
  func change(_ body: (inout DeliveryBacklog) -> Void) {
    wake { body(&$0.backlog) }
  }

  /// Hands out nothing more, ever.
  func close() {
    wake { $0.isClosed = true }
  }

  /// Waits for work.
  /// - Returns: nil once closed.
  func next() async -> DeliveryBacklog.Work? {
    await withCheckedContinuation { continuation in
      let outcome: DeliveryBacklog.Work?? = state.withLock { state in
        if state.isClosed { return .some(nil) }
        if let work = state.backlog.take() { return .some(work) }
        state.waiter = continuation
        return nil
      }
      if let outcome { continuation.resume(returning: outcome) }
    }
  }

  private func wake(_ body: (inout State) -> Void) {
    let woken: (CheckedContinuation<DeliveryBacklog.Work?, Never>, DeliveryBacklog.Work?)? = state.withLock { state in
      body(&state)
      guard let waiter = state.waiter else { return nil }
      let work = state.isClosed ? nil : state.backlog.take()
      guard state.isClosed || work != nil else { return nil }
      state.waiter = nil
      return (waiter, work)
    }
    if let (waiter, work) = woken { waiter.resume(returning: work) }
  }
}
