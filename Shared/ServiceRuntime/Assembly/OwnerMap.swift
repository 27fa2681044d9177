package import Contracts

/// What the instances of a service say of their partitions.
package struct OwnerMap: Sendable {
  private var claims: [Partition: (instance: Int, epoch: UInt64)] = [:]
  private var disputed: [Partition: [Int]] = [:]
  private var onTheWay = PartitionSet.none
  /// What somebody has given away, to whom, and under which epoch.
  private var given: [Partition: (from: Int, to: UInt16, epoch: UInt64)] = [:]
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
        case .known(.moved): give(partition, instance, claim)
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

  private mutating func give(_ partition: Partition, _ instance: Int, _ claim: PartitionOwnership) {
    guard let peer = claim.peer, claim.epoch > given[partition]?.epoch ?? 0 else { return }
    given[partition] = (instance, peer, claim.epoch)
  }

  package func owner(of partition: Partition) -> Int? {
    guard disputed[partition] == nil, let claim = claims[partition] else { return nil }
    // A store that was restored may claim what it gave away long ago.
    return claim.epoch >= given[partition]?.epoch ?? 0 ? claim.instance : nil
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
    if let (from, to, _) = given[partition], silent.isEmpty {
      // Instances are not asked all at the same moment: what one says may be from before the move, what the other says
      // from after it.
      return Fault(
        .unavailable,
        reason: "partitionMoving",
        """
        Instance \(from) of \(service.name) has given partition \(partition) to instance \(to), which didn't own it when \
        it was asked: ask again in a moment. Where that stays so, instance \(to) has another store than it had then.
        """
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
