public struct CasesRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var team: ID<Team>?
  public var states: [Open<CaseState>]?
  public var id: ID<Case>?
  /// 1 to 500; 50 where it isn't given. Most urgent first.
  public var limit: Int?

  public init(
    programme: ID<Programme>,
    team: ID<Team>? = nil,
    states: [Open<CaseState>]? = nil,
    id: ID<Case>? = nil,
    limit: Int? = nil
  ) {
    self.programme = programme
    self.team = team
    self.states = states
    self.id = id
    self.limit = limit
  }
}

public struct CaseList: Codable, Hashable, Sendable {
  public var cases: [Case]
  public var total: Int

  public init(cases: [Case], total: Int) {
    self.cases = cases
    self.total = total
  }
}

public struct OpenCase: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var feedback: ID<Feedback>
  public var team: ID<Team>?

  public init(programme: ID<Programme>, feedback: ID<Feedback>, team: ID<Team>? = nil) {
    self.programme = programme
    self.feedback = feedback
    self.team = team
  }
}

/// One step of a case. `closed` needs a root cause and an action, now or from an earlier step.
public struct AdvanceCase: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<Case>
  public var step: Open<CaseStep>
  public var note: String?
  public var rootCause: String?
  public var action: String?
  public var isBeyondTeamControl: Bool?
  public var assignee: ID<Employee>?

  public init(
    programme: ID<Programme>,
    id: ID<Case>,
    step: Open<CaseStep>,
    note: String? = nil,
    rootCause: String? = nil,
    action: String? = nil,
    isBeyondTeamControl: Bool? = nil,
    assignee: ID<Employee>? = nil
  ) {
    self.programme = programme
    self.id = id
    self.step = step
    self.note = note
    self.rootCause = rootCause
    self.action = action
    self.isBeyondTeamControl = isBeyondTeamControl
    self.assignee = assignee
  }
}

public struct MergeCases: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var into: ID<Case>
  public var merged: [ID<Case>]

  public init(programme: ID<Programme>, into: ID<Case>, merged: [ID<Case>]) {
    self.programme = programme
    self.into = into
    self.merged = merged
  }
}
