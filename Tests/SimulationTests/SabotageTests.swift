import Simulation
import Testing

/// The checker is worth something only if it notices what is broken.
@Suite struct SabotageTests {
  /// Far more histories than any of these needs.
  private static let mostSeeds: UInt64 = 60

  @Test(arguments: Sabotage.allCases) func aBrokenGuaranteeIsNoticed(_ sabotage: Sabotage) async throws {
    for seed in 0..<Self.mostSeeds {
      let outcome = try await Simulation.outcome(of: seed, sabotage: sabotage)
      if !outcome.violations.isEmpty { return }
    }
    Issue.record("\(Self.mostSeeds) histories with \(sabotage) looked as promised")
  }
}
