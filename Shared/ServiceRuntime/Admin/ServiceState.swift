import Synchronization

/// Where a service is in its life, and where it listens.
package final class ServiceState: Sendable {
  private let state = Mutex(State())

  private struct State {
    var phase = Phase.starting
    var expected: Set<Socket> = []
    var bound: [Socket: String] = [:]
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0

    /// Takes out those who have waited long enough.
    mutating func release() -> [CheckedContinuation<Void, Never>] {
      let due = waiters.filter { $0.value.phase <= phase && $0.value.continuation != nil }
      for number in due.keys { waiters[number] = nil }
      return due.values.compactMap(\.continuation)
    }
  }

  private struct Waiter {
    let phase: Phase
    /// nil until the waiting task has suspended itself.
    var continuation: CheckedContinuation<Void, Never>?
  }

  /// In the order in which they come.
  package enum Phase: String, Sendable, CaseIterable, Comparable {
    /// Not every socket is bound yet.
    case starting
    case serving
    /// What was accepted is finished; nothing new is taken.
    case stopping

    package static func < (one: Self, other: Self) -> Bool { one.number < other.number }

    private var number: Int {
      switch self {
      case .starting: 0
      case .serving: 1
      case .stopping: 2
      }
    }
  }

  package enum Socket: String, Sendable, CaseIterable {
    case calls, admin, http
  }

  package var phase: Phase { state.withLock { $0.phase } }

  /// The sockets that are not bound yet.
  package var unbound: [Socket] {
    state.withLock { state in Socket.allCases.filter { state.expected.contains($0) && state.bound[$0] == nil } }
  }

  /// Where a socket listens, with the port that was chosen; nil as long as it doesn't.
  package func address(of socket: Socket) -> String? { state.withLock { $0.bound[socket] } }

  func expect(_ sockets: [Socket]) {
    state.withLock { $0.expected.formUnion(sockets) }
  }

  /// With the last of those that are expected, the service serves.
  func didBind(_ socket: Socket, at address: String) {
    let waiters = state.withLock { state in
      state.bound[socket] = address
      if state.phase == .starting, state.expected.allSatisfy({ state.bound[$0] != nil }) { state.phase = .serving }
      return state.release()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Begins a graceful stop, as SIGTERM does.
  package func stop() {
    let waiters = state.withLock { state in
      state.phase = .stopping
      return state.release()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns once the service is in that phase or beyond, or the task is cancelled.
  package func wait(until phase: Phase) async {
    let number = state.withLock { state in
      state.nextWaiter += 1
      state.waiters[state.nextWaiter] = Waiter(phase: phase)
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.waiters[number] != nil, state.phase < phase else {
            state.waiters[number] = nil
            return true
          }
          state.waiters[number]?.continuation = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation?.resume()
    }
  }
}
