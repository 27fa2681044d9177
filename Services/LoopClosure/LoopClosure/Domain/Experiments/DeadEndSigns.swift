package import Contracts

/// Signs that a pilot leads nowhere.
package struct DeadEndSigns: Sendable {
  package let policy: LoopPolicy

  package init(policy: LoopPolicy) {
    self.policy = policy
  }

  /// What is known around a pilot.
  package struct Surroundings: Hashable, Sendable {
    /// Until when partners have agreed to let it run, if they have.
    package var safeHarbourUntil: Timestamp?
    /// Teams of its scale path that have the idea in use.
    package var teamsUsing: Int

    package init(safeHarbourUntil: Timestamp? = nil, teamsUsing: Int = 0) {
      self.safeHarbourUntil = safeHarbourUntil
      self.teamsUsing = teamsUsing
    }
  }

  /// The signs that hold at `now`; none for tests under the licence, which are too small to be dead ends.
  package func risks(_ pilot: Experiment, _ surroundings: Surroundings, now: Timestamp) -> [DeadEndRisk] {
    guard pilot.track == .pilot else { return [] }
    var risks: [DeadEndRisk] = []
    if pilot.valueCase == nil { risks.append(.noCase) }
    if pilot.scalePath?.owner.nonBlank == nil { risks.append(.noOwner) }
    if ExperimentRules.isUnderWay(pilot) {
      if now > max(moment(policy.overrunShare, of: pilot), surroundings.safeHarbourUntil ?? .epoch) {
        risks.append(.overrun)
      }
      if pilot.observedUnits == 0, now > moment(policy.nothingEvaluableShare, of: pilot) {
        risks.append(.nothingEvaluable)
      }
    } else if isLittleAdopted(pilot, surroundings, now: now) {
      risks.append(.lowAdoption)
    }
    return risks
  }

  /// Confirmed, and 90 days later not even half of the teams of its scale path use it.
  private func isLittleAdopted(_ pilot: Experiment, _ surroundings: Surroundings, now: Timestamp) -> Bool {
    guard
      pilot.verdict?.outcome.known == .confirmed, let concludedAt = pilot.concludedAt, let path = pilot.scalePath,
      now - concludedAt > policy.sustainedAfter
    else { return false }
    return Double(surroundings.teamsUsing) < policy.lowAdoptionShare * Double(path.eligibleTeams.count)
  }

  /// When the next sign could appear; nil where none can any more.
  package func nextLook(_ pilot: Experiment, now: Timestamp) -> Timestamp? {
    guard pilot.track == .pilot else { return nil }
    let moments =
      ExperimentRules.isUnderWay(pilot)
      ? [moment(policy.nothingEvaluableShare, of: pilot), moment(policy.overrunShare, of: pilot)]
      : [pilot.verdict?.outcome.known == .confirmed ? pilot.concludedAt.map { $0 + policy.sustainedAfter } : nil]
        .compactMap { $0 }
    return moments.map { $0 + .milliseconds(1) }.filter { $0 > now }.min()
  }

  /// The moment when `share` of the planned time has passed. The plan ends with `plannedEndAt`, else the review.
  private func moment(_ share: Double, of pilot: Experiment) -> Timestamp {
    let planned = (pilot.plannedEndAt ?? pilot.reviewOn) - pilot.startedAt
    return pilot.startedAt + .milliseconds(Int64(Double(planned.wholeMilliseconds) * share))
  }
}
