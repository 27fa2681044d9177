import Contracts
import ServiceRuntime

/// Everything that can be asked over HTTP, in one list.
package enum RouteTable {
  static let programme = "/programmes/{programme}"

  /// - Throws: what keeps a message's type from being described.
  package static func routes(_ services: ServiceCalls, _ own: OwnRoutes) throws -> [Route] {
    try own.directory() + feedback(services, own) + opportunities(services) + standings(services)
      + cases(services) + outerLoop(services) + ideas(services) + experiments(services) + graves(services)
      + spreading(services) + goals(services) + own.operations()
  }
}
