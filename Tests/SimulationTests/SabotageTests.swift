import Simulation
import Testing

/// The checker is worth something only if it notices what is broken, and by what it is broken.
@Suite struct SabotageTests {
  /// Far more histories than any of these needs.
  private static let mostSeeds: UInt64 = 60

  /// Words of the violation that tells of just this. A history that is never level has no further findings.
  private func signs(of sabotage: Sabotage) -> [String] {
    switch sabotage {
    case .skipCursorUpdate, .applyTwice: [" was applied "]
    case .forgetReading: [" was applied 2 times"]
    case .forgetRequests: [" are doubled in the journal"]
    case .publishBeforeCommit: ["diverged: ", "isn't in the journal", "its history isn't the publisher's"]
    case .acceptGap: [" was applied 0 times"]
    // It goes on with another history than the one that it applied.
    case .dropChainCheck: ["its history isn't the publisher's, and it hasn't noticed", ": at "]
    }
  }

  @Test(arguments: Sabotage.allCases) func aBrokenGuaranteeIsNoticed(_ sabotage: Sabotage) async throws {
    let signs = signs(of: sabotage)
    for seed in 0..<Self.mostSeeds {
      let outcome = try await Simulation.outcome(of: seed, sabotage: sabotage)
      if outcome.violations.contains(where: { violation in signs.contains { violation.contains($0) } }) { return }
    }
    Issue.record("\(Self.mostSeeds) histories with \(sabotage) looked as promised")
  }
}
