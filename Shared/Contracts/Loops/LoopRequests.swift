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

public struct OuterItemsRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var undecidedOnly: Bool?

  public init(programme: ID<Programme>, undecidedOnly: Bool? = nil) {
    self.programme = programme
    self.undecidedOnly = undecidedOnly
  }
}

public struct OuterItemList: Codable, Hashable, Sendable {
  public var items: [OuterItem]
  /// Decided in time ÷ all that were due: published.
  public var answerRate: Double?

  public init(items: [OuterItem], answerRate: Double? = nil) {
    self.items = items
    self.answerRate = answerRate
  }
}

public struct Escalate: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var title: String
  public var rootCause: String?
  public var reason: Open<EscalationReason>?
  public var opportunity: ID<Opportunity>?
  public var cases: [ID<Case>]?
  public var owner: String?

  public init(
    programme: ID<Programme>,
    title: String,
    rootCause: String? = nil,
    reason: Open<EscalationReason>? = nil,
    opportunity: ID<Opportunity>? = nil,
    cases: [ID<Case>]? = nil,
    owner: String? = nil
  ) {
    self.programme = programme
    self.title = title
    self.rootCause = rootCause
    self.reason = reason
    self.opportunity = opportunity
    self.cases = cases
    self.owner = owner
  }
}

public struct Decide: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var id: ID<OuterItem>
  public var kind: Open<DecisionKind>
  /// Needed for `decline`.
  public var reason: String?
  /// Needed for `defer`.
  public var until: Timestamp?
  public var owner: String?

  public init(
    programme: ID<Programme>,
    id: ID<OuterItem>,
    kind: Open<DecisionKind>,
    reason: String? = nil,
    until: Timestamp? = nil,
    owner: String? = nil
  ) {
    self.programme = programme
    self.id = id
    self.kind = kind
    self.reason = reason
    self.until = until
    self.owner = owner
  }
}

public struct GiveReceipt: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  /// The id of a case or an outer-loop item.
  public var subject: String
  public var receipt: Open<Receipt>
  public var note: String
  public var frontLiner: ID<Employee>?

  public init(
    programme: ID<Programme>,
    subject: String,
    receipt: Open<Receipt>,
    note: String,
    frontLiner: ID<Employee>? = nil
  ) {
    self.programme = programme
    self.subject = subject
    self.receipt = receipt
    self.note = note
    self.frontLiner = frontLiner
  }
}

public struct ClosuresRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>

  public init(programme: ID<Programme>) {
    self.programme = programme
  }
}

public struct ClosureReport: Codable, Hashable, Sendable {
  public var closures: [Closure]
  /// All three receipts ÷ all that have closed or are due.
  public var threeReceiptRate: Double?
  public var medianDays: Double?

  public init(closures: [Closure], threeReceiptRate: Double? = nil, medianDays: Double? = nil) {
    self.closures = closures
    self.threeReceiptRate = threeReceiptRate
    self.medianDays = medianDays
  }
}

public struct NoticesRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var recipient: String

  public init(programme: ID<Programme>, recipient: String) {
    self.programme = programme
    self.recipient = recipient
  }
}

public struct NoticeList: Codable, Hashable, Sendable {
  public var notices: [NoticeDelivered]

  public init(notices: [NoticeDelivered]) {
    self.notices = notices
  }
}

/// Whether somebody wants to be told.
public struct SetNotices: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var recipient: String
  public var wantsNotices: Bool

  public init(programme: ID<Programme>, recipient: String, wantsNotices: Bool) {
    self.programme = programme
    self.recipient = recipient
    self.wantsNotices = wantsNotices
  }
}

public struct NoticePreference: Codable, Hashable, Sendable {
  public var recipient: String
  public var wantsNotices: Bool

  public init(recipient: String, wantsNotices: Bool) {
    self.recipient = recipient
    self.wantsNotices = wantsNotices
  }
}

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
