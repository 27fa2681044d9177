/// What Ranking answers: opportunities with their evidence, and what teams are credited with.
public enum RankingAPI {
  static let service = "ranking.v1"

  public static let opportunities = Query<OpportunitiesRequest, OpportunityList>(service, "Opportunities")
  public static let opportunity = Query<OpportunityRequest, OpportunityDetail>(service, "Opportunity")
  public static let rename = Command<RenameOpportunity, Opportunity>(service, "Rename")
  public static let pin = Command<PinOpportunity, Opportunity>(service, "Pin")
  public static let mute = Command<MuteOpportunity, Opportunity>(service, "Mute")
  public static let estimate = Command<EstimateOpportunity, Opportunity>(service, "Estimate")
  public static let merge = Command<MergeOpportunities, Opportunity>(service, "Merge")
  /// Undoes a merge: the absorbed theme gets its own items back.
  public static let unmerge = Command<UnmergeOpportunity, Opportunity>(service, "Unmerge")
  public static let refile = Command<RefileFeedback, Opportunity>(service, "Refile")
  public static let teams = Query<TeamsRequest, TeamStandings>(service, "Teams")
  /// Every figure down to the events that made it.
  public static let credits = Query<CreditsRequest, CreditList>(service, "Credits")
  public static let disruptions = Query<DisruptionsRequest, DisruptionList>(service, "Disruptions")
}

public struct OpportunitiesRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  /// 1 to 200; 20 where it isn't given.
  public var limit: Int?
  public var includeMuted: Bool?
  /// Only themes that a text is near to.
  public var search: String?

  public init(programme: ID<Programme>, limit: Int? = nil, includeMuted: Bool? = nil, search: String? = nil) {
    self.programme = programme
    self.limit = limit
    self.includeMuted = includeMuted
    self.search = search
  }
}

public struct OpportunityList: Codable, Hashable, Sendable {
  public var opportunities: [RankedOpportunity]
  public var total: Int
  /// Items that belong to no theme yet, of all items.
  public var unthemedItems: Int
  public var items: Int

  public init(opportunities: [RankedOpportunity], total: Int, unthemedItems: Int, items: Int) {
    self.opportunities = opportunities
    self.total = total
    self.unthemedItems = unthemedItems
    self.items = items
  }
}

public struct RankedOpportunity: Codable, Hashable, Sendable {
  public var opportunity: Opportunity
  /// It is here so that weak signals get a chance, not because of its value.
  public var isExploration: Bool
  /// Why it stands where it stands, in a sentence.
  public var because: String

  public init(opportunity: Opportunity, isExploration: Bool, because: String) {
    self.opportunity = opportunity
    self.isExploration = isExploration
    self.because = because
  }
}

public struct OpportunityRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Opportunity>
  /// How much evidence, 1 to 500; 50 where it isn't given.
  public var limit: Int?
  public var cursor: String?

  public init(programme: ID<Programme>, id: ID<Opportunity>, limit: Int? = nil, cursor: String? = nil) {
    self.programme = programme
    self.id = id
    self.limit = limit
    self.cursor = cursor
  }
}

public struct OpportunityDetail: Codable, Hashable, Sendable {
  public var opportunity: Opportunity
  /// Newest first.
  public var evidence: [Quote]
  public var cursor: String?
  public var absorbed: [ID<Opportunity>]

  public init(opportunity: Opportunity, evidence: [Quote], cursor: String? = nil, absorbed: [ID<Opportunity>]) {
    self.opportunity = opportunity
    self.evidence = evidence
    self.cursor = cursor
    self.absorbed = absorbed
  }
}

public struct RenameOpportunity: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Opportunity>
  public var title: String

  public init(programme: ID<Programme>, id: ID<Opportunity>, title: String) {
    self.programme = programme
    self.id = id
    self.title = title
  }
}

public struct PinOpportunity: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Opportunity>
  public var isPinned: Bool

  public init(programme: ID<Programme>, id: ID<Opportunity>, isPinned: Bool) {
    self.programme = programme
    self.id = id
    self.isPinned = isPinned
  }
}

public struct MuteOpportunity: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Opportunity>
  public var isMuted: Bool

  public init(programme: ID<Programme>, id: ID<Opportunity>, isMuted: Bool) {
    self.programme = programme
    self.id = id
    self.isMuted = isMuted
  }
}

public struct EstimateOpportunity: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Opportunity>
  public var effortPersonDays: Double

  public init(programme: ID<Programme>, id: ID<Opportunity>, effortPersonDays: Double) {
    self.programme = programme
    self.id = id
    self.effortPersonDays = effortPersonDays
  }
}

public struct MergeOpportunities: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var into: ID<Opportunity>
  public var absorbed: [ID<Opportunity>]

  public init(programme: ID<Programme>, into: ID<Opportunity>, absorbed: [ID<Opportunity>]) {
    self.programme = programme
    self.into = into
    self.absorbed = absorbed
  }
}

public struct UnmergeOpportunity: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  /// The theme that was absorbed.
  public var id: ID<Opportunity>

  public init(programme: ID<Programme>, id: ID<Opportunity>) {
    self.programme = programme
    self.id = id
  }
}

/// Moves feedback to another theme.
public struct RefileFeedback: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var feedback: [ID<Feedback>]
  public var to: ID<Opportunity>

  public init(programme: ID<Programme>, feedback: [ID<Feedback>], to: ID<Opportunity>) {
    self.programme = programme
    self.feedback = feedback
    self.to = to
  }
}

public struct TeamsRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>

  public init(programme: ID<Programme>) {
    self.programme = programme
  }
}

public struct TeamStandings: Codable, Hashable, Sendable {
  public var windowDays: Int
  public var standings: [TeamStanding]
  /// Mean credits per FTE-month over all teams, in the middle of the funnel.
  public var meanRate: Double

  public init(windowDays: Int, standings: [TeamStanding], meanRate: Double) {
    self.windowDays = windowDays
    self.standings = standings
    self.meanRate = meanRate
  }
}

public struct CreditsRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var employee: ID<Employee>?
  public var limit: Int?

  public init(programme: ID<Programme>, team: ID<Team>? = nil, employee: ID<Employee>? = nil, limit: Int? = nil) {
    self.programme = programme
    self.team = team
    self.employee = employee
    self.limit = limit
  }
}

public struct CreditList: Codable, Hashable, Sendable {
  /// Newest first.
  public var credits: [Credit]

  public init(credits: [Credit]) {
    self.credits = credits
  }
}

public struct DisruptionsRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>

  public init(programme: ID<Programme>) {
    self.programme = programme
  }
}

public struct DisruptionList: Codable, Hashable, Sendable {
  public var disruptions: [Disruption]

  public init(disruptions: [Disruption]) {
    self.disruptions = disruptions
  }
}
