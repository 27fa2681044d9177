// What other systems put into the `data` of a CloudEvent. Ingestion makes the canonical record of it.

/// The `type` attributes of CloudEvents that the intake understands.
public enum IntakeType: String, Codable, Sendable, CaseIterable {
  /// `data` is a `FeedbackSubmission`.
  case feedback = "groundswell.feedback.v1"
  /// `data` is a `FeedbackWithdrawal`.
  case withdrawal = "groundswell.feedback.withdrawn.v1"
  /// `data` is an `Observation`.
  case observation = "groundswell.observation.v1"
  /// `data` is an `InteractionCount`.
  case interactions = "groundswell.interactions.v1"
}

/// Feedback as its source has it. Only `programme` and `text` or a score are needed.
public struct FeedbackSubmission: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var channel: Open<Channel>?
  public var text: String?
  public var submissionID: String?
  /// Defaults to the CloudEvent's `time`, then to the time of receipt.
  public var occurredAt: Timestamp?
  /// The customer's reference in the source system. It is hashed with a key at once and never kept.
  public var customer: String?
  public var interactionID: ID<Interaction>?
  public var team: ID<Team>?
  public var employee: ID<Employee>?
  public var touchpoint: String?
  public var language: String?
  /// What the source already knows it to be; recognised signals are added.
  public var signals: [Open<Signal>]?
  public var scores: [Score]?
  public var consent: Consent?
  public var adaptation: Adaptation?
  /// Above 1 to replace an earlier revision of the same source and id.
  public var revision: Int?

  public init(
    programme: ID<Programme>,
    channel: Open<Channel>? = nil,
    text: String? = nil,
    submissionID: String? = nil,
    occurredAt: Timestamp? = nil,
    customer: String? = nil,
    interactionID: ID<Interaction>? = nil,
    team: ID<Team>? = nil,
    employee: ID<Employee>? = nil,
    touchpoint: String? = nil,
    language: String? = nil,
    signals: [Open<Signal>]? = nil,
    scores: [Score]? = nil,
    consent: Consent? = nil,
    adaptation: Adaptation? = nil,
    revision: Int? = nil
  ) {
    self.programme = programme
    self.channel = channel
    self.text = text
    self.submissionID = submissionID
    self.occurredAt = occurredAt
    self.customer = customer
    self.interactionID = interactionID
    self.team = team
    self.employee = employee
    self.touchpoint = touchpoint
    self.language = language
    self.signals = signals
    self.scores = scores
    self.consent = consent
    self.adaptation = adaptation
    self.revision = revision
  }
}

/// Take back feedback that was sent earlier under the same CloudEvents `source`.
public struct FeedbackWithdrawal: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  /// The CloudEvents `id` of what is withdrawn.
  public var sourceRecordID: String
  public var reason: String?

  public init(programme: ID<Programme>, sourceRecordID: String, reason: String? = nil) {
    self.programme = programme
    self.sourceRecordID = sourceRecordID
    self.reason = reason
  }
}

/// How many contacts a channel had on a day.
public struct InteractionCount: Codable, Hashable, Sendable {
  public var programme: ID<Programme>
  public var channel: Open<Channel>
  public var team: ID<Team>?
  /// `YYYY-MM-DD` in the programme's time zone.
  public var day: String
  public var count: Int

  public init(programme: ID<Programme>, channel: Open<Channel>, team: ID<Team>? = nil, day: String, count: Int) {
    self.programme = programme
    self.channel = channel
    self.team = team
    self.day = day
    self.count = count
  }
}
