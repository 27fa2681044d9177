package import Contracts

/// What has to stand firm before the first observation.
package struct PreRegistrationRules: Sendable {
  /// Teams of the programme: a comparison of teams needs at least six.
  package let teams: Int

  package init(teams: Int) {
    self.teams = teams
  }

  /// Written among the stop rules of a team-level test that promises no significance.
  package static let descriptiveOnly = "descriptive only"

  /// - Throws: `Fault`: `incomplete`, `notAProportion`, `unknownUnit`, `unknownMode`, `guardrailIsPrimary`,
  ///   `continuousTeamTest`, `tooFewTeams`, `underpowered`.
  package func validate(_ plan: PreRegistration) throws(Fault) {
    try requireText(plan.hypothesis, "hypothesis", "say what you expect to happen, and why")
    try requireText(plan.metric, "metric", "name the metric that decides")
    guard plan.minimumWorthwhileEffect > 0, plan.minimumWorthwhileEffect < 1 else {
      throw fault(
        "notAProportion",
        "the minimum worthwhile effect is a difference above 0, below 1",
        "minimumWorthwhileEffect"
      )
    }
    guard plan.expectedBaseline >= 0, plan.expectedBaseline + plan.minimumWorthwhileEffect <= 1 else {
      throw fault(
        "notAProportion",
        "the expected baseline is a proportion, and the worthwhile effect has to fit on top of it",
        "expectedBaseline"
      )
    }
    for guardrail in plan.guardrails {
      try requireText(guardrail.metric, "guardrails.metric", "name the guardrail's metric")
      guard guardrail.metric != plan.metric else {
        throw fault("guardrailIsPrimary", "'\(plan.metric)' can't guard against itself", "guardrails.metric")
      }
      guard guardrail.maximumHarm >= 0, guardrail.maximumHarm < 1 else {
        throw fault("notAProportion", "the harm tolerated is a difference from 0 to below 1", "guardrails.maximumHarm")
      }
    }
    guard Set(plan.guardrails.map(\.metric)).count == plan.guardrails.count else {
      throw fault("guardrailTwice", "every guardrail metric is named once", "guardrails.metric")
    }
    try validateDesign(plan)
  }

  private func validateDesign(_ plan: PreRegistration) throws(Fault) {
    guard let unit = plan.unit.known else {
      throw fault(
        "unknownUnit",
        "'\(plan.unit.rawValue)' is no unit; use one of "
          + ExperimentUnit.allCases.map(\.rawValue).joined(separator: ", "),
        "unit"
      )
    }
    guard let mode = plan.mode.known else {
      throw fault(
        "unknownMode",
        "'\(plan.mode.rawValue)' is no mode; use one of "
          + DecisionMode.allCases.map(\.rawValue).joined(separator: ", "),
        "mode"
      )
    }
    if unit == .teamWeek {
      guard mode == .singleLook else {
        throw fault("continuousTeamTest", "weeks of a team are not independent pairs: use singleLook", "mode")
      }
      guard teams >= PermutationTest.fewestTeams || plan.stopRules.contains(PreRegistrationRules.descriptiveOnly) else {
        throw fault(
          "tooFewTeams",
          "with \(teams) teams no result can be significant (it takes \(PermutationTest.fewestTeams)): randomise when "
            + "each team starts (stepped wedge), or add the stop rule '\(PreRegistrationRules.descriptiveOnly)'",
          "unit"
        )
      }
    }
    let needed = unitsNeeded(plan)
    guard plan.plannedUnitsPerArm >= needed else {
      throw fault(
        "underpowered",
        "\(plan.plannedUnitsPerArm) units an arm would more often miss than find twice the worthwhile effect; plan at "
          + "least \(needed)",
        "plannedUnitsPerArm"
      )
    }
  }

  /// The fewest units an arm with at least 50 % power at twice δ.
  package func unitsNeeded(_ plan: PreRegistration) -> Int {
    // Where 2δ would go past 1, certainty is the most there is to find.
    let treatment = min(1, plan.expectedBaseline + 2 * plan.minimumWorthwhileEffect)
    return plan.mode == .continuous
      ? TestPower.pairsForHalfPowerOfEValue(control: plan.expectedBaseline, treatment: treatment)
      : TestPower.unitsForHalfPower(control: plan.expectedBaseline, treatment: treatment)
  }

  private func requireText(_ text: String, _ field: String, _ message: String) throws(Fault) {
    guard text.nonBlank != nil else { throw fault("incomplete", message, field) }
  }

  private func fault(_ reason: String, _ message: String, _ field: String) -> Fault {
    Fault(.invalidArgument, reason: reason, message, field: "preRegistration.\(field)")
  }
}
