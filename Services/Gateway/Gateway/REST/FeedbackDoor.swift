import Contracts
import Messaging
import ServiceRuntime

/// Feedback that comes in over REST goes through the same door as all other: as a CloudEvent to Ingestion.
struct FeedbackDoor: Sendable {
  let services: ServiceCalls
  let now: @Sendable () -> Timestamp

  /// - Throws: the reason for which Ingestion rejected it.
  func take(_ submission: FeedbackSubmission, _ call: RouteCall) async throws -> (IntakeResult, positions: [String]) {
    let data = try MessageCoding.decode(JSONValue.self, from: MessageCoding.encode(submission))
    let event: JSONValue = [
      "specversion": "1.0", "id": .string(call.requestID.rawValue), "source": "urn:groundswell:gateway",
      "type": .string(IntakeType.feedback.rawValue), "time": .string(now().description),
      "datacontenttype": "application/json", "data": data,
    ]
    let message: JSONValue = ["events": [event]]
    let reply = try await services.forward(
      message,
      to: IngestionAPI.publish.name,
      of: .ingestion,
      isCommand: true,
      call
    )
    let receipt = try MessageCoding.decode(PublishReceipt.self, from: reply.body)
    guard let result = receipt.results.first else {
      throw Fault(.internal, reason: "receiptMissing", "Ingestion answered without saying what became of the feedback.")
    }
    if let fault = result.fault { throw fault }
    return (result, reply.positions)
  }
}

/// What a customer told somebody at the front line. Ten seconds to write, never held against anyone.
struct FieldNote: Codable, Sendable {
  var programme: ID<Programme>
  var text: String
  var team: ID<Team>?
  var employee: ID<Employee>?
  /// The customer's reference; it is hashed at once.
  var customer: String?
  var touchpoint: String?
  var language: String?
  var occurredAt: Timestamp?

  var submission: FeedbackSubmission {
    FeedbackSubmission(
      programme: programme,
      channel: .known(.fieldNote),
      text: text,
      occurredAt: occurredAt,
      customer: customer,
      team: team,
      employee: employee,
      touchpoint: touchpoint,
      language: language
    )
  }
}

/// "I did something different for this customer."
struct AdaptationNote: Codable, Sendable {
  var programme: ID<Programme>
  /// How it is usually done.
  var standard: String
  var didInstead: String
  /// What came of it.
  var outcome: String
  var team: ID<Team>?
  var employee: ID<Employee>?
  var customer: String?
  var touchpoint: String?
  var language: String?
  var occurredAt: Timestamp?

  var submission: FeedbackSubmission {
    FeedbackSubmission(
      programme: programme,
      channel: .known(.adaptation),
      text: "\(didInstead) (usually: \(standard)) — \(outcome)",
      occurredAt: occurredAt,
      customer: customer,
      team: team,
      employee: employee,
      touchpoint: touchpoint,
      language: language,
      adaptation: Adaptation(standard: standard, didInstead: didInstead, outcome: outcome)
    )
  }
}
