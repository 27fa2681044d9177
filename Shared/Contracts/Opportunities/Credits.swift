/// One line of the credit ledger: who is credited, for which deed, because of which fact.
public struct Credit: Codable, Hashable, Sendable {
  public var id: ID<Credit>
  public var programme: ID<Programme>
  public var team: ID<Team>
  public var employee: ID<Employee>?
  public var reason: Open<CreditReason>
  /// In credits; negative for a clawback.
  public var amount: Double
  /// What it was given for.
  public var idea: ID<Idea>?
  public var experiment: ID<Experiment>?
  /// The event that made it: stream and position.
  public var cause: String
  public var at: Timestamp
  /// A sentence that says what it is for.
  public var note: String

  public init(
    id: ID<Credit>,
    programme: ID<Programme>,
    team: ID<Team>,
    employee: ID<Employee>? = nil,
    reason: Open<CreditReason>,
    amount: Double,
    idea: ID<Idea>? = nil,
    experiment: ID<Experiment>? = nil,
    cause: String,
    at: Timestamp,
    note: String
  ) {
    self.id = id
    self.programme = programme
    self.team = team
    self.employee = employee
    self.reason = reason
    self.amount = amount
    self.idea = idea
    self.experiment = experiment
    self.cause = cause
    self.at = at
    self.note = note
  }
}

public enum CreditReason: String, Codable, Sendable, CaseIterable {
  /// Accepted novel suggestion: 1 · novelty.
  case suggestion
  /// Concluded pre-registered test: 3, whatever came out.
  case concludedTest
  /// Implementation accepted: a quarter of 5.
  case implementation
  /// Verified in use: the other three quarters.
  case verification
  /// Another team keeps using it: 2 to the originator.
  case adoptedByOthers
  /// Keeps using another team's: 1.
  case adoption
  /// A lesson cited before a test starts: 2.
  case lessonReused
  case clawback
}

/// Credit was given, or taken back.
public struct CreditAwarded: Event, Hashable {
  public static let type = EventType("credit.awarded")
  public static let stream = StreamName.ranking
  public var credit: Credit

  public init(credit: Credit) {
    self.credit = credit
  }

  public var programme: ID<Programme> { credit.programme }
  public var key: String { credit.team.rawValue }
}

/// Where the teams of a programme stand, over a rolling window. Scores have no part in it.
public struct RankingPublished: Event, Hashable {
  public static let type = EventType("ranking.published")
  public static let stream = StreamName.ranking
  public var programme: ID<Programme>
  public var publishedAt: Timestamp
  public var windowDays: Int
  public var standings: [TeamStanding]

  public init(programme: ID<Programme>, publishedAt: Timestamp, windowDays: Int, standings: [TeamStanding]) {
    self.programme = programme
    self.publishedAt = publishedAt
    self.windowDays = windowDays
    self.standings = standings
  }

  public var key: String { programme.rawValue }
}

public struct TeamStanding: Codable, Hashable, Sendable {
  public var team: ID<Team>
  public var name: String
  /// Teams under five people are shown together.
  public var isPooled: Bool
  public var credits: Double
  public var counts: [String: Int]
  /// FTE-months in the window.
  public var exposureFTEMonths: Double
  /// Credits per FTE-month, shrunk towards all teams: (y + α) ÷ (E + β), with a 95 % interval.
  public var rate: Double
  public var rateLow: Double
  public var rateHigh: Double
  public var band: Open<Band>
  /// Its place, only where P(team in the top k) ≥ 0.8.
  public var place: Int?

  public init(
    team: ID<Team>,
    name: String,
    isPooled: Bool,
    credits: Double,
    counts: [String: Int],
    exposureFTEMonths: Double,
    rate: Double,
    rateLow: Double,
    rateHigh: Double,
    band: Open<Band>,
    place: Int? = nil
  ) {
    self.team = team
    self.name = name
    self.isPooled = isPooled
    self.credits = credits
    self.counts = counts
    self.exposureFTEMonths = exposureFTEMonths
    self.rate = rate
    self.rateLow = rateLow
    self.rateHigh = rateHigh
    self.band = band
    self.place = place
  }
}

/// Against the funnel's limits (Spiegelhalter 2005): inside them, differences are chance.
public enum Band: String, Codable, Sendable, CaseIterable {
  case farAbove, above, within, below, farBelow
}
