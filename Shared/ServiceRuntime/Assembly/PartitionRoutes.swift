import Contracts
import Messaging
import Synchronization

/// Which instance of a service owns which partition, as the instances say when they are asked. Asked once, and again
/// when an answer turns out to be old.
final class PartitionRoutes: Sendable {
  private let clients: [String: [CallClient]]
  private let maps = Mutex<[String: OwnerMap]>([:])

  init(_ clients: [String: [CallClient]]) {
    self.clients = clients
  }

  /// - Returns: the number of the owner's client.
  /// - Throws: UNAVAILABLE where the owner can't be found at the moment, FAILED_PRECONDITION where nobody owns the
  ///   partition, or two do.
  func owner(of partition: Partition, in service: ServiceProfile) async throws(Fault) -> Int {
    if let known = maps.withLock({ $0[service.name]?.owner(of: partition) }) { return known }
    let map = await ask(service)
    maps.withLock { $0[service.name] = map }
    if let owner = map.owner(of: partition) { return owner }
    throw map.absence(of: partition, in: service)
  }

  /// Forgets what a service's instances said.
  func forget(_ service: ServiceProfile) {
    maps.withLock { $0[service.name] = nil }
  }

  private func ask(_ service: ServiceProfile) async -> OwnerMap {
    var settings = CallSettings(timeout: .seconds(2))
    settings.retries = false
    let asking = settings
    return await withTaskGroup(of: (Int, [PartitionOwnership]?).self) { group in
      for (number, client) in (clients[service.name] ?? []).enumerated() {
        group.addTask {
          // One that doesn't answer is noted as silent; what it owns can't be reached then.
          (number, try? await client.call(OperationsAPI.status, StatusRequest(), asking).ownership ?? [])
        }
      }
      var map = OwnerMap()
      for await (number, ownership) in group { map.add(ownership, of: number) }
      return map
    }
  }
}
