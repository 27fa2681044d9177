/// A cause that a team can't mend alone, on its way to someone who can decide.
public struct OuterItem: Codable, Hashable, Sendable {
  public var id: ID<OuterItem>
  public var programme: ID<Programme>
  public var title: String
  public var rootCause: String?
  public var reason: Open<EscalationReason>
  public var opportunity: ID<Opportunity>?
  public var cases: [ID<Case>]
  public var owner: String?
  public var raisedAt: Timestamp
  /// 10 business days after it was raised.
  public var decisionDue: Timestamp
  public var decision: Decision?
  public var isOverdue: Bool

  public init(
    id: ID<OuterItem>,
    programme: ID<Programme>,
    title: String,
    rootCause: String? = nil,
    reason: Open<EscalationReason>,
    opportunity: ID<Opportunity>? = nil,
    cases: [ID<Case>],
    owner: String? = nil,
    raisedAt: Timestamp,
    decisionDue: Timestamp,
    decision: Decision? = nil,
    isOverdue: Bool
  ) {
    self.id = id
    self.programme = programme
    self.title = title
    self.rootCause = rootCause
    self.reason = reason
    self.opportunity = opportunity
    self.cases = cases
    self.owner = owner
    self.raisedAt = raisedAt
    self.decisionDue = decisionDue
    self.decision = decision
    self.isOverdue = isOverdue
  }
}

public enum EscalationReason: String, Codable, Sendable, CaseIterable {
  case raisedByTeam, raisedByHuddle, beyondTeamControl, reopenedTwice
  /// The same cause from at least 3 customers in at least 2 teams within 14 days.
  case sameCause
  /// More of it than the 8 weeks before explain (Poisson, p < 0.01).
  case unusualVolume
}

public struct Decision: Codable, Hashable, Sendable {
  public var kind: Open<DecisionKind>
  public var reason: String?
  /// For `defer`.
  public var until: Timestamp?
  public var decidedBy: String
  public var decidedAt: Timestamp

  public init(
    kind: Open<DecisionKind>,
    reason: String? = nil,
    until: Timestamp? = nil,
    decidedBy: String,
    decidedAt: Timestamp
  ) {
    self.kind = kind
    self.reason = reason
    self.until = until
    self.decidedBy = decidedBy
    self.decidedAt = decidedAt
  }
}

public enum DecisionKind: String, Codable, Sendable, CaseIterable {
  case fix, test, adopt, `defer`, decline
}

/// A cause was escalated to the outer loop.
public struct EscalationRaised: Event, Hashable {
  public static let type = EventType("escalation.raised")
  public static let stream = StreamName.loopClosure
  public var item: OuterItem

  public init(item: OuterItem) {
    self.item = item
  }

  public var programme: ID<Programme> { item.programme }
  public var key: String { item.id.rawValue }
}

/// The outer loop answered, or let the day go by (`item.isOverdue`).
public struct OuterItemAdvanced: Event, Hashable {
  public static let type = EventType("outerItem.advanced")
  public static let stream = StreamName.loopClosure
  public var item: OuterItem

  public init(item: OuterItem) {
    self.item = item
  }

  public var programme: ID<Programme> { item.programme }
  public var key: String { item.id.rawValue }
}
