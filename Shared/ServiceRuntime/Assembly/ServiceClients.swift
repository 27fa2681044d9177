import Contracts
package import Messaging

/// The other services, for calls. A client may be used before its service is there: calls wait or fail as their
/// settings say.
package struct ServiceClients: Sendable {
  private let clients: [String: [CallClient]]
  let routes: PartitionRoutes

  /// - Parameter clients: by service, instance 0 first.
  package init(_ clients: [String: [CallClient]]) {
    self.clients = clients
    routes = PartitionRoutes(clients)
  }

  /// How many instances of a service are configured here.
  package func count(of service: ServiceProfile) -> Int { clients[service.name]?.count ?? 0 }

  /// - Throws: UNAVAILABLE where no such service is configured.
  package subscript(service: ServiceProfile) -> CallClient {
    get throws(Fault) { try self[service, instance: 0] }
  }

  /// - Throws: UNAVAILABLE where no such instance is configured.
  package subscript(service: ServiceProfile, instance instance: Int) -> CallClient {
    get throws(Fault) {
      guard let instances = clients[service.name], instances.indices.contains(instance) else {
        throw Fault(
          .unavailable,
          reason: "unknownInstance",
          "Instance \(instance) of \(service.name) is not configured here; see --upstream and --peer."
        )
      }
      return instances[instance]
    }
  }

  /// Every client, to be run.
  package var named: [(name: String, client: CallClient)] {
    clients.sorted { $0.key < $1.key }.flatMap { name, instances in instances.map { (name, $0) } }
  }
}
