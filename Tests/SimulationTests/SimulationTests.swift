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

  enum Kind: CaseIterable {
    case plain, moving, trimming

    func includes(_ statistics: SimulationStatistics) -> Bool {
      switch self {
      case .plain: statistics.movesBegun == 0 && statistics.recordsTrimmed == 0
      case .moving: statistics.movesFinished > 0 && statistics.movesInterrupted > 0
      case .trimming: statistics.recordsTrimmed > 0
      }
    }
  }

  @Test(arguments: Kind.allCases) func oneSeedIsOneHistory(_ kind: Kind) async throws {
    for seed in UInt64(100)..<200 {
      let first = try await Simulation.outcome(of: seed)
      guard kind.includes(first.statistics) else { continue }
      let second = try await Simulation.outcome(of: seed)
      #expect(first.digest == second.digest && first.statistics == second.statistics, "seed \(seed)")
      return
    }
    Issue.record("none of a hundred histories is \(kind)")
  }
}
