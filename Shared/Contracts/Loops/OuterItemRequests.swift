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
