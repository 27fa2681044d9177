package import Messaging

/// How much happened in a history: one that tests nothing should be seen to.
package struct SimulationStatistics: Hashable, Sendable {
  package var happenings = 0
  /// How long the history lasted, in its own time.
  package var end = MonotonicInstant(nanoseconds: 0)
  package var kills = 0
  package var powerCuts = 0
  /// Writes that power cuts took back, at least in part.
  package var lostWrites = 0
  package var partitions = 0
  package var fullDisks = 0
  package var failedSyncs = 0
  package var clockJumps = 0
  package var restores = 0
  package var divergences = 0
  package var acknowledgements = 0
  package var repeats = 0
  package var withdrawals = 0
  package var recordsApplied = 0
  package var recordsTrimmed = 0
  package var integrityChecks = 0
  package var movesBegun = 0
  package var movesFinished = 0
  package var movesTakenBack = 0
  /// Tries that were broken off between two of their steps.
  package var movesInterrupted = 0
  /// Times that records of a programme's new owner had to wait for those of the one before.
  package var successions = 0

  package init() {}

  /// Counts another history in; the later end remains.
  package mutating func add(_ other: SimulationStatistics) {
    happenings += other.happenings
    end = max(end, other.end)
    kills += other.kills
    powerCuts += other.powerCuts
    lostWrites += other.lostWrites
    partitions += other.partitions
    fullDisks += other.fullDisks
    failedSyncs += other.failedSyncs
    clockJumps += other.clockJumps
    restores += other.restores
    divergences += other.divergences
    acknowledgements += other.acknowledgements
    repeats += other.repeats
    withdrawals += other.withdrawals
    recordsApplied += other.recordsApplied
    recordsTrimmed += other.recordsTrimmed
    integrityChecks += other.integrityChecks
    movesBegun += other.movesBegun
    movesFinished += other.movesFinished
    movesTakenBack += other.movesTakenBack
    movesInterrupted += other.movesInterrupted
    successions += other.successions
  }

  /// Kinds of trouble that never came: in many histories each has to, or they prove nothing of it.
  package var missing: [String] {
    let counts = [
      "kills": kills, "power cuts": powerCuts, "lost writes": lostWrites, "partitions": partitions,
      "full disks": fullDisks, "failed syncs": failedSyncs, "clock jumps": clockJumps, "restores": restores,
      "divergences": divergences, "repeated requests": repeats, "withdrawals": withdrawals,
      "trimmed records": recordsTrimmed, "integrity checks": integrityChecks, "moves": movesBegun,
      "finished moves": movesFinished, "moves that were taken back": movesTakenBack,
      "interrupted moves": movesInterrupted, "waits for a predecessor": successions,
    ]
    return counts.filter { $0.value == 0 }.keys.sorted()
  }
}
