/// A test of an idea, small under the licence to try, or a pilot.
public struct Experiment: Codable, Hashable, Sendable {
  public var id: ID<Experiment>
  public var programme: ID<Programme>
  public var idea: ID<Idea>?
  public var opportunity: ID<Opportunity>?
  public var team: ID<Team>
  public var startedBy: ID<Employee>?
  public var title: String
  public var track: Open<Track>
  public var state: Open<ExperimentState>
  public var preRegistration: PreRegistration
  /// SHA-256 of the frozen pre-registration's JSON, in hexadecimal.
  public var preRegistrationHash: String
  /// What would change my mind.
  public var changeMyMind: String
  public var maximumLoss: Money
  public var blastRadiusCustomers: Int
  public var isReversible: Bool
  public var reviewOn: Timestamp
  public var valueCase: ValueCase?
  public var scalePath: ScalePath?
  public var killCriteria: [String]
  public var citedGraves: [ID<Grave>]
  public var startedAt: Timestamp
  public var plannedEndAt: Timestamp?
  public var concludedAt: Timestamp?
  /// Observed units of both arms together. Which arm is ahead is not shown before the look.
  public var observedUnits: Int
  public var verdict: Verdict?
  public var lesson: String?
  public var deadEndRisk: [Open<DeadEndRisk>]

  public init(
    id: ID<Experiment>,
    programme: ID<Programme>,
    idea: ID<Idea>? = nil,
    opportunity: ID<Opportunity>? = nil,
    team: ID<Team>,
    startedBy: ID<Employee>? = nil,
    title: String,
    track: Open<Track>,
    state: Open<ExperimentState>,
    preRegistration: PreRegistration,
    preRegistrationHash: String,
    changeMyMind: String,
    maximumLoss: Money,
    blastRadiusCustomers: Int,
    isReversible: Bool,
    reviewOn: Timestamp,
    valueCase: ValueCase? = nil,
    scalePath: ScalePath? = nil,
    killCriteria: [String],
    citedGraves: [ID<Grave>],
    startedAt: Timestamp,
    plannedEndAt: Timestamp? = nil,
    concludedAt: Timestamp? = nil,
    observedUnits: Int,
    verdict: Verdict? = nil,
    lesson: String? = nil,
    deadEndRisk: [Open<DeadEndRisk>]
  ) {
    self.id = id
    self.programme = programme
    self.idea = idea
    self.opportunity = opportunity
    self.team = team
    self.startedBy = startedBy
    self.title = title
    self.track = track
    self.state = state
    self.preRegistration = preRegistration
    self.preRegistrationHash = preRegistrationHash
    self.changeMyMind = changeMyMind
    self.maximumLoss = maximumLoss
    self.blastRadiusCustomers = blastRadiusCustomers
    self.isReversible = isReversible
    self.reviewOn = reviewOn
    self.valueCase = valueCase
    self.scalePath = scalePath
    self.killCriteria = killCriteria
    self.citedGraves = citedGraves
    self.startedAt = startedAt
    self.plannedEndAt = plannedEndAt
    self.concludedAt = concludedAt
    self.observedUnits = observedUnits
    self.verdict = verdict
    self.lesson = lesson
    self.deadEndRisk = deadEndRisk
  }
}

public enum Track: String, Codable, Sendable, CaseIterable {
  /// Started at once, without asking, inside the programme's limits.
  case licence
  /// Anything larger; it has to pass the dead-end gate.
  case pilot
}

public enum ExperimentState: String, Codable, Sendable, CaseIterable {
  case running, awaitingLesson, concluded, stopped
}

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

public struct ValueCase: Codable, Hashable, Sendable {
  public var beneficiary: String
  /// Feedback or opportunity ids.
  public var problemEvidence: [String]
  public var outcomeMetric: String
  public var minimumWorthwhileEffect: Double
  public var cost: Money

  public init(
    beneficiary: String,
    problemEvidence: [String],
    outcomeMetric: String,
    minimumWorthwhileEffect: Double,
    cost: Money
  ) {
    self.beneficiary = beneficiary
    self.problemEvidence = problemEvidence
    self.outcomeMetric = outcomeMetric
    self.minimumWorthwhileEffect = minimumWorthwhileEffect
    self.cost = cost
  }
}

public struct ScalePath: Codable, Hashable, Sendable {
  public var eligibleTeams: [ID<Team>]
  public var unitCostAtScale: Money
  public var dependencies: [String]
  public var owner: String

  public init(eligibleTeams: [ID<Team>], unitCostAtScale: Money, dependencies: [String], owner: String) {
    self.eligibleTeams = eligibleTeams
    self.unitCostAtScale = unitCostAtScale
    self.dependencies = dependencies
    self.owner = owner
  }
}

public enum DeadEndRisk: String, Codable, Sendable, CaseIterable {
  case noCase, overrun, lowAdoption, nothingEvaluable, noOwner
}

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

/// A test began. Its pre-registration is frozen from here on.
public struct ExperimentStarted: Event, Hashable {
  public static let type = EventType("experiment.started")
  public static let stream = StreamName.loopClosure
  public var experiment: Experiment

  public init(experiment: Experiment) {
    self.experiment = experiment
  }

  public var programme: ID<Programme> { experiment.programme }
  public var key: String { experiment.id.rawValue }
}

/// A test has its verdict.
public struct ExperimentConcluded: Event, Hashable {
  public static let type = EventType("experiment.concluded")
  public static let stream = StreamName.loopClosure
  public var experiment: Experiment

  public init(experiment: Experiment) {
    self.experiment = experiment
  }

  public var programme: ID<Programme> { experiment.programme }
  public var key: String { experiment.id.rawValue }
}

/// A test was stopped without a verdict.
public struct ExperimentStopped: Event, Hashable {
  public static let type = EventType("experiment.stopped")
  public static let stream = StreamName.loopClosure
  public var experiment: Experiment
  public var reason: String

  public init(experiment: Experiment, reason: String) {
    self.experiment = experiment
    self.reason = reason
  }

  public var programme: ID<Programme> { experiment.programme }
  public var key: String { experiment.id.rawValue }
}

/// Signs that a pilot leads nowhere; flags may come and go.
public struct DeadEndFlagged: Event, Hashable {
  public static let type = EventType("deadEnd.flagged")
  public static let stream = StreamName.loopClosure
  public var experiment: Experiment

  public init(experiment: Experiment) {
    self.experiment = experiment
  }

  public var programme: ID<Programme> { experiment.programme }
  public var key: String { experiment.id.rawValue }
}
