/// What is frozen before the first observation (then hashed).
public struct PreRegistration: Codable, Hashable, Sendable {
  public var hypothesis: String
  public var unit: Open<ExperimentUnit>
  /// The primary metric's name; observations carry it.
  public var metric: String
  /// δ: the smallest difference of proportions, treatment - control, that would be worth having.
  public var minimumWorthwhileEffect: Double
  /// The control proportion that is expected, 0 to 1.
  public var expectedBaseline: Double
  public var guardrails: [Guardrail]
  public var plannedUnitsPerArm: Int
  public var mode: Open<DecisionMode>
  public var stopRules: [String]

  public init(
    hypothesis: String,
    unit: Open<ExperimentUnit>,
    metric: String,
    minimumWorthwhileEffect: Double,
    expectedBaseline: Double,
    guardrails: [Guardrail],
    plannedUnitsPerArm: Int,
    mode: Open<DecisionMode>,
    stopRules: [String]
  ) {
    self.hypothesis = hypothesis
    self.unit = unit
    self.metric = metric
    self.minimumWorthwhileEffect = minimumWorthwhileEffect
    self.expectedBaseline = expectedBaseline
    self.guardrails = guardrails
    self.plannedUnitsPerArm = plannedUnitsPerArm
    self.mode = mode
    self.stopRules = stopRules
  }
}

public enum ExperimentUnit: String, Codable, Sendable, CaseIterable {
  case customer, contact, teamWeek
}

public enum DecisionMode: String, Codable, Sendable, CaseIterable {
  /// Decided once, at the planned number of units.
  case singleLook
  /// Decided whenever the e-value says so.
  case continuous
}

/// A metric that must not get worse than this.
public struct Guardrail: Codable, Hashable, Sendable {
  public var metric: String
  /// The largest rise of this bad outcome's proportion, treatment - control, that is tolerated.
  public var maximumHarm: Double

  public init(metric: String, maximumHarm: Double) {
    self.metric = metric
    self.maximumHarm = maximumHarm
  }
}
