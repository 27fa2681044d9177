/// A theme of recurring need, pain, wish or workaround, found in what customers say.
///
/// Its id never silently changes its meaning: merges and splits are events, and a person can undo them.
public struct Opportunity: Codable, Hashable, Sendable {
  public var id: ID<Opportunity>
  public var programme: ID<Programme>
  /// The words that set it apart, or the name that a person gave it.
  public var title: String
  public var isNamedByPerson: Bool
  public var keywords: [String]
  /// Verbatims near the middle of the theme.
  public var quotes: [Quote]
  /// Distinct customers, plus the items whose customer isn't known.
  public var reach: Int
  public var items: Int
  /// Share of its known customers who came back with it, 0 to 1.
  public var recurrence: Double
  /// From signals and text, never from scores, 0 to 1.
  public var severity: Double
  public var trend: Trend
  public var breadth: Breadth
  /// 0 to 1: young, and far from other themes.
  public var novelty: Double
  /// 0 to 1: how many its items are, how much they belong together, and how many of them say a need.
  public var confidence: Double
  /// Somebody's estimate, in person-days.
  public var effortPersonDays: Double?
  /// reach × severity × confidence ÷ effort, plus growth: what the list is ordered by.
  public var expectedValue: Double
  /// Items a week, oldest first, the last week last.
  public var weeklyItems: [Int]
  public var openedAt: Timestamp
  public var lastSeenAt: Timestamp
  public var state: Open<OpportunityState>
  public var isPinned: Bool
  /// Where it went, when the state is `merged`.
  public var mergedInto: ID<Opportunity>?
  public var ideas: [ID<Idea>]

  public init(
    id: ID<Opportunity>,
    programme: ID<Programme>,
    title: String,
    isNamedByPerson: Bool,
    keywords: [String],
    quotes: [Quote],
    reach: Int,
    items: Int,
    recurrence: Double,
    severity: Double,
    trend: Trend,
    breadth: Breadth,
    novelty: Double,
    confidence: Double,
    effortPersonDays: Double? = nil,
    expectedValue: Double,
    weeklyItems: [Int],
    openedAt: Timestamp,
    lastSeenAt: Timestamp,
    state: Open<OpportunityState>,
    isPinned: Bool,
    mergedInto: ID<Opportunity>? = nil,
    ideas: [ID<Idea>]
  ) {
    self.id = id
    self.programme = programme
    self.title = title
    self.isNamedByPerson = isNamedByPerson
    self.keywords = keywords
    self.quotes = quotes
    self.reach = reach
    self.items = items
    self.recurrence = recurrence
    self.severity = severity
    self.trend = trend
    self.breadth = breadth
    self.novelty = novelty
    self.confidence = confidence
    self.effortPersonDays = effortPersonDays
    self.expectedValue = expectedValue
    self.weeklyItems = weeklyItems
    self.openedAt = openedAt
    self.lastSeenAt = lastSeenAt
    self.state = state
    self.isPinned = isPinned
    self.mergedInto = mergedInto
    self.ideas = ideas
  }
}

public enum OpportunityState: String, Codable, Sendable, CaseIterable {
  case open, muted, merged
}

/// A verbatim with what is needed to find the rest of it.
public struct Quote: Codable, Hashable, Sendable {
  public var feedback: ID<Feedback>
  public var text: String
  public var channel: Open<Channel>
  public var team: ID<Team>?
  public var occurredAt: Timestamp

  public init(
    feedback: ID<Feedback>,
    text: String,
    channel: Open<Channel>,
    team: ID<Team>? = nil,
    occurredAt: Timestamp
  ) {
    self.feedback = feedback
    self.text = text
    self.channel = channel
    self.team = team
    self.occurredAt = occurredAt
  }
}

/// Growth against its own history: the ratio of this week's rate to the rate before, with a 90 % interval.
public struct Trend: Codable, Hashable, Sendable {
  public var ratio: Double
  public var low: Double
  public var high: Double

  public init(ratio: Double, low: Double, high: Double) {
    self.ratio = ratio
    self.low = low
    self.high = high
  }
}

/// How far it reaches across the company.
public struct Breadth: Codable, Hashable, Sendable {
  public var teams: [ID<Team>]
  public var channels: [Open<Channel>]
  public var touchpoints: [String]

  public init(teams: [ID<Team>], channels: [Open<Channel>], touchpoints: [String]) {
    self.teams = teams
    self.channels = channels
    self.touchpoints = touchpoints
  }
}
