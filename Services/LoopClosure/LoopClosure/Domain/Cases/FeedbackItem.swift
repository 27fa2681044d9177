package import Contracts

/// What the loops keep of a customer's words: enough to call back and to find the cause, and no more.
package struct FeedbackItem: Hashable, Sendable, Codable {
  package var id: ID<Feedback>
  package var programme: ID<Programme>
  package var text: String
  package var team: ID<Team>?
  package var customer: ID<Customer>?
  package var occurredAt: Timestamp
  package var channel: Open<Channel>
  package var signals: [Open<Signal>]
  package var urgency: Double
  /// Counted from 1; nil for what was kept before revisions were.
  package var revision: Int?

  package init(_ feedback: Feedback) {
    id = feedback.id
    programme = feedback.programme
    text = feedback.text
    team = feedback.team
    customer = feedback.customer
    occurredAt = feedback.occurredAt
    channel = feedback.channel
    signals = feedback.signals
    urgency = feedback.urgency
    revision = feedback.revision
  }

  package init(
    id: ID<Feedback>,
    programme: ID<Programme>,
    text: String,
    team: ID<Team>?,
    customer: ID<Customer>?,
    occurredAt: Timestamp,
    channel: Open<Channel>,
    signals: [Open<Signal>],
    urgency: Double,
    revision: Int? = nil
  ) {
    self.id = id
    self.programme = programme
    self.text = text
    self.team = team
    self.customer = customer
    self.occurredAt = occurredAt
    self.channel = channel
    self.signals = signals
    self.urgency = urgency
    self.revision = revision
  }

  package var quote: Quote {
    Quote(feedback: id, text: text, channel: channel, team: team, occurredAt: occurredAt)
  }
}
