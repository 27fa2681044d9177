import Contracts

extension FeedbackWithdrawal {
  init(_ fields: FieldReader) throws(Fault) {
    self.init(
      programme: try fields.required("programme", fields.identifier("programme")),
      sourceRecordID: try fields.requiredText("sourceRecordID", limit: CloudEvent.longestKey),
      reason: try fields.text("reason", limit: SubmissionLimits.reference)
    )
  }
}

extension Observation {
  /// - Parameter eventTime: what `occurredAt` is where the data doesn't say.
  init(_ fields: FieldReader, eventTime: Timestamp) throws(Fault) {
    let arm: Open<Arm> = try fields.required("arm", fields.word("arm"))
    guard arm.known != nil else {
      let known = Arm.allCases.map { "'\($0.rawValue)'" }.joined(separator: " and ")
      throw Fault(
        .invalidArgument,
        reason: "unknownArm",
        "There is no arm '\(arm.rawValue)'; there are \(known).",
        field: "arm"
      )
    }
    self.init(
      programme: try fields.required("programme", fields.identifier("programme")),
      experiment: try fields.required("experiment", fields.identifier("experiment")),
      arm: arm,
      metric: try fields.requiredText("metric", limit: SubmissionLimits.reference),
      unit: try fields.requiredText("unit", limit: SubmissionLimits.reference),
      happened: try fields.required("happened", fields.boolean("happened")),
      occurredAt: try fields.timestamp("occurredAt") ?? eventTime
    )
  }
}

extension InteractionCount {
  init(_ fields: FieldReader) throws(Fault) {
    self.init(
      programme: try fields.required("programme", fields.identifier("programme")),
      channel: try fields.required("channel", fields.word("channel")),
      team: try fields.identifier("team"),
      day: try fields.requiredText("day", limit: SubmissionLimits.reference),
      count: try fields.required("count", fields.integer("count", in: 0...1_000_000_000))
    )
    guard CalendarDay(day) != nil else {
      throw Fault(
        .invalidArgument,
        reason: "invalidDay",
        "'\(day.prefix(40))' is not a day such as 2026-11-22.",
        field: "day"
      )
    }
  }
}
