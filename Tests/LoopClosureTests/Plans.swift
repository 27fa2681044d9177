import Contracts
import Foundation
import LoopClosure

/// A pre-registration for tests.
func plan(
  baseline: Double = 0.7,
  worthwhile: Double = 0.05,
  units: Int = 100,
  mode: DecisionMode = .singleLook,
  unit: ExperimentUnit = .customer,
  guardrails: [Guardrail] = [],
  stopRules: [String] = []
) -> PreRegistration {
  PreRegistration(
    hypothesis: "Calling back within the hour wins customers back",
    unit: .known(unit),
    metric: "stayed",
    minimumWorthwhileEffect: worthwhile,
    expectedBaseline: baseline,
    guardrails: guardrails,
    plannedUnitsPerArm: units,
    mode: .known(mode),
    stopRules: stopRules
  )
}

/// Evidence of one metric without an order of arrival.
func evidence(
  control: (units: Int, happened: Int),
  treatment: (units: Int, happened: Int),
  eValue: EValue = EValue(),
  teams: [TeamTally] = []
) -> MetricEvidence {
  MetricEvidence(
    arrivedControl: control.units,
    arrivedTreatment: treatment.units,
    control: ArmTally(units: control.units, happened: control.happened),
    treatment: ArmTally(units: treatment.units, happened: treatment.happened),
    eValue: eValue,
    teams: teams
  )
}

/// Teams with as many weeks each, and how many of them were good.
func teams(_ happened: [Int], of weeks: Int, in arm: Arm) -> [TeamTally] {
  happened.enumerated().map { number, count in
    TeamTally(team: "\(arm.rawValue)-\(number)", arm: arm, tally: ArmTally(units: weeks, happened: count))
  }
}
