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
