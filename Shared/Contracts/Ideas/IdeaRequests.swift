public struct IdeasRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var states: [Open<IdeaState>]?
  public var id: ID<Idea>?
  public var opportunity: ID<Opportunity>?
  /// 1 to 500; 50 where it isn't given. Newest first.
  public var limit: Int?

  public init(
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    states: [Open<IdeaState>]? = nil,
    id: ID<Idea>? = nil,
    opportunity: ID<Opportunity>? = nil,
    limit: Int? = nil
  ) {
    self.programme = programme
    self.team = team
    self.states = states
    self.id = id
    self.opportunity = opportunity
    self.limit = limit
  }
}

public struct IdeaList: Codable, Hashable, Sendable {
  public var ideas: [Idea]
  public var total: Int

  public init(ideas: [Idea], total: Int) {
    self.ideas = ideas
    self.total = total
  }
}

public struct SubmitIdea: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var author: ID<Employee>?
  public var title: String
  public var text: String
  public var opportunity: ID<Opportunity>?
  public var evidence: [ID<Feedback>]?
  public var coreComponents: [String]?

  public init(
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    author: ID<Employee>? = nil,
    title: String,
    text: String,
    opportunity: ID<Opportunity>? = nil,
    evidence: [ID<Feedback>]? = nil,
    coreComponents: [String]? = nil
  ) {
    self.programme = programme
    self.team = team
    self.author = author
    self.title = title
    self.text = text
    self.opportunity = opportunity
    self.evidence = evidence
    self.coreComponents = coreComponents
  }
}

/// The idea as it was taken, with what is close to it: nothing is refused for being alike.
public struct SubmittedIdea: Codable, Hashable, Sendable {
  public var idea: Idea
  /// The nearest graves, nearest first.
  public var graves: [Grave]
  public var similar: [SimilarIdea]

  public init(idea: Idea, graves: [Grave], similar: [SimilarIdea]) {
    self.idea = idea
    self.graves = graves
    self.similar = similar
  }
}

public struct SimilarIdea: Codable, Hashable, Sendable {
  public var idea: ID<Idea>
  public var title: String
  /// 0 to 1.
  public var similarity: Double

  public init(idea: ID<Idea>, title: String, similarity: Double) {
    self.idea = idea
    self.title = title
    self.similarity = similarity
  }
}

/// Accept, decline, implement, verify or scale.
public struct AdvanceIdea: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Idea>
  public var to: Open<IdeaState>
  /// Needed for `declined`.
  public var reason: String?
  /// Who implemented it, where that is another team.
  public var team: ID<Team>?
  /// The event that proves it, for `verified` by event data.
  public var evidence: String?

  public init(
    programme: ID<Programme>,
    id: ID<Idea>,
    to: Open<IdeaState>,
    reason: String? = nil,
    team: ID<Team>? = nil,
    evidence: String? = nil
  ) {
    self.programme = programme
    self.id = id
    self.to = to
    self.reason = reason
    self.team = team
    self.evidence = evidence
  }
}

public struct MergeIdeas: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Idea>
  /// nil to take `id` out of its cluster again.
  public var into: ID<Idea>?

  public init(programme: ID<Programme>, id: ID<Idea>, into: ID<Idea>? = nil) {
    self.programme = programme
    self.id = id
    self.into = into
  }
}

public struct SupportIdea: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Idea>
  public var supporter: String

  public init(programme: ID<Programme>, id: ID<Idea>, supporter: String) {
    self.programme = programme
    self.id = id
    self.supporter = supporter
  }
}

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

public struct GraveyardRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  /// Nearest to this text first; newest first where it isn't given.
  public var near: String?
  public var id: ID<Grave>?
  public var limit: Int?

  public init(programme: ID<Programme>, near: String? = nil, id: ID<Grave>? = nil, limit: Int? = nil) {
    self.programme = programme
    self.near = near
    self.id = id
    self.limit = limit
  }
}

public struct GraveList: Codable, Hashable, Sendable {
  public var graves: [Grave]
  public var total: Int

  public init(graves: [Grave], total: Int) {
    self.graves = graves
    self.total = total
  }
}

/// Lays an attempt to rest.
public struct DigGrave: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var name: String
  public var experiment: ID<Experiment>?
  public var idea: ID<Idea>?
  public var team: ID<Team>?
  public var hypothesis: String?
  public var expected: String
  public var observed: String
  public var cost: Money?
  public var causeOfDeath: String
  public var lesson: String
  public var contextTags: [String]?
  public var resurrectIf: [String]?
  public var failure: Open<FailureKind>?
  public var consentToName: Bool?
  public var triedBy: [String]?

  public init(
    programme: ID<Programme>,
    name: String,
    experiment: ID<Experiment>? = nil,
    idea: ID<Idea>? = nil,
    team: ID<Team>? = nil,
    hypothesis: String? = nil,
    expected: String,
    observed: String,
    cost: Money? = nil,
    causeOfDeath: String,
    lesson: String,
    contextTags: [String]? = nil,
    resurrectIf: [String]? = nil,
    failure: Open<FailureKind>? = nil,
    consentToName: Bool? = nil,
    triedBy: [String]? = nil
  ) {
    self.programme = programme
    self.name = name
    self.experiment = experiment
    self.idea = idea
    self.team = team
    self.hypothesis = hypothesis
    self.expected = expected
    self.observed = observed
    self.cost = cost
    self.causeOfDeath = causeOfDeath
    self.lesson = lesson
    self.contextTags = contextTags
    self.resurrectIf = resurrectIf
    self.failure = failure
    self.consentToName = consentToName
    self.triedBy = triedBy
  }
}

public struct VisitGrave: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Grave>
  public var visit: Open<GraveVisit>
  /// For `resurrected`: which of its conditions has changed.
  public var changedCondition: String?
  public var experiment: ID<Experiment>?

  public init(
    programme: ID<Programme>,
    id: ID<Grave>,
    visit: Open<GraveVisit>,
    changedCondition: String? = nil,
    experiment: ID<Experiment>? = nil
  ) {
    self.programme = programme
    self.id = id
    self.visit = visit
    self.changedCondition = changedCondition
    self.experiment = experiment
  }
}

public struct AdoptionRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var idea: ID<Idea>?

  public init(programme: ID<Programme>, idea: ID<Idea>? = nil) {
    self.programme = programme
    self.idea = idea
  }
}

public struct AdoptionList: Codable, Hashable, Sendable {
  public var reports: [AdoptionReport]

  public init(reports: [AdoptionReport]) {
    self.reports = reports
  }
}

public struct ChangeAdoption: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var idea: ID<Idea>
  public var team: ID<Team>
  public var to: Open<AdoptionState>
  /// The core components that the team keeps.
  public var keptComponents: [String]?
  public var adaptation: String?
  public var localEffect: LocalEffect?
  /// Needed for `abandoned`.
  public var reason: String?

  public init(
    programme: ID<Programme>,
    idea: ID<Idea>,
    team: ID<Team>,
    to: Open<AdoptionState>,
    keptComponents: [String]? = nil,
    adaptation: String? = nil,
    localEffect: LocalEffect? = nil,
    reason: String? = nil
  ) {
    self.programme = programme
    self.idea = idea
    self.team = team
    self.to = to
    self.keptComponents = keptComponents
    self.adaptation = adaptation
    self.localEffect = localEffect
    self.reason = reason
  }
}
