/// What the single look, or the running test, said.
public struct Verdict: Codable, Hashable, Sendable {
  public var outcome: Open<Outcome>
  public var decidedAt: Timestamp
  public var control: ArmTally
  public var treatment: ArmTally
  /// Posterior mean of treatment - control.
  public var effect: Double
  public var probabilityAboveZero: Double
  public var probabilityAboveWorthwhile: Double
  /// By guardrail metric: P(harm beyond its limit).
  public var probabilityOfHarm: [String: Double]
  /// In `continuous` mode.
  public var eValue: Double?
  /// Observed units ÷ planned units.
  public var shareOfPlan: Double
  /// Enough was observed for the attempt to earn credit, whatever came out.
  public var earnsCredit: Bool
  /// Why, in a sentence.
  public var explanation: String

  public init(
    outcome: Open<Outcome>,
    decidedAt: Timestamp,
    control: ArmTally,
    treatment: ArmTally,
    effect: Double,
    probabilityAboveZero: Double,
    probabilityAboveWorthwhile: Double,
    probabilityOfHarm: [String: Double],
    eValue: Double? = nil,
    shareOfPlan: Double,
    earnsCredit: Bool,
    explanation: String
  ) {
    self.outcome = outcome
    self.decidedAt = decidedAt
    self.control = control
    self.treatment = treatment
    self.effect = effect
    self.probabilityAboveZero = probabilityAboveZero
    self.probabilityAboveWorthwhile = probabilityAboveWorthwhile
    self.probabilityOfHarm = probabilityOfHarm
    self.eValue = eValue
    self.shareOfPlan = shareOfPlan
    self.earnsCredit = earnsCredit
    self.explanation = explanation
  }
}

public struct ArmTally: Codable, Hashable, Sendable {
  public var units: Int
  public var happened: Int

  public init(units: Int, happened: Int) {
    self.units = units
    self.happened = happened
  }
}

public enum Outcome: String, Codable, Sendable, CaseIterable {
  case confirmed, refuted, harmful, inconclusive
  /// The arms were not filled as planned (sample-ratio check, χ², p < 0.001).
  case invalid
}
