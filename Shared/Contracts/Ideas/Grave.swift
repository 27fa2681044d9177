/// An honest attempt that did not work, and what it taught: its epitaph.
public struct Grave: Codable, Hashable, Sendable {
  public var id: ID<Grave>
  public var programme: ID<Programme>
  public var name: String
  public var idea: ID<Idea>?
  public var experiment: ID<Experiment>?
  public var team: ID<Team>?
  public var born: Timestamp
  public var died: Timestamp
  public var hypothesis: String
  public var expected: String
  public var observed: String
  public var cost: Money?
  public var causeOfDeath: String
  public var lesson: String
  public var contextTags: [String]
  /// Conditions under which it would be worth another try.
  public var resurrectIf: [String]
  public var failure: Open<FailureKind>
  public var tributes: Int
  public var reuseCount: Int
  /// Those who tried are named only when they agreed to it.
  public var consentToName: Bool
  public var triedBy: [String]
  public var resurrectedAs: ID<Experiment>?

  public init(
    id: ID<Grave>,
    programme: ID<Programme>,
    name: String,
    idea: ID<Idea>? = nil,
    experiment: ID<Experiment>? = nil,
    team: ID<Team>? = nil,
    born: Timestamp,
    died: Timestamp,
    hypothesis: String,
    expected: String,
    observed: String,
    cost: Money? = nil,
    causeOfDeath: String,
    lesson: String,
    contextTags: [String],
    resurrectIf: [String],
    failure: Open<FailureKind>,
    tributes: Int,
    reuseCount: Int,
    consentToName: Bool,
    triedBy: [String],
    resurrectedAs: ID<Experiment>? = nil
  ) {
    self.id = id
    self.programme = programme
    self.name = name
    self.idea = idea
    self.experiment = experiment
    self.team = team
    self.born = born
    self.died = died
    self.hypothesis = hypothesis
    self.expected = expected
    self.observed = observed
    self.cost = cost
    self.causeOfDeath = causeOfDeath
    self.lesson = lesson
    self.contextTags = contextTags
    self.resurrectIf = resurrectIf
    self.failure = failure
    self.tributes = tributes
    self.reuseCount = reuseCount
    self.consentToName = consentToName
    self.triedBy = triedBy
    self.resurrectedAs = resurrectedAs
  }
}

/// After Edmondson. Only an intelligent failure earns credit; the others are recorded without credit or penalty.
public enum FailureKind: String, Codable, Sendable, CaseIterable {
  /// New territory, goal-driven, informed by a hypothesis, as small as possible, lesson recorded.
  case intelligent
  case basic, complex
}

/// A failed attempt was laid to rest.
public struct GraveDug: Event, Hashable {
  public static let type = EventType("grave.dug")
  public static let stream = StreamName.loopClosure
  public var grave: Grave

  public init(grave: Grave) {
    self.grave = grave
  }

  public var programme: ID<Programme> { grave.programme }
  public var key: String { grave.id.rawValue }
}

/// Somebody paid tribute, reused the lesson, or raised it again.
public struct GraveVisited: Event, Hashable {
  public static let type = EventType("grave.visited")
  public static let stream = StreamName.loopClosure
  public var grave: Grave
  public var visit: Open<GraveVisit>
  public var by: String

  public init(grave: Grave, visit: Open<GraveVisit>, by: String) {
    self.grave = grave
    self.visit = visit
    self.by = by
  }

  public var programme: ID<Programme> { grave.programme }
  public var key: String { grave.id.rawValue }
}

public enum GraveVisit: String, Codable, Sendable, CaseIterable {
  case tribute, lessonReused, resurrected
}
