import Contracts
import Synchronization

/// Where a service is in its life, and who wants to know when that changes.
final class ServiceState: Sendable {
  private let state = Mutex(State())

  private struct State {
    var phase = Phase.starting
    /// What still has to be bound before the service is ready.
    var unbound: Set<String> = []
    var watchers: [Int: AsyncStream<HealthStatus>.Continuation] = [:]
    var nextWatcher = 0
  }

  enum Phase: String, Sendable {
    case starting, serving, stopping
  }

  var phase: Phase { state.withLock { $0.phase } }

  var health: HealthStatus { phase == .serving ? .serving : .notServing }

  /// The sockets that are not bound yet, by name.
  var unbound: [String] { state.withLock { $0.unbound.sorted() } }

  func expectBinding(_ socket: String) {
    state.withLock { _ = $0.unbound.insert(socket) }
  }

  func didBind(_ socket: String) {
    state.withLock { _ = $0.unbound.remove(socket) }
  }

  func move(to phase: Phase) {
    let watchers = state.withLock { state in
      state.phase = phase
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield(phase == .serving ? .serving : .notServing) }
  }

  /// The state now and each change of it. A slow watcher sees the newest state only: what lies between is lost.
  func changes() -> AsyncStream<HealthStatus> {
    let (stream, continuation) = AsyncStream.makeStream(of: HealthStatus.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    continuation.onTermination = { _ in
      self.state.withLock { _ = $0.watchers.removeValue(forKey: number) }
    }
    continuation.yield(health)
    return stream
  }
}
