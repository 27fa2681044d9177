import Contracts
import Messaging
package import ServiceRuntime

extension ServiceCalls {
  /// Calls whichever instance of a service answers for the programme that a request names.
  package init(over clients: ServiceClients) {
    self.init { service, method, json, settings, isCommand in
      if method == IngestionAPI.erase.name, clients.count(of: service) > 1 {
        return try await ServiceCalls.erase(json, settings, clients)
      }
      return try await clients.routed(
        to: service,
        about: { (try? MessageCoding.decode(JSONValue.self, from: json))?.namedProgramme },
        anyWillDo: method == IngestionAPI.publish.name
      ) { routed in
        try await routed.client.call(method, json: json, routed.settings(settings), isCommand: isCommand)
      }
    }
  }

  /// Feedback may have come to any instance of Ingestion, and to several of them: each id is erased at all.
  private static func erase(
    _ json: [UInt8],
    _ settings: CallSettings,
    _ clients: ServiceClients
  ) async throws -> CallReply<[UInt8]> {
    let request = try MessageCoding.decode(EraseFeedback.self, from: json)
    var receipt = EraseReceipt(erased: 0)
    var positions: [String] = []
    for (number, id) in request.ids.enumerated() {
      var one = request
      one.ids = [id]
      let erasure = one
      let replies = try await clients.everywhere(at: .ingestion, passing: { $0.reason == "unknownFeedback" }) {
        routed in
        var settings = routed.settings(settings)
        settings.requestID = settings.requestID.map { ID("\($0)-\(number)") }
        return try await routed.client.reply(to: IngestionAPI.erase, erasure, settings)
      }
      receipt.erased += replies.map(\.output.erased).max() ?? 0
      positions += replies.flatMap(\.positions)
    }
    return CallReply(try MessageCoding.encode(receipt), positions: positions)
  }
}
