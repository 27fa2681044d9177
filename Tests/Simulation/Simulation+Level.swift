import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// Whether everyone has what everyone has published.
extension Simulation {
  var isLevel: Bool {
    clients.allSatisfy(\.isDone) && operators.allSatisfy(\.isDone)
      && machines.allSatisfy { $0.process != nil && $0.subscriptions.allSatisfy(isLevel) }
  }

  private func isLevel(_ subscription: SimulatedSubscription) -> Bool {
    if subscription.failure != nil { return attended.contains(subscription.key) }
    return subscription.machine.phase == .live && subscription.machine.lagRecords == 0
      && subscription.machine.appliedPosition == headPosition(of: subscription)
  }

  private func headPosition(of subscription: SimulatedSubscription) -> UInt64? {
    machines[subscription.upstream].process?.store.heads()
      .first { $0.identity.stream == subscription.stream }?.position
  }

  /// An operator restarts, once, who says that it can't follow any more: what a subscription had in hand when its
  /// publisher went back in time may be all that was wrong with it.
  func attendToFailures() async {
    for machine in machines where machine.process != nil {
      let failed = machine.subscriptions.filter { $0.failure != nil && !attended.contains($0.key) }
      guard !failed.isEmpty else { continue }
      for subscription in failed { attended.insert(subscription.key) }
      machine.disk.kill()
      await crash(machine)
    }
  }

  func whatIsNotLevel() -> String {
    var findings: [String] = []
    for client in clients where !client.isDone {
      findings.append("client \(client.index) waits for \(client.errands[client.current].command)")
    }
    for mover in operators where !mover.isDone {
      findings.append(
        "\(mover.service.name)'s move \(mover.current) isn't done: \(mover.lastFault.map { "\($0)" } ?? "")"
      )
    }
    for machine in machines {
      if machine.process == nil { findings.append("\(machine.name) is down") }
      for subscription in machine.subscriptions where !isLevel(subscription) {
        let summary = subscription.machine.summary
        findings.append(
          "\(machine.name) follows \(subscription.source): \(summary.phase.word), applied "
            + "\(summary.appliedPosition) of \(headPosition(of: subscription) ?? 0), fault "
            + "\(summary.lastFault.map { "\($0)" } ?? "none")"
        )
      }
    }
    return findings.joined(separator: "; ")
  }
}
