import Contracts
import Messaging
package import ServiceRuntime

extension ServiceCalls {
  /// Calls whichever instance of a service answers for the programme that a request names.
  package init(over clients: ServiceClients) {
    self.init { service, method, message, settings, isCommand in
      if method == IngestionAPI.erase.name, clients.count(of: service) > 1 {
        return try await ServiceCalls.erase(message, settings, clients)
      }
      let json = try MessageCoding.encode(message)
      return try await clients.routed(
        to: service,
        about: { message.namedProgramme },
        anyWillDo: method == IngestionAPI.publish.name
      ) { routed in
        try await routed.client.call(method, json: json, routed.settings(settings), isCommand: isCommand)
      }
    } asking: { service, instance, settings in
      try await clients[service, instance: instance].call(OperationsAPI.status, StatusRequest(), settings)
    } count: { service in
      clients.count(of: service)
    }
  }

  /// Feedback may have come to any instance of Ingestion, and to several of them: each id is erased at all.
  private static func erase(
    _ message: JSONValue,
    _ settings: CallSettings,
    _ clients: ServiceClients
  ) async throws -> CallReply<[UInt8]> {
    let request = try MessageCoding.decode(EraseFeedback.self, from: MessageCoding.encode(message))
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
