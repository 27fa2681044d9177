public struct AgendaRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>

  public init(programme: ID<Programme>, team: ID<Team>) {
    self.programme = programme
    self.team = team
  }
}

public struct HoldHuddle: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>
  public var attendees: Int
  public var outcomes: [String]

  public init(programme: ID<Programme>, team: ID<Team>, attendees: Int, outcomes: [String]) {
    self.programme = programme
    self.team = team
    self.attendees = attendees
    self.outcomes = outcomes
  }
}

public struct RecordCoaching: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>
  public var coach: ID<Employee>?
  public var topic: String

  public init(programme: ID<Programme>, team: ID<Team>, coach: ID<Employee>? = nil, topic: String) {
    self.programme = programme
    self.team = team
    self.coach = coach
    self.topic = topic
  }
}

public struct DigestRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  /// The week that this falls into; the last full week where it isn't given.
  public var week: Timestamp?

  public init(programme: ID<Programme>, team: ID<Team>? = nil, week: Timestamp? = nil) {
    self.programme = programme
    self.team = team
    self.week = week
  }
}

/// "What we tried": failures and successes have the same room, each with its lesson.
public struct Digest: Codable, Hashable, Sendable {
  public var from: Timestamp
  public var until: Timestamp
  public var worked: [DigestEntry]
  public var didNotWork: [DigestEntry]
  public var started: [Experiment]
  public var thanks: [String]

  public init(
    from: Timestamp,
    until: Timestamp,
    worked: [DigestEntry],
    didNotWork: [DigestEntry],
    started: [Experiment],
    thanks: [String]
  ) {
    self.from = from
    self.until = until
    self.worked = worked
    self.didNotWork = didNotWork
    self.started = started
    self.thanks = thanks
  }
}

public struct DigestEntry: Codable, Hashable, Sendable {
  public var title: String
  public var team: ID<Team>?
  public var lesson: String
  public var experiment: ID<Experiment>?
  public var grave: ID<Grave>?

  public init(
    title: String,
    team: ID<Team>? = nil,
    lesson: String,
    experiment: ID<Experiment>? = nil,
    grave: ID<Grave>? = nil
  ) {
    self.title = title
    self.team = team
    self.lesson = lesson
    self.experiment = experiment
    self.grave = grave
  }
}
