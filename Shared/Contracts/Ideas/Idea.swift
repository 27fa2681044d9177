/// Somebody's suggestion of what to do better.
public struct Idea: Codable, Hashable, Sendable {
  public var id: ID<Idea>
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var author: ID<Employee>?
  public var authorName: String
  public var title: String
  public var text: String
  /// What it answers.
  public var opportunity: ID<Opportunity>?
  public var evidence: [ID<Feedback>]
  public var state: Open<IdeaState>
  /// 1 - similarity to the nearest earlier idea, 0 to 1.
  public var novelty: Double
  public var nearest: ID<Idea>?
  /// The earliest idea of its cluster; itself where it stands alone.
  public var canonical: ID<Idea>
  /// Similar enough to an earlier one that a person has to decide whether it is the same.
  public var needsMergeDecision: Bool
  /// Distinct people behind it; a merge moves each of them once.
  public var supporters: [String]
  public var submittedAt: Timestamp
  public var acceptedAt: Timestamp?
  public var implementedAt: Timestamp?
  public var implementedBy: ID<Team>?
  public var verifiedAt: Timestamp?
  /// Someone of another team, or `event data`.
  public var verifiedBy: String?
  public var declinedReason: String?
  /// What a team that adopts it has to keep for it to be the same thing.
  public var coreComponents: [String]
  /// Graves that were shown when it was submitted.
  public var nearGraves: [ID<Grave>]

  public init(
    id: ID<Idea>,
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    author: ID<Employee>? = nil,
    authorName: String,
    title: String,
    text: String,
    opportunity: ID<Opportunity>? = nil,
    evidence: [ID<Feedback>],
    state: Open<IdeaState>,
    novelty: Double,
    nearest: ID<Idea>? = nil,
    canonical: ID<Idea>,
    needsMergeDecision: Bool,
    supporters: [String],
    submittedAt: Timestamp,
    acceptedAt: Timestamp? = nil,
    implementedAt: Timestamp? = nil,
    implementedBy: ID<Team>? = nil,
    verifiedAt: Timestamp? = nil,
    verifiedBy: String? = nil,
    declinedReason: String? = nil,
    coreComponents: [String],
    nearGraves: [ID<Grave>]
  ) {
    self.id = id
    self.programme = programme
    self.team = team
    self.author = author
    self.authorName = authorName
    self.title = title
    self.text = text
    self.opportunity = opportunity
    self.evidence = evidence
    self.state = state
    self.novelty = novelty
    self.nearest = nearest
    self.canonical = canonical
    self.needsMergeDecision = needsMergeDecision
    self.supporters = supporters
    self.submittedAt = submittedAt
    self.acceptedAt = acceptedAt
    self.implementedAt = implementedAt
    self.implementedBy = implementedBy
    self.verifiedAt = verifiedAt
    self.verifiedBy = verifiedBy
    self.declinedReason = declinedReason
    self.coreComponents = coreComponents
    self.nearGraves = nearGraves
  }
}

/// submitted → accepted | merged | declined → experiment | direct implementation → implemented → verified → scaled
public enum IdeaState: String, Codable, Sendable, CaseIterable {
  case submitted, accepted, merged, declined, testing, implemented, verified, scaled
}

/// An idea was submitted.
public struct IdeaSubmitted: Event, Hashable {
  public static let type = EventType("idea.submitted")
  public static let stream = StreamName.loopClosure
  public var idea: Idea

  public init(idea: Idea) {
    self.idea = idea
  }

  public var programme: ID<Programme> { idea.programme }
  public var key: String { idea.id.rawValue }
}

/// An idea moved on: `idea.state` says where to.
public struct IdeaAdvanced: Event, Hashable {
  public static let type = EventType("idea.advanced")
  public static let stream = StreamName.loopClosure
  public var idea: Idea
  public var from: Open<IdeaState>
  public var by: String

  public init(idea: Idea, from: Open<IdeaState>, by: String) {
    self.idea = idea
    self.from = from
    self.by = by
  }

  public var programme: ID<Programme> { idea.programme }
  public var key: String { idea.id.rawValue }
}

/// An idea was joined to an earlier one, or taken apart from it again.
public struct IdeaMerged: Event, Hashable {
  public static let type = EventType("idea.merged")
  public static let stream = StreamName.loopClosure
  public var idea: Idea
  public var canonical: Idea
  /// The merge was taken back.
  public var isUndone: Bool
  public var by: String

  public init(idea: Idea, canonical: Idea, isUndone: Bool, by: String) {
    self.idea = idea
    self.canonical = canonical
    self.isUndone = isUndone
    self.by = by
  }

  public var programme: ID<Programme> { idea.programme }
  public var key: String { idea.id.rawValue }
}

/// A lesson was cited before a test started.
public struct LessonReused: Event, Hashable {
  public static let type = EventType("lesson.reused")
  public static let stream = StreamName.loopClosure
  public var programme: ID<Programme>
  public var grave: ID<Grave>
  /// The team that learned the lesson first.
  public var team: ID<Team>?
  public var reusedBy: ID<Team>
  public var experiment: ID<Experiment>

  public init(
    programme: ID<Programme>,
    grave: ID<Grave>,
    team: ID<Team>? = nil,
    reusedBy: ID<Team>,
    experiment: ID<Experiment>
  ) {
    self.programme = programme
    self.grave = grave
    self.team = team
    self.reusedBy = reusedBy
    self.experiment = experiment
  }

  public var key: String { grave.rawValue }
}
