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
