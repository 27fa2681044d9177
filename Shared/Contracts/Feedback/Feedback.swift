/// One thing that a customer told us, or that the front line saw, in its canonical form whatever its source.
///
/// Scores are not in it: they travel apart, as `ScoreObserved`. Neither is the customer's name: only a keyed hash.
public struct Feedback: Codable, Hashable, Sendable {
  /// Deterministic: SHA-256 over the CloudEvents `source` and `id`, so that a repeat is recognised anywhere.
  public var id: ID<Feedback>
  public var programme: ID<Programme>
  /// The CloudEvents `source` that it came with.
  public var source: String
  /// The CloudEvents `id` that it came with.
  public var sourceRecordID: String
  /// Ties together the parts of one submission, e.g. the answers of one survey.
  public var submissionID: String?
  public var channel: Open<Channel>
  public var occurredAt: Timestamp
  public var receivedAt: Timestamp
  public var customer: ID<Customer>?
  public var interactionID: ID<Interaction>?
  public var team: ID<Team>?
  public var employee: ID<Employee>?
  /// The step of the journey it is about, in the programme's own words.
  public var touchpoint: String?
  /// A BCP 47 tag; `und` where it isn't known.
  public var language: String
  /// The verbatim, after redaction.
  public var text: String
  public var signals: [Open<Signal>]
  /// 0 (can wait) to 1 (now).
  public var urgency: Double
  /// -1 (bad) to 1 (good), from the words alone.
  public var sentiment: Double
  public var consent: Consent?
  public var redaction: Redaction
  /// What a front-line person did differently, when the channel is `adaptation`.
  public var adaptation: Adaptation?
  /// SHA-256 of the raw payload, which is kept apart, in hexadecimal.
  public var rawHash: String
  /// Counts from 1; a source may edit what it sent.
  public var revision: Int

  public init(
    id: ID<Feedback>,
    programme: ID<Programme>,
    source: String,
    sourceRecordID: String,
    submissionID: String? = nil,
    channel: Open<Channel>,
    occurredAt: Timestamp,
    receivedAt: Timestamp,
    customer: ID<Customer>? = nil,
    interactionID: ID<Interaction>? = nil,
    team: ID<Team>? = nil,
    employee: ID<Employee>? = nil,
    touchpoint: String? = nil,
    language: String,
    text: String,
    signals: [Open<Signal>],
    urgency: Double,
    sentiment: Double,
    consent: Consent? = nil,
    redaction: Redaction,
    adaptation: Adaptation? = nil,
    rawHash: String,
    revision: Int
  ) {
    self.id = id
    self.programme = programme
    self.source = source
    self.sourceRecordID = sourceRecordID
    self.submissionID = submissionID
    self.channel = channel
    self.occurredAt = occurredAt
    self.receivedAt = receivedAt
    self.customer = customer
    self.interactionID = interactionID
    self.team = team
    self.employee = employee
    self.touchpoint = touchpoint
    self.language = language
    self.text = text
    self.signals = signals
    self.urgency = urgency
    self.sentiment = sentiment
    self.consent = consent
    self.redaction = redaction
    self.adaptation = adaptation
    self.rawHash = rawHash
    self.revision = revision
  }
}

/// Where feedback comes from.
public enum Channel: String, Codable, Sendable, CaseIterable {
  case survey, complaint, call, chat, email, review, social, visit
  /// What a customer told a front-line person.
  case fieldNote
  /// "I did something different for this customer."
  case adaptation
  case other
}

/// What a piece of feedback is a sign of. It may be several at once, or none.
public enum Signal: String, Codable, Sendable, CaseIterable {
  case complaint, wish, workaround, praise, question, churnReason
}

/// What the customer agreed to.
public struct Consent: Codable, Hashable, Sendable {
  /// The legal basis, e.g. `consent`, `contract`, `legitimateInterest`.
  public var basis: String
  public var purpose: String
  public var expires: Timestamp?

  public init(basis: String, purpose: String, expires: Timestamp? = nil) {
    self.basis = basis
    self.purpose = purpose
    self.expires = expires
  }
}

/// What was taken out of the verbatim before anyone else saw it.
public struct Redaction: Codable, Hashable, Sendable {
  /// Names the rules and their version; `none` where nothing was looked for.
  public var method: String
  /// How many of each kind, e.g. `email`, `phoneNumber`, `cardNumber`.
  public var countsByKind: [String: Int]

  public init(method: String, countsByKind: [String: Int]) {
    self.method = method
    self.countsByKind = countsByKind
  }
}

/// "I did something different for this customer." Never held against anyone.
public struct Adaptation: Codable, Hashable, Sendable {
  public var standard: String
  public var didInstead: String
  public var outcome: String

  public init(standard: String, didInstead: String, outcome: String) {
    self.standard = standard
    self.didInstead = didInstead
    self.outcome = outcome
  }
}
