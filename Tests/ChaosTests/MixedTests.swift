import Contracts
import Foundation
import TestSupport
import Testing

extension ChaosTests {
  /// One fault after another, at random: killed, frozen, cut off, stalled, forgotten.
  @Suite struct MixedTests {
    private enum Fault: CaseIterable {
      case kill, freeze, cut, stall, forget
    }

    @Test(.timeLimit(.minutes(4)), arguments: Seeds.fresh(1))
    func whateverHappensAllEndWithTheSameStory(seed: UInt64) async throws {
      var random = SeededGenerator(seed: seed)
      let faults = (0..<20).map { _ in
        (
          Fault.allCases.randomElement(using: &random) ?? .kill,
          Cluster.services.randomElement(using: &random) ?? "ingestion",
          // How long it lasts is random on purpose: no condition is being waited for.
          Duration.milliseconds(Int.random(in: 0...1500, using: &random))
        )
      }
      try await ChaosRun.with(over: .relayed) { run in
        for (fault, service, duration) in faults {
          try await happen(fault, to: service, for: duration, run)
        }
        try await run.cluster.waitUntilReady()
        try await run.source.acknowledgements(20)
      }
    }

    private func happen(_ fault: Fault, to service: String, for duration: Duration, _ run: ChaosRun) async throws {
      let links = run.network.links(to: service)
      switch fault {
      case .kill:
        run.cluster.kill(service)
        try await Task.sleep(for: duration / 4)
        try run.cluster.start(service)
      case .freeze:
        try await run.cluster.freeze(service)
        try await Task.sleep(for: duration)
        try run.cluster.thaw(service)
      case .cut, .stall:
        for link in links { link.become(fault == .cut ? .cut : .stalled) }
        try await Task.sleep(for: duration)
        run.network.heal()
      case .forget:
        for link in links { link.forgetConnections() }
        try await Task.sleep(for: duration / 4)
      }
    }
  }
}
