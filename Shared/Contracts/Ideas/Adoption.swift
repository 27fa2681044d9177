/// How one team takes up one idea (RE-AIM; Rogers, Diffusion of Innovations).
public struct Adoption: Codable, Hashable, Sendable {
  public var idea: ID<Idea>
  public var programme: ID<Programme>
  public var team: ID<Team>
  /// The team that it comes from.
  public var originator: ID<Team>?
  public var state: Open<AdoptionState>
  /// Core components kept ÷ core components listed; nil before it is in use.
  public var fidelity: Double?
  /// What the team does differently.
  public var adaptation: String?
  public var localEffect: LocalEffect?
  public var abandonedReason: String?
  public var offeredAt: Timestamp
  public var inUseAt: Timestamp?
  public var sustainedAt: Timestamp?

  public init(
    idea: ID<Idea>,
    programme: ID<Programme>,
    team: ID<Team>,
    originator: ID<Team>? = nil,
    state: Open<AdoptionState>,
    fidelity: Double? = nil,
    adaptation: String? = nil,
    localEffect: LocalEffect? = nil,
    abandonedReason: String? = nil,
    offeredAt: Timestamp,
    inUseAt: Timestamp? = nil,
    sustainedAt: Timestamp? = nil
  ) {
    self.idea = idea
    self.programme = programme
    self.team = team
    self.originator = originator
    self.state = state
    self.fidelity = fidelity
    self.adaptation = adaptation
    self.localEffect = localEffect
    self.abandonedReason = abandonedReason
    self.offeredAt = offeredAt
    self.inUseAt = inUseAt
    self.sustainedAt = sustainedAt
  }
}

/// offered → trialled → adapted → inUse → sustained (90 days) | abandoned
public enum AdoptionState: String, Codable, Sendable, CaseIterable {
  case offered, trialled, adapted, inUse, sustained, abandoned
}

/// The effect at one team, as a difference of proportions with its standard error.
public struct LocalEffect: Codable, Hashable, Sendable {
  public var effect: Double
  public var standardError: Double

  public init(effect: Double, standardError: Double) {
    self.effect = effect
    self.standardError = standardError
  }
}

/// A team took a step in adopting an idea.
public struct AdoptionChanged: Event, Hashable {
  public static let type = EventType("adoption.changed")
  public static let stream = StreamName.loopClosure
  public var adoption: Adoption
  public var by: String

  public init(adoption: Adoption, by: String) {
    self.adoption = adoption
    self.by = by
  }

  public var programme: ID<Programme> { adoption.programme }
  public var key: String { "\(adoption.idea)/\(adoption.team)" }
}

/// How far an idea has spread.
public struct AdoptionReport: Codable, Hashable, Sendable {
  public var idea: Idea
  public var rows: [Adoption]
  public var eligible: Int
  /// In use or sustained ÷ eligible.
  public var share: Double
  /// Days from the first offer until half of the eligible teams used it.
  public var daysToHalf: Double?
  public var pooled: PooledEffect?

  public init(
    idea: Idea,
    rows: [Adoption],
    eligible: Int,
    share: Double,
    daysToHalf: Double? = nil,
    pooled: PooledEffect? = nil
  ) {
    self.idea = idea
    self.rows = rows
    self.eligible = eligible
    self.share = share
    self.daysToHalf = daysToHalf
    self.pooled = pooled
  }
}

/// Random effects over teams, Hartung–Knapp–Sidik–Jonkman interval.
public struct PooledEffect: Codable, Hashable, Sendable {
  public var teams: Int
  public var effect: Double
  public var low: Double
  public var high: Double
  /// What the next team may expect: the prediction interval.
  public var predictionLow: Double
  public var predictionHigh: Double

  public init(teams: Int, effect: Double, low: Double, high: Double, predictionLow: Double, predictionHigh: Double) {
    self.teams = teams
    self.effect = effect
    self.low = low
    self.high = high
    self.predictionLow = predictionLow
    self.predictionHigh = predictionHigh
  }
}
