import Contracts
import CoreMetrics
import Messaging
import Storage
import Synchronization

/// How each upstream is doing, as its subscription says when asked; read by readiness, metrics and status.
final class UpstreamBoard: Sendable {
  private let runners = Mutex<[SubscriptionRunner]>([])
  private let outsiders = Mutex<[Outsider]>([])

  /// An upstream that somebody else follows on this service's behalf.
  private struct Outsider: Sendable {
    let upstream: Ownership.Upstream
    let checkCursor: @Sendable () -> Void
  }

  func add(_ runner: SubscriptionRunner) {
    runners.withLock { $0.append(runner) }
  }

  /// - Parameter checkCursor: called when the subscription is to go on from where its cursor is in the store.
  func add(_ upstream: Ownership.Upstream, checkCursor: @escaping @Sendable () -> Void) {
    outsiders.withLock { $0.append(Outsider(upstream: upstream, checkCursor: checkCursor)) }
  }

  /// Has every subscription go on from where its cursor is in the store, wherever that has been moved.
  func checkCursors() {
    for runner in runners.withLock({ $0 }) { runner.checkCursor() }
    for outsider in outsiders.withLock({ $0 }) { outsider.checkCursor() }
  }

  /// Whether an instance of a stream's service is followed.
  @Sendable func follows(_ stream: StreamName, instance: UInt16) -> Bool {
    identities.contains(Ownership.Upstream(stream: stream, instance: instance))
  }

  /// What is followed.
  var identities: [Ownership.Upstream] {
    runners.withLock { $0 }.map { Ownership.Upstream(stream: $0.stream, instance: $0.instance) }
      + outsiders.withLock { $0 }.map(\.upstream)
  }

  var all: [UpstreamStatus] {
    runners.withLock { $0 }.map { runner in
      UpstreamStatus(stream: runner.stream, instance: runner.instance, runner.status)
    }
  }

  var samples: [MetricSample] {
    runners.withLock { $0 }.flatMap { runner in
      let status = runner.status
      let summary = status.summary
      let labels = [("stream", runner.stream.rawValue), ("instance", String(runner.instance))]
      return [
        MetricSample("groundswell_upstream_lag_records", labels: labels, Double(summary.lagRecords)),
        MetricSample("groundswell_upstream_lag_seconds", labels: labels, Double(status.lag.wholeNanoseconds) / 1e9),
        MetricSample("groundswell_upstream_position", labels: labels, Double(summary.appliedPosition)),
        MetricSample("groundswell_upstream_live", labels: labels, summary.phase == .live ? 1 : 0),
        MetricSample("groundswell_upstream_failed", labels: labels, summary.phase.hasFailed ? 1 : 0),
        MetricSample(
          "groundswell_upstream_gaps_total",
          kind: .counter,
          labels: labels,
          Double(summary.counters.gaps)
        ),
        MetricSample(
          "groundswell_upstream_pulls_total",
          kind: .counter,
          labels: labels,
          Double(summary.counters.pulls)
        ),
      ]
    }
  }
}

extension UpstreamStatus {
  init(stream: StreamName, instance: UInt16, _ status: SubscriptionStatus) {
    let summary = status.summary
    var state = State.pulling
    var problem = summary.lastFault?.message ?? status.lastSinkError
    switch summary.phase {
    case .idle: state = .waiting
    case .live: state = .live
    case .failed(let failure):
      state = .failed
      problem = failure.description
    case .snapshot, .pulling, .overlapping:
      if summary.lastFault != nil { state = .waiting }
    }
    let isKnown = summary.epoch != nil || summary.headPosition > 0
    self.init(
      stream: stream,
      instance: instance,
      state: .known(state),
      position: summary.appliedPosition,
      head: isKnown ? summary.headPosition : nil,
      problem: problem
    )
  }
}
