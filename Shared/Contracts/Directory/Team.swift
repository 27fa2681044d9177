/// A group of front-line people who serve the same customers.
public struct Team: Codable, Hashable, Sendable {
  public var id: ID<Team>
  public var programme: ID<Programme>
  public var name: String
  /// People in the team, for pooling teams that are too small to be shown alone.
  public var people: Int
  /// Full-time equivalents at work: the exposure of one month.
  public var fullTimeEquivalents: Double

  public init(
    id: ID<Team>,
    programme: ID<Programme>,
    name: String,
    people: Int = 0,
    fullTimeEquivalents: Double = 0
  ) {
    self.id = id
    self.programme = programme
    self.name = name
    self.people = people
    self.fullTimeEquivalents = fullTimeEquivalents
  }
}

/// Someone who works with customers, or for those who do.
public struct Employee: Codable, Hashable, Sendable {
  public var id: ID<Employee>
  public var programme: ID<Programme>
  public var team: ID<Team>
  public var name: String
  /// 1 is full time.
  public var fullTimeEquivalent: Double
  public var startedAt: Timestamp?

  public init(
    id: ID<Employee>,
    programme: ID<Programme>,
    team: ID<Team>,
    name: String,
    fullTimeEquivalent: Double = 1,
    startedAt: Timestamp? = nil
  ) {
    self.id = id
    self.programme = programme
    self.team = team
    self.name = name
    self.fullTimeEquivalent = fullTimeEquivalent
    self.startedAt = startedAt
  }
}
