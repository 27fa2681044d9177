/// The three receipts that close a loop.
public struct Closure: Codable, Hashable, Sendable {
  /// What is closed: a case or an outer-loop item.
  public var subject: String
  public var programme: ID<Programme>
  public var openedAt: Timestamp
  public var customerToldAt: Timestamp?
  public var frontLinerToldAt: Timestamp?
  public var systemChangedAt: Timestamp?

  public init(
    subject: String,
    programme: ID<Programme>,
    openedAt: Timestamp,
    customerToldAt: Timestamp? = nil,
    frontLinerToldAt: Timestamp? = nil,
    systemChangedAt: Timestamp? = nil
  ) {
    self.subject = subject
    self.programme = programme
    self.openedAt = openedAt
    self.customerToldAt = customerToldAt
    self.frontLinerToldAt = frontLinerToldAt
    self.systemChangedAt = systemChangedAt
  }

  public var isComplete: Bool {
    customerToldAt != nil && frontLinerToldAt != nil && systemChangedAt != nil
  }
}

public enum Receipt: String, Codable, Sendable, CaseIterable {
  case customerTold, frontLinerTold, systemChanged
}

/// Somebody was told, or something changed.
public struct ReceiptGiven: Event, Hashable {
  public static let type = EventType("receipt.given")
  public static let stream = StreamName.loopClosure
  public var closure: Closure
  public var receipt: Open<Receipt>
  public var by: String
  /// What was said, or what changed.
  public var note: String

  public init(closure: Closure, receipt: Open<Receipt>, by: String, note: String) {
    self.closure = closure
    self.receipt = receipt
    self.by = by
    self.note = note
  }

  public var programme: ID<Programme> { closure.programme }
  public var key: String { closure.subject }
}

/// A message that somebody was or was not sent.
public struct NoticeDelivered: Event, Hashable {
  public static let type = EventType("notice.delivered")
  public static let stream = StreamName.loopClosure
  public var programme: ID<Programme>
  public var subject: String
  /// An employee's id, or a customer's keyed hash.
  public var recipient: String
  public var text: String
  public var delivery: Open<Delivery>
  public var at: Timestamp

  public init(
    programme: ID<Programme>,
    subject: String,
    recipient: String,
    text: String,
    delivery: Open<Delivery>,
    at: Timestamp
  ) {
    self.programme = programme
    self.subject = subject
    self.recipient = recipient
    self.text = text
    self.delivery = delivery
    self.at = at
  }

  public var key: String { subject }
}

public enum Delivery: String, Codable, Sendable, CaseIterable {
  /// It stands in the recipient's inbox in the console.
  case shown
  case optedOut
  /// It was their own doing; nobody is told of what they did themselves.
  case ownAction
}

/// A short team meeting, its agenda and what came of it.
public struct Huddle: Codable, Hashable, Sendable {
  public var id: ID<Huddle>
  public var programme: ID<Programme>
  public var team: ID<Team>
  public var heldAt: Timestamp
  public var attendees: Int
  public var outcomes: [String]

  public init(
    id: ID<Huddle>,
    programme: ID<Programme>,
    team: ID<Team>,
    heldAt: Timestamp,
    attendees: Int,
    outcomes: [String]
  ) {
    self.id = id
    self.programme = programme
    self.team = team
    self.heldAt = heldAt
    self.attendees = attendees
    self.outcomes = outcomes
  }
}

/// A huddle was held.
public struct HuddleHeld: Event, Hashable {
  public static let type = EventType("huddle.held")
  public static let stream = StreamName.loopClosure
  public var huddle: Huddle

  public init(huddle: Huddle) {
    self.huddle = huddle
  }

  public var programme: ID<Programme> { huddle.programme }
  public var key: String { huddle.team.rawValue }
}

/// Somebody helped a colleague get better at something.
public struct CoachingRecorded: Event, Hashable {
  public static let type = EventType("coaching.recorded")
  public static let stream = StreamName.loopClosure
  public var programme: ID<Programme>
  public var team: ID<Team>
  public var coach: ID<Employee>?
  public var topic: String
  public var at: Timestamp

  public init(programme: ID<Programme>, team: ID<Team>, coach: ID<Employee>? = nil, topic: String, at: Timestamp) {
    self.programme = programme
    self.team = team
    self.coach = coach
    self.topic = topic
    self.at = at
  }

  public var key: String { team.rawValue }
}

/// What to talk about: new feedback, open cases, ideas due, graves worth retelling.
public struct HuddleAgenda: Codable, Hashable, Sendable {
  public var team: ID<Team>
  public var since: Timestamp
  public var newFeedback: [Quote]
  public var openCases: [Case]
  public var ideasDue: [Idea]
  public var graves: [Grave]

  public init(
    team: ID<Team>,
    since: Timestamp,
    newFeedback: [Quote],
    openCases: [Case],
    ideasDue: [Idea],
    graves: [Grave]
  ) {
    self.team = team
    self.since = since
    self.newFeedback = newFeedback
    self.openCases = openCases
    self.ideasDue = ideasDue
    self.graves = graves
  }
}
