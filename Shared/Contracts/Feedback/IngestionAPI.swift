/// What Ingestion answers: the acknowledged intake, and questions about what it holds.
public enum IngestionAPI {
  static let service = "ingestion.v1"

  /// Takes CloudEvents, all or none of them, and answers once they are on disk.
  public static let publish = Command<PublishFeedback, PublishReceipt>(service, "Publish")
  /// The intake for many: batches in, one receipt a batch out, in order; each event stands or falls alone.
  public static let intake = Exchange<IntakeBatch, IntakeReceipt>(service, "Intake")
  public static let feedback = Query<FeedbackRequest, FeedbackPage>(service, "Feedback")
  public static let coverage = Query<CoverageRequest, CoverageReport>(service, "Coverage")
  public static let erase = Command<EraseFeedback, EraseReceipt>(service, "Erase")
}

/// CloudEvents in the JSON event format (CloudEvents 1.0.2, json-format.md).
public struct PublishFeedback: Codable, Sendable {
  public var events: [JSONValue]

  public init(events: [JSONValue]) {
    self.events = events
  }
}

extension PublishFeedback: ProgrammeNaming {
  public var programmes: Set<ID<Programme>>? { events.programmes }
}

extension IntakeBatch: ProgrammeNaming {
  public var programmes: Set<ID<Programme>>? { events.programmes }
}

extension [JSONValue] {
  /// The programmes of events: what stands in each one's `data`, which is all that Ingestion goes by.
  fileprivate var programmes: Set<ID<Programme>>? {
    var programmes: Set<ID<Programme>> = []
    for event in self {
      guard let text = event["data"]?["programme"]?.string else { return nil }
      programmes.insert(ID(text))
    }
    return programmes
  }
}

public struct PublishReceipt: Codable, Hashable, Sendable {
  /// One for each event, in the order of the request.
  public var results: [IntakeResult]

  public init(results: [IntakeResult]) {
    self.results = results
  }
}

public struct IntakeBatch: Codable, Sendable {
  /// The sender's own count, returned in the receipt.
  public var number: Int
  public var events: [JSONValue]

  public init(number: Int, events: [JSONValue]) {
    self.number = number
    self.events = events
  }
}

public struct IntakeReceipt: Codable, Hashable, Sendable {
  public var number: Int
  public var results: [IntakeResult]

  public init(number: Int, results: [IntakeResult]) {
    self.number = number
    self.results = results
  }
}

/// What became of one event. What is accepted is on disk, synced, when this is sent.
public struct IntakeResult: Codable, Hashable, Sendable {
  public var outcome: Open<IntakeOutcome>
  public var feedback: ID<Feedback>?
  /// The position of the record in its stream, that of the first arrival for a duplicate.
  public var position: UInt64?
  /// Why it was rejected.
  public var fault: Fault?

  public init(
    outcome: Open<IntakeOutcome>,
    feedback: ID<Feedback>? = nil,
    position: UInt64? = nil,
    fault: Fault? = nil
  ) {
    self.outcome = outcome
    self.feedback = feedback
    self.position = position
    self.fault = fault
  }
}

public enum IntakeOutcome: String, Codable, Sendable, CaseIterable {
  case accepted, duplicate, rejected
}

/// Feedback by id, or the newest of a programme or team.
public struct FeedbackRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var ids: [ID<Feedback>]?
  public var team: ID<Team>?
  public var channel: Open<Channel>?
  /// At most this many, 1 to 500; 50 where it isn't given.
  public var limit: Int?
  /// From an earlier page.
  public var cursor: String?

  public init(
    programme: ID<Programme>,
    ids: [ID<Feedback>]? = nil,
    team: ID<Team>? = nil,
    channel: Open<Channel>? = nil,
    limit: Int? = nil,
    cursor: String? = nil
  ) {
    self.programme = programme
    self.ids = ids
    self.team = team
    self.channel = channel
    self.limit = limit
    self.cursor = cursor
  }
}

public struct FeedbackPage: Codable, Hashable, Sendable {
  public var feedback: [Feedback]
  /// Where the next page starts; nil at the end.
  public var cursor: String?

  public init(feedback: [Feedback], cursor: String? = nil) {
    self.feedback = feedback
    self.cursor = cursor
  }
}

public struct CoverageRequest: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var since: Timestamp?

  public init(programme: ID<Programme>, since: Timestamp? = nil) {
    self.programme = programme
    self.since = since
  }
}

/// How much of what happens we hear of. Coverage = interactions with at least one signal ÷ all interactions.
public struct CoverageReport: Codable, Hashable, Sendable {
  public var channels: [ChannelCoverage]

  public init(channels: [ChannelCoverage]) {
    self.channels = channels
  }
}

public struct ChannelCoverage: Codable, Hashable, Sendable {
  public var channel: Open<Channel>
  public var feedback: Int
  public var interactionsWithSignal: Int
  /// nil where nobody has counted the interactions.
  public var interactions: Int?
  public var lastReceivedAt: Timestamp?
  /// It has been quiet for longer than its own history explains.
  public var isSilent: Bool

  public init(
    channel: Open<Channel>,
    feedback: Int,
    interactionsWithSignal: Int,
    interactions: Int? = nil,
    lastReceivedAt: Timestamp? = nil,
    isSilent: Bool
  ) {
    self.channel = channel
    self.feedback = feedback
    self.interactionsWithSignal = interactionsWithSignal
    self.interactions = interactions
    self.lastReceivedAt = lastReceivedAt
    self.isSilent = isSilent
  }
}

public struct EraseFeedback: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var ids: [ID<Feedback>]
  public var reason: String

  public init(programme: ID<Programme>, ids: [ID<Feedback>], reason: String) {
    self.programme = programme
    self.ids = ids
    self.reason = reason
  }
}

public struct EraseReceipt: Codable, Hashable, Sendable {
  public var erased: Int

  public init(erased: Int) {
    self.erased = erased
  }
}
