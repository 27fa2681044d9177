package import Contracts

/// What the canonical record needs beside the submission itself.
package struct CanonicalContext: Sendable {
  /// From source and id.
  package var id: ID<Feedback>
  package var source: String
  package var sourceRecordID: String
  /// The CloudEvent's `time`.
  package var eventTime: Timestamp?
  package var receivedAt: Timestamp
  /// The keyed hash of the submission's customer reference.
  package var customer: ID<Customer>?
  /// SHA-256 of the raw payload, in hexadecimal.
  package var rawHash: String
  /// The language of texts that don't say.
  package var defaultLanguage: String

  package init(
    id: ID<Feedback>,
    source: String,
    sourceRecordID: String,
    eventTime: Timestamp?,
    receivedAt: Timestamp,
    customer: ID<Customer>?,
    rawHash: String,
    defaultLanguage: String
  ) {
    self.id = id
    self.source = source
    self.sourceRecordID = sourceRecordID
    self.eventTime = eventTime
    self.receivedAt = receivedAt
    self.customer = customer
    self.rawHash = rawHash
    self.defaultLanguage = defaultLanguage
  }
}

extension Feedback {
  /// Makes the canonical record: redacts the words, reads signals, urgency and sentiment off them.
  package init(_ submission: FeedbackSubmission, _ context: CanonicalContext) {
    var counts: [String: Int] = [:]
    func redacted(_ text: String) -> String {
      let (text, found) = Redactor.redacted(text)
      counts.merge(found, uniquingKeysWith: +)
      return text
    }
    let adaptation = submission.adaptation.map {
      Adaptation(
        standard: redacted($0.standard),
        didInstead: redacted($0.didInstead),
        outcome: redacted($0.outcome)
      )
    }
    let given = redacted(submission.text ?? "")
    // An adaptation without further words still has something to say to whoever groups feedback into opportunities.
    let text = given.isEmpty ? adaptation.map { "\($0.didInstead)\n\($0.standard)\n\($0.outcome)" } ?? "" : given
    let language = submission.language ?? context.defaultLanguage
    let reading = Reading(text, language: language)
    let channel = submission.channel ?? .known(submission.adaptation == nil ? .other : .adaptation)
    self.init(
      id: context.id,
      programme: submission.programme,
      source: context.source,
      sourceRecordID: context.sourceRecordID,
      submissionID: submission.submissionID,
      channel: channel,
      occurredAt: submission.occurredAt ?? context.eventTime ?? context.receivedAt,
      receivedAt: context.receivedAt,
      customer: context.customer,
      interactionID: submission.interactionID,
      team: submission.team,
      employee: submission.employee,
      touchpoint: submission.touchpoint,
      language: language,
      text: text,
      signals: Feedback.signals(given: submission.signals ?? [], read: reading, in: channel),
      urgency: reading.urgency,
      sentiment: reading.sentiment,
      consent: submission.consent,
      redaction: Redaction(method: Redactor.method, countsByKind: counts),
      adaptation: adaptation,
      rawHash: context.rawHash,
      revision: submission.revision ?? 1
    )
  }

  /// What the source says first, then what its channel and its words add, each once.
  private static func signals(given: [Open<Signal>], read: Reading, in channel: Open<Channel>) -> [Open<Signal>] {
    var signals = given
    var implied = read.signals
    if channel == .complaint { implied.append(.complaint) }
    if channel == .adaptation { implied.append(.workaround) }
    for signal in implied.map(Open.known) where !signals.contains(signal) { signals.append(signal) }
    return signals
  }
}

extension FeedbackSubmission {
  /// The scores as facts of their own: they travel apart from the words.
  package func scores(of feedback: Feedback) -> [ScoreObserved] {
    (scores ?? []).map {
      ScoreObserved(
        feedback: feedback.id,
        programme: feedback.programme,
        team: feedback.team,
        touchpoint: feedback.touchpoint,
        channel: feedback.channel,
        occurredAt: feedback.occurredAt,
        score: $0
      )
    }
  }
}
