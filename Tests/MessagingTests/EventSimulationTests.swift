import Messaging
import Testing

/// Thousands of histories of loss, repetition, disorder, slowness, restarts and restores, each out of a seed.
///
/// A failure names its seed; `EventSimulation(seed:)` with the same arguments plays the same history again.
struct EventSimulationTests {
  private static func firstViolations(
    seeds: Range<UInt64>,
    canTrim: Bool = false,
    canRestore: Bool = false,
    sabotage: EventSimulation.Sabotage? = nil
  ) -> [(seed: UInt64, violations: [String])] {
    var found: [(UInt64, [String])] = []
    for seed in seeds {
      var simulation = EventSimulation(seed: seed, canTrim: canTrim, canRestore: canRestore, sabotage: sabotage)
      simulation.run()
      if !simulation.violations.isEmpty { found.append((seed, simulation.violations)) }
      if found.count == 3 { break }
    }
    return found
  }

  @Test(arguments: 0..<8)
  func everyRecordIsAppliedOnceInOrderAndEveryoneEndsLive(_ block: Int) {
    let seeds = UInt64(block) * 50..<UInt64(block + 1) * 50
    let found = Self.firstViolations(seeds: seeds)
    #expect(found.isEmpty, "seeds and what went wrong: \(found)")
  }

  @Test func trimmedJournalsAreMendedBySnapshots() {
    let found = Self.firstViolations(seeds: 10_000..<10_100, canTrim: true)
    #expect(found.isEmpty, "seeds and what went wrong: \(found)")
  }

  @Test func restoredJournalsAreFollowedOrRefusedButNeverMixed() {
    let found = Self.firstViolations(seeds: 20_000..<20_150, canRestore: true)
    #expect(found.isEmpty, "seeds and what went wrong: \(found)")
  }

  /// The checker is worth something only if it finds defects.
  @Test(arguments: EventSimulation.Sabotage.allCases)
  func plantedDefectsAreFound(_ sabotage: EventSimulation.Sabotage) {
    let found = Self.firstViolations(seeds: 30_000..<30_100, canRestore: sabotage == .maskChains, sabotage: sabotage)
    #expect(!found.isEmpty, "100 histories with \(sabotage) looked right")
  }
}
