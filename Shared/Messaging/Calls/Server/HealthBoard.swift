package import Contracts
import GRPCCore
import Synchronization

/// Which services of a process take calls; answers `health.v1` and tells watchers of every change.
package final class HealthBoard: Sendable {
  private struct State {
    var statuses: [String: HealthStatus]
    var watchers: [UInt64: (service: String, changes: AsyncStream<HealthStatus>.Continuation)] = [:]
    var nextWatcher: UInt64 = 0

    mutating func set(_ status: HealthStatus, for service: String) {
      guard statuses.updateValue(status, forKey: service) != status else { return }
      for watcher in watchers.values where watcher.service == service { watcher.changes.yield(status) }
    }
  }

  private let state: Mutex<State>

  /// - Parameter services: call services such as `ranking.v1`; the process as a whole is the service "".
  init(services: some Sequence<String>) {
    var statuses: [String: HealthStatus] = ["": .notServing]
    for service in services { statuses[service] = .notServing }
    state = Mutex(State(statuses: statuses))
  }

  package func set(_ status: HealthStatus, for service: String) {
    state.withLock { $0.set(status, for: service) }
  }

  package func setAll(_ status: HealthStatus) {
    state.withLock { state in
      for service in state.statuses.keys { state.set(status, for: service) }
    }
  }

  /// The status of a service; nil for one that isn't here.
  package func status(of service: String) -> HealthStatus? {
    state.withLock { $0.statuses[service] }
  }

  /// The status now, and then each change. A watcher that falls behind misses what lay between, never the last.
  func changes(of service: String) -> AsyncStream<HealthStatus> {
    let (stream, continuation) = AsyncStream.makeStream(of: HealthStatus.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = (service, continuation)
      continuation.yield(state.statuses[service] ?? .serviceUnknown)
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.watchers[id] = nil }
    }
    return stream
  }
}

extension CallHandlers {
  mutating func addHealth(_ board: HealthBoard) {
    query(HealthAPI.check) { request, _ in
      let service = request.service ?? ""
      guard let status = board.status(of: service) else {
        throw Fault(.notFound, reason: "unknownService", "there is no service '\(service)' here", field: "service")
      }
      return HealthReport(status: status)
    }
    feed(HealthAPI.watch) { request, _, writer in
      for await status in board.changes(of: request.service ?? "") {
        try await writer.write(HealthReport(status: status))
      }
    }
  }
}
