import Contracts
import Foundation
import LoopClosure
import Testing

@Suite struct VerdictTests {
  private func verdict(
    _ plan: PreRegistration,
    _ primary: MetricEvidence,
    guardrails: [String: MetricEvidence] = [:]
  ) throws -> Verdict {
    VerdictRules(plan: plan, evidence: TestEvidence(primary: primary, guardrails: guardrails))
      .verdict(now: try instant("2026-03-02T09:00"))
  }

  @Test(arguments: [
    (70, 83, Outcome.confirmed), (70, 75, .inconclusive), (70, 70, .inconclusive), (78, 70, .refuted),
    (70, 80, .inconclusive),
  ])
  func singleLook(control: Int, treatment: Int, expected: Outcome) throws {
    let verdict = try verdict(plan(), evidence(control: (100, control), treatment: (100, treatment)))
    #expect(verdict.outcome == expected && verdict.earnsCredit && verdict.shareOfPlan == 1)
    #expect(verdict.eValue == nil)
  }

  @Test func aSureButSmallEffectIsNotConfirmed() throws {
    let verdict = try verdict(
      plan(units: 20_000),
      evidence(control: (20_000, 14_000), treatment: (20_000, 14_300))
    )
    #expect(verdict.probabilityAboveZero > 0.99 && verdict.probabilityAboveWorthwhile < 0.01)
    #expect(verdict.outcome == .refuted)
  }

  @Test func unevenArmsAreInvalid() throws {
    #expect(SampleRatio.probability(control: 100, treatment: 100) == 1)
    #expect(SampleRatio.probability(control: 100, treatment: 151) < 0.0015)
    let verdict = try verdict(plan(), evidence(control: (100, 70), treatment: (160, 140)))
    #expect(verdict.outcome == .invalid && !verdict.earnsCredit)
  }

  @Test func harmComesBeforeSuccess() throws {
    let plan = plan(guardrails: [Guardrail(metric: "complained", maximumHarm: 0.02)])
    let primary = evidence(control: (100, 70), treatment: (100, 90))
    let harmful = try verdict(
      plan,
      primary,
      guardrails: ["complained": evidence(control: (100, 2), treatment: (100, 15))]
    )
    #expect(harmful.outcome == .harmful && (harmful.probabilityOfHarm["complained"] ?? 0) > 0.9)
    let fine = try verdict(
      plan,
      primary,
      guardrails: ["complained": evidence(control: (100, 2), treatment: (100, 2))]
    )
    #expect(fine.outcome == .confirmed)
  }

  @Test func tooFewUnitsSayNothingAndEarnNothing() throws {
    let few = try verdict(plan(), evidence(control: (79, 40), treatment: (79, 79)))
    #expect(few.outcome == .inconclusive && !few.earnsCredit)
    let enough = try verdict(plan(), evidence(control: (80, 55), treatment: (80, 56)))
    #expect(enough.outcome == .inconclusive && enough.earnsCredit && enough.shareOfPlan == 0.8)
  }

  @Test func continuousConfirmsByTheEValueAlone() throws {
    var eValue = EValue()
    for number in 0..<60 { eValue.observe(control: number.isMultiple(of: 3), treatment: number % 10 != 0) }
    #expect(eValue.hasReached())
    let plan = plan(baseline: 0.3, units: 400, mode: .continuous)
    let reached = try verdict(plan, evidence(control: (60, 20), treatment: (60, 54), eValue: eValue))
    #expect(reached.outcome == .confirmed && reached.earnsCredit && (reached.eValue ?? 0) >= 20)
    // What the single look would confirm isn't confirmed here: it has been looked at all the time.
    let unreached = try verdict(plan, evidence(control: (400, 120), treatment: (400, 150)))
    #expect(unreached.outcome == .inconclusive)
  }

  // MARK: Teams

  @Test func teamsAreComparedExactly() throws {
    let plan = plan(units: 24, unit: .teamWeek)
    func outcome(_ control: [Int], _ treatment: [Int]) throws -> Verdict {
      let all = teams(control, of: 8, in: .control) + teams(treatment, of: 8, in: .treatment)
      return try verdict(plan, evidence(control: (24, 12), treatment: (24, 20), teams: all))
    }
    let confirmed = try outcome([3, 4, 5], [6, 7, 8])
    #expect(confirmed.outcome == .confirmed && abs(confirmed.probabilityAboveZero - 0.95) < 1e-9)
    #expect(try outcome([5, 6, 7], [3, 3, 2]).outcome == .refuted)
    #expect(try outcome([3, 6, 5], [4, 7, 8]).outcome == .inconclusive)
  }

  @Test func belowSixTeamsNothingIsPromised() throws {
    let all = teams([0, 0], of: 10, in: .control) + teams([10, 10], of: 10, in: .treatment)
    let verdict = try verdict(
      plan(units: 20, unit: .teamWeek),
      evidence(control: (20, 0), treatment: (20, 20), teams: all)
    )
    #expect(verdict.outcome == .inconclusive && !verdict.earnsCredit)
    #expect(verdict.explanation.contains("Descriptive only") && verdict.explanation.contains("0.167"))
  }

  @Test(arguments: [
    ([0.5, 0.55, 0.6], [0.7, 0.72, 0.75], 0.0, 0.05),
    ([0.5, 0.55, 0.6, 0.52], [0.7, 0.51, 0.75, 0.58], 0, 0.11428571428571428),
    ([0.2, 0.3, 0.25, 0.4, 0.35], [0.3, 0.45, 0.33, 0.5, 0.41], 0.02, 0.0873015873015873),
    ([0.5], [], 0, 1),
  ])
  func permutation(control: [Double], treatment: [Double], margin: Double, expected: Double) {
    let probability = PermutationTest.probability(control: control, treatment: treatment, margin: margin)
    #expect(abs(probability - expected) < 1e-12)
  }

  @Test(arguments: [(4, 1.0 / 6), (6, 0.05), (8, 1.0 / 70)])
  func smallestProbability(teams: Int, expected: Double) {
    #expect(abs(PermutationTest.smallestProbability(teams: teams) - expected) < 1e-12)
    let best = PermutationTest.probability(
      control: (0..<teams / 2).map { Double($0) / 100 },
      treatment: (0..<teams / 2).map { 0.5 + Double($0) / 100 }
    )
    #expect(abs(best - expected) < 1e-12)
  }

  @Test func theNormalLimitContinuesTheExactTest() {
    let control = (0..<16).map { 0.4 + Double($0 % 5) / 50 }
    let treatment = (0..<16).map { 0.415 + Double(($0 * 3) % 7) / 60 }
    let exact = PermutationTest.probability(control: control, treatment: treatment)
    let limit = PermutationTest.probability(control: control + [0.44], treatment: treatment + [0.44])
    #expect(abs(exact - limit) < 0.03)
  }
}
