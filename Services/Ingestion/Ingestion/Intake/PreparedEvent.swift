package import Contracts

/// An event with all work done that doesn't need the store: what is left is to see whether it is new, and to write.
package enum PreparedEvent: Sendable {
  case feedback(PreparedFeedback)
  case withdrawal(PreparedWithdrawal)
  case observation(PreparedObservation)
  case interactions(PreparedInteractions)
}

package struct PreparedFeedback: Sendable {
  package var id: ID<Feedback>
  package var programme: ID<Programme>
  package var team: ID<Team>?
  package var channel: String
  package var revision: Int
  package var receivedAt: Timestamp
  /// The day on which it happened, and the day on which it came, in the programme's time zone.
  package var occurredOn: CalendarDay
  package var receivedOn: CalendarDay
  /// What stands for the interaction in counts; nil where none was named.
  package var interaction: String?
  /// The body of `feedback.recorded` and of `feedback.revised`, which are of one shape.
  package var body: [UInt8]
  /// Bodies of `score.observed`.
  package var scores: [[UInt8]]
  /// The event as it came, but for the customer's reference.
  package var raw: [UInt8]
  package var trace: TraceContext?
}

package struct PreparedWithdrawal: Sendable {
  package var target: ID<Feedback>
  package var withdrawal: FeedbackWithdrawal
  package var trace: TraceContext?
}

package struct PreparedObservation: Sendable {
  package var event: ObservationRecorded
  package var body: [UInt8]
  package var trace: TraceContext?
}

package struct PreparedInteractions: Sendable {
  /// Of the CloudEvent.
  package var id: ID<InteractionsCounted>
  package var source: String
  package var event: InteractionsCounted
  package var day: CalendarDay
  package var body: [UInt8]
  package var trace: TraceContext?
}
