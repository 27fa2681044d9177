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
