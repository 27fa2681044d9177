package import Contracts

/// What an accepted CloudEvent says, by its type.
package enum IntakeContent: Hashable, Sendable {
  case feedback(FeedbackSubmission)
  case withdrawal(FeedbackWithdrawal)
  case observation(Observation)
  case interactions(InteractionCount)

  package var programme: ID<Programme> {
    switch self {
    case .feedback(let submission): submission.programme
    case .withdrawal(let withdrawal): withdrawal.programme
    case .observation(let observation): observation.programme
    case .interactions(let count): count.programme
    }
  }

  package var team: ID<Team>? {
    switch self {
    case .feedback(let submission): submission.team
    case .interactions(let count): count.team
    case .withdrawal, .observation: nil
    }
  }
}

extension IntakeContent {
  /// Reads the payload of an event.
  /// - Parameter receivedAt: the present, against which the event's times are held.
  /// - Throws: `Fault` with reason `unknownEventType` that names the known types, or with what was wrong in `data`.
  package init(of event: CloudEvent, receivedAt: Timestamp) throws(Fault) {
    guard let type = IntakeType(rawValue: event.type) else {
      let known = IntakeType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw Fault(
        .invalidArgument,
        reason: "unknownEventType",
        "Events of type '\(event.type.prefix(100))' aren't taken here; these are: \(known).",
        field: "type"
      )
    }
    let data = try event.jsonData()
    do throws(Fault) {
      let fields = try FieldReader(data)
      switch type {
      case .feedback: self = .feedback(try FeedbackSubmission(fields))
      case .withdrawal: self = .withdrawal(try FeedbackWithdrawal(fields))
      case .observation: self = .observation(try Observation(fields, eventTime: event.time ?? receivedAt))
      case .interactions: self = .interactions(try InteractionCount(fields))
      }
    } catch {
      throw error.within("data")
    }
    try requirePast(event, receivedAt: receivedAt)
  }

  /// How far ahead of ours another system's clock may be.
  package static let clockTolerance = Duration.days(1)

  private func requirePast(_ event: CloudEvent, receivedAt: Timestamp) throws(Fault) {
    let (occurredAt, field): (Timestamp?, String) =
      switch self {
      case .feedback(let submission):
        submission.occurredAt.map { ($0, "data.occurredAt") } ?? (event.time, "time")
      case .observation(let observation): (observation.occurredAt, "data.occurredAt")
      case .withdrawal, .interactions: (nil, "time")
      }
    guard let occurredAt, occurredAt > receivedAt + IntakeContent.clockTolerance else { return }
    throw Fault(
      .invalidArgument,
      reason: "occursInFuture",
      "\(occurredAt) is more than a day ahead of this service's clock (\(receivedAt)).",
      field: field
    )
  }
}
