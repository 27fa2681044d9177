import Contracts
import Messaging
package import ServiceRuntime

/// One instance of a service.
package struct ServiceMember: Hashable, Sendable {
  package let service: ServiceProfile
  package let instance: Int

  package init(service: ServiceProfile, instance: Int) {
    self.service = service
    self.instance = instance
  }

  /// As its store is called: the service's name, and the number of every instance but the first.
  package var name: String { instance == 0 ? service.name : "\(service.name)-\(instance)" }
}

extension Connection {
  /// Every instance that is known here of some services.
  func members(of services: [ServiceProfile] = ServiceProfile.all) -> [ServiceMember] {
    services.flatMap { service in
      (0..<count(of: service)).map { ServiceMember(service: service, instance: $0) }
    }
  }

  func client(of member: ServiceMember) throws(Fault) -> CallClient {
    try client(of: member.service, instance: member.instance)
  }
}
