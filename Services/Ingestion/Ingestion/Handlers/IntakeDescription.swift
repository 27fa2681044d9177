import Contracts
import Hummingbird

/// What the intake takes, for whoever asks it: batches may be sent because they are advertised here
/// (http-protocol-binding.md, 3.3).
struct IntakeDescription: Encodable {
  private var specversion = CloudEvent.specVersion
  private var contentTypes = [ContentForm.structuredType, ContentForm.batchType, "application/json"]
  private var maximumBodyBytes: Int
  private var maximumBatchEvents: Int
  private var maximumNesting = JSONReader.deepestNesting
  private var maximumTextCharacters = SubmissionLimits.text
  private var eventTypes = IntakeType.allCases.map(EventTypeDescription.init)

  private struct EventTypeDescription: Encodable {
    var type: String
    var data: String
    var required: [String]

    init(_ type: IntakeType) {
      self.type = type.rawValue
      switch type {
      case .feedback:
        data = "A customer's words, a score, or both; or what the front line did differently."
        required = ["programme", "text or scores or adaptation"]
      case .withdrawal:
        data = "Takes back feedback that the same source sent before."
        required = ["programme", "sourceRecordID"]
      case .observation:
        data = "One outcome of one unit in an experiment."
        required = ["programme", "experiment", "arm", "metric", "unit", "happened"]
      case .interactions:
        data = "How many contacts a channel had on a day."
        required = ["programme", "channel", "day", "count"]
      }
    }
  }

  init(_ limits: IntakeLimits) {
    maximumBodyBytes = limits.bodyBytes
    maximumBatchEvents = limits.batchEvents
  }

  var response: Response {
    get throws { try Response(json: self, status: .ok) }
  }
}
