import TestSupport

/// What became of one history.
package struct SimulationOutcome: Sendable {
  package let seed: UInt64
  /// What was wrong; empty where all was as promised.
  package let violations: [String]
  package let statistics: SimulationStatistics
  /// The same for the same history.
  package let digest: UInt64

  /// The command that plays this history again and tells it step by step.
  package var replay: String { "deploy/simulate --from \(seed) --seeds 1 --narrate" }
}

extension Simulation {
  /// Plays the history of a seed, on machines that are gone afterwards.
  /// - Parameter narrate: told of every happening, in words.
  package static func outcome(
    of seed: UInt64,
    sabotage: Sabotage? = nil,
    narrate: ((String) -> Void)? = nil
  ) async throws -> SimulationOutcome {
    try await withTemporaryDirectory { directory in
      let simulation = try await Simulation(seed: seed, sabotage: sabotage, in: directory, narrate: narrate)
      let violations = try await simulation.run()
      return SimulationOutcome(
        seed: seed,
        violations: violations,
        statistics: simulation.statistics,
        digest: simulation.digest
      )
    }
  }
}
