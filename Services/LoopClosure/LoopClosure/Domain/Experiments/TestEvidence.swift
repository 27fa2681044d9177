package import Contracts

/// What has been observed of one metric.
package struct MetricEvidence: Hashable, Sendable, Codable {
  /// Distinct units that arrived in each arm, however many were planned.
  package var arrivedControl: Int
  package var arrivedTreatment: Int
  /// The first units of each arm, up to the planned number: what the single look sees.
  package var control: ArmTally
  package var treatment: ArmTally
  package var eValue: EValue
  /// By team, in tests whose unit is the team-week.
  package var teams: [TeamTally]

  package init(
    arrivedControl: Int,
    arrivedTreatment: Int,
    control: ArmTally,
    treatment: ArmTally,
    eValue: EValue,
    teams: [TeamTally] = []
  ) {
    self.arrivedControl = arrivedControl
    self.arrivedTreatment = arrivedTreatment
    self.control = control
    self.treatment = treatment
    self.eValue = eValue
    self.teams = teams
  }

  package static func nothing(margin: Double) -> MetricEvidence {
    let none = ArmTally(units: 0, happened: 0)
    return MetricEvidence(
      arrivedControl: 0,
      arrivedTreatment: 0,
      control: none,
      treatment: none,
      eValue: EValue(margin: margin)
    )
  }

  /// P(treatment - control > margin).
  func probability(above margin: Double) -> Double {
    BetaPosterior.probability(
      treatment: BetaPosterior(units: treatment.units, happened: treatment.happened),
      exceeds: BetaPosterior(units: control.units, happened: control.happened),
      byMoreThan: margin
    )
  }
}

/// One team's weeks in one arm.
package struct TeamTally: Hashable, Sendable, Codable {
  package var team: String
  package var arm: Arm
  package var tally: ArmTally

  package init(team: String, arm: Arm, tally: ArmTally) {
    self.team = team
    self.arm = arm
    self.tally = tally
  }

  /// The team in an observation's unit `team/week`: everything before the last stroke.
  package static func team(ofUnit unit: String) -> String {
    unit.lastIndex(of: "/").map { String(unit[..<$0]) } ?? unit
  }
}

/// Everything a verdict may look at.
package struct TestEvidence: Hashable, Sendable {
  package var primary: MetricEvidence
  /// By guardrail metric.
  package var guardrails: [String: MetricEvidence]

  package init(primary: MetricEvidence, guardrails: [String: MetricEvidence]) {
    self.primary = primary
    self.guardrails = guardrails
  }

  /// Units of both arms that count, as a share of those planned.
  package func shareOfPlan(_ plan: PreRegistration) -> Double {
    Double(primary.control.units + primary.treatment.units) / Double(max(1, 2 * plan.plannedUnitsPerArm))
  }

  /// Both arms have their planned units: time for the look.
  package func isComplete(_ plan: PreRegistration) -> Bool {
    min(primary.control.units, primary.treatment.units) >= plan.plannedUnitsPerArm
  }

  /// The guardrail whose e-value says that harm beyond its limit is done, by name; nil where there is none.
  package func brokenGuardrail() -> String? {
    guardrails.filter { $0.value.eValue.hasReached() }.keys.min()
  }
}

/// Whether the arms were filled as planned.
package enum SampleRatio {
  /// P of a split at least this uneven where every unit is as likely to come into one arm as into the other (χ², one
  /// degree of freedom).
  package static func probability(control: Int, treatment: Int) -> Double {
    let total = Double(control + treatment)
    guard total > 0 else { return 1 }
    let difference = Double(control - treatment)
    return SpecialFunctions.chiSquaredOneTail(difference * difference / total)
  }

  package static let alarm = 0.001
}

extension MetricEvidence {
  /// Counts a unit that arrived; the look sees it while its arm has room in the plan.
  package mutating func count(_ happened: Bool, in arm: Arm, upTo planned: Int) {
    let tally: WritableKeyPath<MetricEvidence, ArmTally> = arm == .control ? \.control : \.treatment
    let arrived: WritableKeyPath<MetricEvidence, Int> = arm == .control ? \.arrivedControl : \.arrivedTreatment
    self[keyPath: arrived] += 1
    guard self[keyPath: tally].units < planned else { return }
    self[keyPath: tally].units += 1
    self[keyPath: tally].happened += happened ? 1 : 0
  }

  /// Counts a team's week. A team stays in the arm that it was first seen in.
  package mutating func count(_ happened: Bool, of team: String, in arm: Arm) {
    if let known = teams.firstIndex(where: { $0.team == team }) {
      guard teams[known].arm == arm else { return }
      teams[known].tally.units += 1
      teams[known].tally.happened += happened ? 1 : 0
    } else {
      teams.append(TeamTally(team: team, arm: arm, tally: ArmTally(units: 1, happened: happened ? 1 : 0)))
    }
  }
}
