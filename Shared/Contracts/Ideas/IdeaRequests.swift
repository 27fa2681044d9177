public struct IdeasRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var states: [Open<IdeaState>]?
  public var id: ID<Idea>?
  public var opportunity: ID<Opportunity>?
  /// 1 to 500; 50 where it isn't given. Newest first.
  public var limit: Int?

  public init(
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    states: [Open<IdeaState>]? = nil,
    id: ID<Idea>? = nil,
    opportunity: ID<Opportunity>? = nil,
    limit: Int? = nil
  ) {
    self.programme = programme
    self.team = team
    self.states = states
    self.id = id
    self.opportunity = opportunity
    self.limit = limit
  }
}

public struct IdeaList: Codable, Hashable, Sendable {
  public var ideas: [Idea]
  public var total: Int

  public init(ideas: [Idea], total: Int) {
    self.ideas = ideas
    self.total = total
  }
}

public struct SubmitIdea: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var author: ID<Employee>?
  public var title: String
  public var text: String
  public var opportunity: ID<Opportunity>?
  public var evidence: [ID<Feedback>]?
  public var coreComponents: [String]?

  public init(
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    author: ID<Employee>? = nil,
    title: String,
    text: String,
    opportunity: ID<Opportunity>? = nil,
    evidence: [ID<Feedback>]? = nil,
    coreComponents: [String]? = nil
  ) {
    self.programme = programme
    self.team = team
    self.author = author
    self.title = title
    self.text = text
    self.opportunity = opportunity
    self.evidence = evidence
    self.coreComponents = coreComponents
  }
}

/// The idea as it was taken, with what is close to it: nothing is refused for being alike.
public struct SubmittedIdea: Codable, Hashable, Sendable {
  public var idea: Idea
  /// The nearest graves, nearest first.
  public var graves: [Grave]
  public var similar: [SimilarIdea]

  public init(idea: Idea, graves: [Grave], similar: [SimilarIdea]) {
    self.idea = idea
    self.graves = graves
    self.similar = similar
  }
}

public struct SimilarIdea: Codable, Hashable, Sendable {
  public var idea: ID<Idea>
  public var title: String
  /// 0 to 1.
  public var similarity: Double

  public init(idea: ID<Idea>, title: String, similarity: Double) {
    self.idea = idea
    self.title = title
    self.similarity = similarity
  }
}

/// Accept, decline, implement, verify or scale.
public struct AdvanceIdea: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Idea>
  public var to: Open<IdeaState>
  /// Needed for `declined`.
  public var reason: String?
  /// Who implemented it, where that is another team.
  public var team: ID<Team>?
  /// The event that proves it, for `verified` by event data.
  public var evidence: String?

  public init(
    programme: ID<Programme>,
    id: ID<Idea>,
    to: Open<IdeaState>,
    reason: String? = nil,
    team: ID<Team>? = nil,
    evidence: String? = nil
  ) {
    self.programme = programme
    self.id = id
    self.to = to
    self.reason = reason
    self.team = team
    self.evidence = evidence
  }
}

public struct MergeIdeas: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Idea>
  /// nil to take `id` out of its cluster again.
  public var into: ID<Idea>?

  public init(programme: ID<Programme>, id: ID<Idea>, into: ID<Idea>? = nil) {
    self.programme = programme
    self.id = id
    self.into = into
  }
}

public struct SupportIdea: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Idea>
  public var supporter: String

  public init(programme: ID<Programme>, id: ID<Idea>, supporter: String) {
    self.programme = programme
    self.id = id
    self.supporter = supporter
  }
}
