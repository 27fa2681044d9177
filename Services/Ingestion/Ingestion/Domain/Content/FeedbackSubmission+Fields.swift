import Contracts

/// The most that one submission may hold.
package enum SubmissionLimits {
  /// The verbatim, and each part of an adaptation, in Unicode scalars.
  package static let text = 20_000
  /// References, touchpoints and the like, in Unicode scalars.
  package static let reference = 200
  package static let scores = 20
  package static let signals = 20
  package static let revision = 1_000_000
}

extension FeedbackSubmission {
  /// - Throws: `Fault`; `field` is the path within `data`.
  init(_ fields: FieldReader) throws(Fault) {
    self.init(
      programme: try fields.required("programme", fields.identifier("programme")),
      channel: try fields.word("channel"),
      text: try fields.text("text", limit: SubmissionLimits.text),
      submissionID: try fields.text("submissionID", limit: SubmissionLimits.reference),
      occurredAt: try fields.timestamp("occurredAt"),
      customer: try fields.text("customer", limit: SubmissionLimits.reference),
      interactionID: try fields.identifier("interactionID"),
      team: try fields.identifier("team"),
      employee: try fields.identifier("employee"),
      touchpoint: try fields.text("touchpoint", limit: SubmissionLimits.reference),
      language: try LanguageTag.read("language", from: fields),
      signals: try FeedbackSubmission.signals(fields),
      scores: try FeedbackSubmission.scores(fields),
      consent: try fields.object("consent", Consent.init(fields:)),
      adaptation: try fields.object("adaptation", Adaptation.init(fields:)),
      revision: try fields.integer("revision", in: 1...SubmissionLimits.revision)
    )
    guard text?.isEmpty == false || scores?.isEmpty == false || adaptation != nil else {
      throw Fault(
        .invalidArgument,
        reason: "nothingSaid",
        "There is neither a text nor a score in it: give one of 'text', 'scores' and 'adaptation'.",
        field: "text"
      )
    }
  }

  private static func signals(_ fields: FieldReader) throws(Fault) -> [Open<Signal>]? {
    guard let values = try fields.array("signals", atMost: SubmissionLimits.signals) else { return nil }
    var signals: [Open<Signal>] = []
    for (index, value) in values.enumerated() {
      let signal: Open<Signal> = try FieldReader.word(value, "signals[\(index)]")
      if !signals.contains(signal) { signals.append(signal) }
    }
    return signals
  }

  private static func scores(_ fields: FieldReader) throws(Fault) -> [Score]? {
    guard let values = try fields.array("scores", atMost: SubmissionLimits.scores) else { return nil }
    var scores: [Score] = []
    for (index, value) in values.enumerated() {
      do throws(Fault) {
        scores.append(try Score(fields: FieldReader(value)))
      } catch {
        throw error.within("scores[\(index)]")
      }
    }
    return scores
  }
}

extension Score {
  fileprivate init(fields: FieldReader) throws(Fault) {
    self.init(
      kind: try fields.required("kind", fields.word("kind")),
      value: try fields.required("value", fields.number("value")),
      minimum: try fields.required("minimum", fields.number("minimum")),
      maximum: try fields.required("maximum", fields.number("maximum"))
    )
    guard minimum < maximum else {
      throw Fault(
        .invalidArgument,
        reason: "emptyScale",
        "The scale from \(minimum) to \(maximum) has no room for a score.",
        field: "maximum"
      )
    }
    guard (minimum...maximum).contains(value) else {
      throw Fault(
        .invalidArgument,
        reason: "outOfScale",
        "\(value) is outside its scale of \(minimum) to \(maximum).",
        field: "value"
      )
    }
  }
}

extension Consent {
  fileprivate init(fields: FieldReader) throws(Fault) {
    self.init(
      basis: try fields.requiredText("basis", limit: SubmissionLimits.reference),
      purpose: try fields.requiredText("purpose", limit: SubmissionLimits.reference),
      expires: try fields.timestamp("expires")
    )
  }
}

extension Adaptation {
  fileprivate init(fields: FieldReader) throws(Fault) {
    self.init(
      standard: try fields.requiredText("standard", limit: SubmissionLimits.text),
      didInstead: try fields.requiredText("didInstead", limit: SubmissionLimits.text),
      outcome: try fields.requiredText("outcome", limit: SubmissionLimits.text)
    )
  }
}
