/// The inner loop with one customer: open → contacted → resolved → confirmed → closed, reopenable.
public struct Case: Codable, Hashable, Sendable {
  public var id: ID<Case>
  public var programme: ID<Programme>
  public var feedback: ID<Feedback>
  public var customer: ID<Customer>?
  public var team: ID<Team>?
  public var assignee: ID<Employee>?
  public var state: Open<CaseState>
  public var urgency: Double
  /// The customer's words that it began with.
  public var verbatim: String
  public var openedAt: Timestamp
  /// 24 business hours after opening, pauses left out.
  public var firstContactDue: Timestamp
  /// 48 business hours after opening, pauses left out.
  public var resolveDue: Timestamp
  public var firstContactAt: Timestamp?
  public var resolvedAt: Timestamp?
  public var confirmedAt: Timestamp?
  public var closedAt: Timestamp?
  /// A late first contact stays a miss.
  public var missedFirstContact: Bool
  public var missedResolve: Bool
  public var reopenedCount: Int
  public var rootCause: String?
  public var action: String?
  public var isBeyondTeamControl: Bool
  public var pauses: [Pause]
  public var mergedInto: ID<Case>?
  public var outerItem: ID<OuterItem>?

  public init(
    id: ID<Case>,
    programme: ID<Programme>,
    feedback: ID<Feedback>,
    customer: ID<Customer>? = nil,
    team: ID<Team>? = nil,
    assignee: ID<Employee>? = nil,
    state: Open<CaseState>,
    urgency: Double,
    verbatim: String,
    openedAt: Timestamp,
    firstContactDue: Timestamp,
    resolveDue: Timestamp,
    firstContactAt: Timestamp? = nil,
    resolvedAt: Timestamp? = nil,
    confirmedAt: Timestamp? = nil,
    closedAt: Timestamp? = nil,
    missedFirstContact: Bool,
    missedResolve: Bool,
    reopenedCount: Int,
    rootCause: String? = nil,
    action: String? = nil,
    isBeyondTeamControl: Bool,
    pauses: [Pause],
    mergedInto: ID<Case>? = nil,
    outerItem: ID<OuterItem>? = nil
  ) {
    self.id = id
    self.programme = programme
    self.feedback = feedback
    self.customer = customer
    self.team = team
    self.assignee = assignee
    self.state = state
    self.urgency = urgency
    self.verbatim = verbatim
    self.openedAt = openedAt
    self.firstContactDue = firstContactDue
    self.resolveDue = resolveDue
    self.firstContactAt = firstContactAt
    self.resolvedAt = resolvedAt
    self.confirmedAt = confirmedAt
    self.closedAt = closedAt
    self.missedFirstContact = missedFirstContact
    self.missedResolve = missedResolve
    self.reopenedCount = reopenedCount
    self.rootCause = rootCause
    self.action = action
    self.isBeyondTeamControl = isBeyondTeamControl
    self.pauses = pauses
    self.mergedInto = mergedInto
    self.outerItem = outerItem
  }
}

public enum CaseState: String, Codable, Sendable, CaseIterable {
  case open, contacted, resolved, confirmed, closed, merged
}

/// Time that doesn't count, e.g. while waiting for the customer.
public struct Pause: Codable, Hashable, Sendable {
  public var from: Timestamp
  public var until: Timestamp?
  public var reason: String

  public init(from: Timestamp, until: Timestamp? = nil, reason: String) {
    self.from = from
    self.until = until
    self.reason = reason
  }
}

/// A case was opened.
public struct CaseOpened: Event, Hashable {
  public static let type = EventType("case.opened")
  public static let stream = StreamName.loopClosure
  public var `case`: Case

  public init(`case`: Case) {
    self.case = `case`
  }

  public var programme: ID<Programme> { `case`.programme }
  public var key: String { `case`.id.rawValue }
}

/// A case took a step: `step` says which, `case` how it stands since.
public struct CaseAdvanced: Event, Hashable {
  public static let type = EventType("case.advanced")
  public static let stream = StreamName.loopClosure
  public var `case`: Case
  public var step: Open<CaseStep>
  public var by: String
  public var note: String?

  public init(`case`: Case, step: Open<CaseStep>, by: String, note: String? = nil) {
    self.case = `case`
    self.step = step
    self.by = by
    self.note = note
  }

  public var programme: ID<Programme> { `case`.programme }
  public var key: String { `case`.id.rawValue }
}

public enum CaseStep: String, Codable, Sendable, CaseIterable {
  case contacted, resolved, confirmed, closed, reopened, paused, resumed, merged, assigned
  case missedFirstContact, missedResolve, reminded
}
