package import Contracts
import Foundation

/// The verdict of a pre-registered test: reckoned once, by rules that were frozen before the first observation.
package struct VerdictRules: Sendable {
  package let plan: PreRegistration
  package let evidence: TestEvidence

  package init(plan: PreRegistration, evidence: TestEvidence) {
    self.plan = plan
    self.evidence = evidence
  }

  private static let adequateShare = 0.8

  /// Whether the test may end now: its look is due, or the e-value has spoken.
  package var isReady: Bool {
    evidence.isComplete(plan) || evidence.brokenGuardrail() != nil
      || plan.mode == .continuous && evidence.primary.eValue.hasReached()
  }

  /// The verdict as of `now`.
  ///
  /// In order: arms filled otherwise than planned → invalid; harm beyond a guardrail → harmful; confirmed; refuted;
  /// else inconclusive. Below 80 % of the planned units only a sample-ratio alarm or an e-value can say anything else
  /// than inconclusive.
  package func verdict(now: Timestamp) -> Verdict {
    let harm = harmProbabilities()
    let (outcome, explanation) = plan.unit == .teamWeek ? teamOutcome(harm) : unitOutcome(harm)
    let share = evidence.shareOfPlan(plan)
    let control = posterior(evidence.primary.control)
    let treatment = posterior(evidence.primary.treatment)
    return Verdict(
      outcome: .known(outcome),
      decidedAt: now,
      control: evidence.primary.control,
      treatment: evidence.primary.treatment,
      effect: treatment.mean - control.mean,
      probabilityAboveZero: probability(above: 0),
      probabilityAboveWorthwhile: probability(above: plan.minimumWorthwhileEffect),
      probabilityOfHarm: harm,
      eValue: plan.mode == .continuous ? evidence.primary.eValue.value : nil,
      shareOfPlan: share,
      earnsCredit: earnsCredit(outcome, share),
      explanation: explanation
    )
  }

  /// An inconclusive test earns credit only when it could have found something.
  private func earnsCredit(_ outcome: Outcome, _ share: Double) -> Bool {
    switch outcome {
    case .confirmed, .refuted, .harmful: true
    case .inconclusive: share >= VerdictRules.adequateShare && (plan.unit != .teamWeek || hasEnoughTeams)
    case .invalid: false
    }
  }

  // MARK: Customers and contacts

  private func unitOutcome(_ harm: [String: Double]) -> (Outcome, String) {
    let arrivedControl = evidence.primary.arrivedControl
    let arrivedTreatment = evidence.primary.arrivedTreatment
    let ratio = SampleRatio.probability(control: arrivedControl, treatment: arrivedTreatment)
    if ratio < SampleRatio.alarm {
      return (
        .invalid,
        "\(arrivedControl) units came into control and \(arrivedTreatment) into treatment, which chance would do with "
          + "p = \(short(ratio)): the arms were not filled as planned, so nothing can be read from them."
      )
    }
    if let metric = evidence.brokenGuardrail() {
      return (.harmful, "The e-value of guardrail '\(metric)' reached 20: harm beyond its limit.")
    }
    if plan.mode == .continuous, evidence.primary.eValue.hasReached() {
      return (.confirmed, "The e-value reached \(short(evidence.primary.eValue.value)), at least 20: confirmed at 5 %.")
    }
    guard evidence.shareOfPlan(plan) >= VerdictRules.adequateShare else { return (.inconclusive, tooFewText) }
    return posteriorOutcome(harm, canConfirm: plan.mode != .continuous)
  }

  private func posteriorOutcome(_ harm: [String: Double], canConfirm: Bool) -> (Outcome, String) {
    if let (metric, chance) = worst(harm), chance >= 0.9 {
      return (
        .harmful, "Harm beyond the limit of guardrail '\(metric)' has probability \(short(chance)), at least 0.9."
      )
    }
    let aboveZero = probability(above: 0)
    let aboveWorthwhile = probability(above: plan.minimumWorthwhileEffect)
    let read = "P(Δ > 0) = \(short(aboveZero)), P(Δ > δ) = \(short(aboveWorthwhile))"
    if canConfirm, aboveZero >= 0.95, aboveWorthwhile >= 0.5 {
      return (.confirmed, "\(read): at least 0.95 and 0.5.")
    }
    if 1 - aboveWorthwhile >= 0.9 {
      return (.refuted, "\(read): the effect is smaller than worthwhile with probability of at least 0.9.")
    }
    return (.inconclusive, "\(read): neither confirmed nor refuted by the rules set beforehand.")
  }

  private var tooFewText: String {
    "Only \(Int((evidence.shareOfPlan(plan) * 100).rounded(.down))) % of the planned units were observed: too few for "
      + "a verdict."
  }

  // MARK: Teams

  private func proportions(_ metric: MetricEvidence, _ arm: Arm) -> [Double] {
    metric.teams.filter { $0.arm == arm && $0.tally.units > 0 }.sorted { $0.team < $1.team }
      .map { Double($0.tally.happened) / Double($0.tally.units) }
  }

  private func permutation(_ metric: MetricEvidence, margin: Double) -> Double {
    PermutationTest.probability(
      control: proportions(metric, .control),
      treatment: proportions(metric, .treatment),
      margin: margin
    )
  }

  private var teamCount: Int {
    proportions(evidence.primary, .control).count + proportions(evidence.primary, .treatment).count
  }

  private var hasEnoughTeams: Bool { teamCount >= PermutationTest.fewestTeams }

  private func teamOutcome(_ harm: [String: Double]) -> (Outcome, String) {
    let smallest = PermutationTest.smallestProbability(teams: teamCount)
    guard hasEnoughTeams else {
      return (
        .inconclusive,
        "Descriptive only: of \(teamCount) teams the smallest possible p-value is \(short(smallest)), so nothing can "
          + "be significant. A stepped wedge, in which the start of each team is drawn by lot, could decide it."
      )
    }
    guard evidence.shareOfPlan(plan) >= VerdictRules.adequateShare else { return (.inconclusive, tooFewText) }
    if let (metric, chance) = worst(harm), chance >= 0.9 {
      return (.harmful, "Harm beyond the limit of guardrail '\(metric)': exact permutation p = \(short(1 - chance)).")
    }
    let above = permutation(evidence.primary, margin: 0)
    let difference = mean(proportions(evidence.primary, .treatment)) - mean(proportions(evidence.primary, .control))
    if above <= 0.05 + 1e-12, difference > plan.minimumWorthwhileEffect {
      return (.confirmed, "Exact permutation test over \(teamCount) teams: p = \(short(above)), at most 0.05.")
    }
    // The mirror image: how often an assignment would fall as far short of the worthwhile effect.
    let shortfall = PermutationTest.probability(
      control: proportions(evidence.primary, .treatment),
      treatment: proportions(evidence.primary, .control),
      margin: -plan.minimumWorthwhileEffect
    )
    if shortfall <= 0.1 {
      return (.refuted, "Exact permutation test against the worthwhile effect: p = \(short(shortfall)), at most 0.1.")
    }
    return (.inconclusive, "Exact permutation test over \(teamCount) teams: p = \(short(above)).")
  }

  // MARK: Reckoning

  private func posterior(_ tally: ArmTally) -> BetaPosterior {
    BetaPosterior(units: tally.units, happened: tally.happened)
  }

  /// P(Δ > margin); for teams 1 less the permutation test's p-value.
  private func probability(above margin: Double) -> Double {
    plan.unit == .teamWeek
      ? 1 - permutation(evidence.primary, margin: margin) : evidence.primary.probability(above: margin)
  }

  private func harmProbabilities() -> [String: Double] {
    var harm: [String: Double] = [:]
    for guardrail in plan.guardrails {
      let metric = evidence.guardrails[guardrail.metric] ?? .nothing(margin: guardrail.maximumHarm)
      harm[guardrail.metric] =
        plan.unit == .teamWeek
        ? 1 - permutation(metric, margin: guardrail.maximumHarm) : metric.probability(above: guardrail.maximumHarm)
    }
    return harm
  }

  private func worst(_ harm: [String: Double]) -> (String, Double)? {
    harm.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  private func short(_ value: Double) -> String {
    value != 0 && abs(value) < 0.001 ? "\(Double(Int(value * 1e7)) / 1e7)" : "\((value * 1000).rounded() / 1000)"
  }
}
