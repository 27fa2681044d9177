import ArgumentParser
import Foundation
import Simulation

/// Plays histories of all services together, one for each seed, and checks each.
@main struct GroundswellSimulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "groundswell-simulate",
    abstract: "Plays seeded histories of all services over simulated machines, and checks each."
  )

  @Option(help: "How many histories.") var seeds: Int = 100
  @Option(help: "The first seed; the others follow.") var from: UInt64 = 0
  @Option(help: "How many are played at the same time.") var jobs: Int = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "A guarantee to break: \(Sabotage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var sabotage: Sabotage?
  @Flag(help: "Tell every happening, in words; with one seed.") var narrate = false
  @Flag(help: "Stop at the first history that isn't as promised.") var failFast = false

  func validate() throws {
    guard seeds >= 1, jobs >= 1 else { throw ValidationError("At least one seed and one job.") }
    guard !narrate || seeds == 1 else { throw ValidationError("--narrate tells one history: add --seeds 1.") }
  }

  func run() async throws {
    let start = ContinuousClock.now
    var summary = Summary()
    try await withThrowingTaskGroup(of: SimulationOutcome.self) { group in
      let end = from + UInt64(seeds)
      var next = from
      func addNext() {
        guard next < end else { return }
        let seed = next
        next += 1
        group.addTask { [sabotage, narrate] in
          try await Simulation.outcome(of: seed, sabotage: sabotage, narrate: narrate ? { print($0) } : nil)
        }
      }
      for _ in 0..<jobs { addNext() }
      while let outcome = try await group.next() {
        summary.add(outcome)
        if !outcome.violations.isEmpty {
          report(outcome)
          if failFast { next = end }
        }
        addNext()
      }
    }
    print(summary.text(took: ContinuousClock.now - start))
    if summary.failures > 0 { throw ExitCode.failure }
    // A few histories may be spared something, a thousand may not.
    if seeds >= 1000, sabotage == nil, !summary.missing.isEmpty {
      print("these histories prove little: there were no \(summary.missing.joined(separator: ", no "))")
      throw ExitCode.failure
    }
  }

  private func report(_ outcome: SimulationOutcome) {
    print("seed \(outcome.seed) is not as promised:")
    for violation in outcome.violations.prefix(10) { print("  \(violation)") }
    print("  again: \(outcome.replay)")
  }
}

extension Sabotage: ExpressibleByArgument {}

/// What many histories came to.
private struct Summary {
  private var histories = 0
  private(set) var failures = 0
  private var total = SimulationStatistics()
  private var digest: UInt64 = 0

  var missing: [String] { total.missing }

  mutating func add(_ outcome: SimulationOutcome) {
    histories += 1
    if !outcome.violations.isEmpty { failures += 1 }
    total.add(outcome.statistics)
    // In whatever order they end, the same histories have the same sum.
    digest &+= outcome.digest
  }

  func text(took duration: Duration) -> String {
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    return """
      \(histories) histories, \(failures) not as promised, in \(String(format: "%.1f", seconds)) s, digest \
      \(String(digest, radix: 16))
      \(total.happenings) happenings, \(total.recordsApplied) records applied, \(total.acknowledgements) acknowledgements
      \(total.kills) kills, \(total.powerCuts) power cuts (\(total.lostWrites) writes lost), \(total.failedSyncs) failed \
      syncs, \(total.fullDisks) full disks, \(total.partitions) partitions, \(total.clockJumps) clock jumps
      \(total.movesBegun) moves begun, \(total.movesFinished) finished, \(total.movesTakenBack) taken back, \
      \(total.movesInterrupted) times interrupted, \(total.successions) waits for a predecessor
      \(total.recordsTrimmed) records trimmed, \(total.integrityChecks) integrity checks
      \(total.repeats) repeated requests, \(total.withdrawals) withdrawals, \(total.restores) restores, \(total.divergences) divergences noticed
      """
  }
}
