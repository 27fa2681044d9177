public struct ExperimentsRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var states: [Open<ExperimentState>]?
  public var id: ID<Experiment>?
  public var limit: Int?

  public init(
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    states: [Open<ExperimentState>]? = nil,
    id: ID<Experiment>? = nil,
    limit: Int? = nil
  ) {
    self.programme = programme
    self.team = team
    self.states = states
    self.id = id
    self.limit = limit
  }
}

public struct ExperimentList: Codable, Hashable, Sendable {
  public var experiments: [Experiment]
  public var total: Int

  public init(experiments: [Experiment], total: Int) {
    self.experiments = experiments
    self.total = total
  }
}

/// Starts a small test under the licence, or a pilot through the gate.
public struct StartExperiment: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var idea: ID<Idea>?
  public var opportunity: ID<Opportunity>?
  public var team: ID<Team>
  public var startedBy: ID<Employee>?
  public var title: String
  public var track: Open<Track>
  public var preRegistration: PreRegistration
  public var changeMyMind: String
  public var maximumLoss: Money
  public var blastRadiusCustomers: Int
  public var isReversible: Bool
  public var reviewOn: Timestamp
  public var plannedEndAt: Timestamp?
  public var valueCase: ValueCase?
  public var scalePath: ScalePath?
  public var killCriteria: [String]?
  public var citedGraves: [ID<Grave>]?

  public init(
    programme: ID<Programme>,
    idea: ID<Idea>? = nil,
    opportunity: ID<Opportunity>? = nil,
    team: ID<Team>,
    startedBy: ID<Employee>? = nil,
    title: String,
    track: Open<Track>,
    preRegistration: PreRegistration,
    changeMyMind: String,
    maximumLoss: Money,
    blastRadiusCustomers: Int,
    isReversible: Bool,
    reviewOn: Timestamp,
    plannedEndAt: Timestamp? = nil,
    valueCase: ValueCase? = nil,
    scalePath: ScalePath? = nil,
    killCriteria: [String]? = nil,
    citedGraves: [ID<Grave>]? = nil
  ) {
    self.programme = programme
    self.idea = idea
    self.opportunity = opportunity
    self.team = team
    self.startedBy = startedBy
    self.title = title
    self.track = track
    self.preRegistration = preRegistration
    self.changeMyMind = changeMyMind
    self.maximumLoss = maximumLoss
    self.blastRadiusCustomers = blastRadiusCustomers
    self.isReversible = isReversible
    self.reviewOn = reviewOn
    self.plannedEndAt = plannedEndAt
    self.valueCase = valueCase
    self.scalePath = scalePath
    self.killCriteria = killCriteria
    self.citedGraves = citedGraves
  }
}

/// The look: decides by the rules of the pre-registration. Without enough units it says so and changes nothing,
/// unless `endEarly`.
public struct ConcludeExperiment: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Experiment>
  public var lesson: String
  public var endEarly: Bool?

  public init(programme: ID<Programme>, id: ID<Experiment>, lesson: String, endEarly: Bool? = nil) {
    self.programme = programme
    self.id = id
    self.lesson = lesson
    self.endEarly = endEarly
  }
}

public struct StopExperiment: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Experiment>
  public var reason: String
  public var lesson: String?

  public init(programme: ID<Programme>, id: ID<Experiment>, reason: String, lesson: String? = nil) {
    self.programme = programme
    self.id = id
    self.reason = reason
    self.lesson = lesson
  }
}

public struct LicenceRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>

  public init(programme: ID<Programme>, team: ID<Team>) {
    self.programme = programme
    self.team = team
  }
}

/// What a team may still start this month without asking. What is left over is a question to the manager.
public struct LicenceReport: Codable, Hashable, Sendable {
  public var team: ID<Team>
  public var licence: LicenceToTry
  public var month: String
  public var started: Int
  public var left: Int
  /// Of all tests of the programme.
  public var shareUnderLicence: Double?
  /// Median hours from an idea to its first test.
  public var medianHoursToFirstTest: Double?

  public init(
    team: ID<Team>,
    licence: LicenceToTry,
    month: String,
    started: Int,
    left: Int,
    shareUnderLicence: Double? = nil,
    medianHoursToFirstTest: Double? = nil
  ) {
    self.team = team
    self.licence = licence
    self.month = month
    self.started = started
    self.left = left
    self.shareUnderLicence = shareUnderLicence
    self.medianHoursToFirstTest = medianHoursToFirstTest
  }
}
