package import Contracts
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

/// What the instances of a service say of their partitions.
package struct OwnerMap: Sendable {
  private var claims: [Partition: (instance: Int, epoch: UInt64)] = [:]
  private var disputed: [Partition: [Int]] = [:]
  private var onTheWay = PartitionSet.none
  private var silent: [Int] = []

  package init() {}

  /// - Parameter ownership: nil where the instance didn't answer.
  package mutating func add(_ ownership: [PartitionOwnership]?, of instance: Int) {
    guard let ownership else { return silent.append(instance) }
    for claim in ownership {
      for partition in claim.partitions.partitions {
        switch claim.state {
        case .known(.owned): take(partition, instance, claim.epoch)
        case .known(.leaving), .known(.arriving): onTheWay.insert(partition)
        default: break
        }
      }
    }
  }

  private mutating func take(_ partition: Partition, _ instance: Int, _ epoch: UInt64) {
    if let other = claims[partition] {
      if other.epoch > epoch { return }
      disputed[partition] = other.epoch == epoch ? (disputed[partition] ?? [other.instance]) + [instance] : nil
    }
    claims[partition] = (instance, epoch)
  }

  package func owner(of partition: Partition) -> Int? {
    disputed[partition] == nil ? claims[partition]?.instance : nil
  }

  /// Why there is no owner to call.
  package func absence(of partition: Partition, in service: ServiceProfile) -> Fault {
    if let instances = disputed[partition] {
      let names = instances.sorted().map(String.init).joined(separator: " and ")
      return Fault(
        .failedPrecondition,
        reason: "partitionOwnedTwice",
        """
        Instances \(names) of \(service.name) both say that they own partition \(partition): stop one of them, and start \
        it anew with a store and --partitions of its own.
        """
      )
    }
    if onTheWay.contains(partition) {
      return Fault(
        .unavailable,
        reason: "partitionMoving",
        "Partition \(partition) of \(service.name) is on its way from one instance to another: ask again in a moment."
      )
    }
    guard silent.isEmpty else {
      let names = silent.sorted().map(String.init).joined(separator: ", ")
      return Fault(
        .unavailable,
        reason: "ownerSilent",
        "No instance of \(service.name) that answers owns partition \(partition), and these don't answer: \(names)."
      )
    }
    return Fault(
      .failedPrecondition,
      reason: "partitionUnowned",
      "No instance of \(service.name) owns partition \(partition): start one with --partitions that holds it."
    )
  }
}
