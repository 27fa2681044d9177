import Simulation
import Testing

/// Histories of all services together, each out of a seed. A failure prints the command that plays it again.
@Suite struct SimulationTests {
  @Test(arguments: 0..<4) func everyHistoryEndsAsPromised(_ block: Int) async throws {
    for seed in UInt64(block) * 5..<UInt64(block + 1) * 5 {
      let outcome = try await Simulation.outcome(of: seed)
      #expect(outcome.violations.isEmpty, "\(outcome.replay): \(outcome.violations)")
    }
  }

  @Test func oneSeedIsOneHistory() async throws {
    for seed in UInt64(100)..<103 {
      let first = try await Simulation.outcome(of: seed)
      let second = try await Simulation.outcome(of: seed)
      #expect(first.digest == second.digest && first.statistics == second.statistics, "seed \(seed)")
    }
  }
}
