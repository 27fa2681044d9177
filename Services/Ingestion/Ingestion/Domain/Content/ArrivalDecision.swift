package import Contracts

/// What is on record of a piece of feedback, as far as a new arrival is concerned.
package struct RecordedFeedback: Hashable, Sendable {
  package var programme: ID<Programme>
  package var revision: Int
  /// Where it was first recorded.
  package var position: UInt64
  package var isErased: Bool

  package init(programme: ID<Programme>, revision: Int, position: UInt64, isErased: Bool) {
    self.programme = programme
    self.revision = revision
    self.position = position
    self.isErased = isErased
  }
}

/// What an arrival changes, given what is on record under the same source and id.
package enum ArrivalDecision: Hashable, Sendable {
  case record
  case revise
  case duplicate(position: UInt64)
  case erase

  /// - Throws: `Fault` with reason `recordedElsewhere` or `feedbackErased`.
  package static func onFeedback(
    programme: ID<Programme>,
    revision: Int,
    recorded: RecordedFeedback?
  ) throws(Fault) -> ArrivalDecision {
    guard let recorded else { return .record }
    try requireSame(programme, recorded)
    guard revision > recorded.revision else { return .duplicate(position: recorded.position) }
    guard !recorded.isErased else {
      throw Fault(
        .failedPrecondition,
        reason: "feedbackErased",
        "This feedback was withdrawn or erased; a later revision can't bring it back. Send it under a new id.",
        field: "data.revision"
      )
    }
    return .revise
  }

  /// - Throws: `Fault` with reason `unknownFeedback` or `recordedElsewhere`.
  package static func onWithdrawal(
    _ withdrawal: FeedbackWithdrawal,
    recorded: RecordedFeedback?
  ) throws(Fault) -> ArrivalDecision {
    guard let recorded else {
      throw Fault(
        .notFound,
        reason: "unknownFeedback",
        "There is no feedback with id '\(withdrawal.sourceRecordID.prefix(100))' from this source.",
        field: "data.sourceRecordID"
      )
    }
    try requireSame(withdrawal.programme, recorded)
    return recorded.isErased ? .duplicate(position: recorded.position) : .erase
  }

  private static func requireSame(_ programme: ID<Programme>, _ recorded: RecordedFeedback) throws(Fault) {
    guard programme != recorded.programme else { return }
    throw Fault(
      .alreadyExists,
      reason: "recordedElsewhere",
      "This source and id are on record in another programme; an id names one event for ever.",
      field: "id"
    )
  }
}
