import Contracts
import Records
import ServiceRuntime
import Testing

/// Who is taken for a partition's owner, by what the instances of a service say when they are asked.
@Suite struct OwnerMapTests {
  private let partition = Partition(of: "acme")

  private func claim(_ state: PartitionState, _ epoch: UInt64, peer: UInt16? = nil) -> [PartitionOwnership] {
    [PartitionOwnership(partitions: PartitionSet([partition]), state: .known(state), epoch: epoch, peer: peer)]
  }

  private func map(_ claims: [PartitionOwnership]?...) -> OwnerMap {
    var map = OwnerMap()
    for (instance, claims) in claims.enumerated() { map.add(claims, of: instance) }
    return map
  }

  private func absence(in map: OwnerMap) -> Fault? {
    map.owner(of: partition) == nil ? map.absence(of: partition, in: .ranking) : nil
  }

  @Test func theHigherEpochIsBelieved() {
    #expect(map(claim(.owned, 1), claim(.owned, 2)).owner(of: partition) == 1)
    #expect(map(claim(.owned, 3), claim(.owned, 2)).owner(of: partition) == 0)
    #expect(map(claim(.moved, 2, peer: 1), claim(.owned, 2)).owner(of: partition) == 1)
    #expect(absence(in: map(claim(.owned, 2), claim(.owned, 2)))?.reason == "partitionOwnedTwice")
  }

  @Test(
    arguments: [
      ([.leaving], []), ([.leaving], [.arriving]), ([.leaving], [.rejected]),
      // One answered before the move, the other after it, in both directions.
      ([.moved], []), ([.moved], [.moved]), ([.moved], [.rejected]), ([], [.moved]),
    ] as [([PartitionState], [PartitionState])]
  )
  func whatIsOnItsWayIsAskedForAgain(_ states: ([PartitionState], [PartitionState])) {
    let (first, second) = states
    let map = map(first.flatMap { claim($0, 2, peer: 1) }, second.flatMap { claim($0, 2, peer: 0) })
    #expect(absence(in: map)?.code == .unavailable)
    #expect(absence(in: map)?.reason == "partitionMoving")
  }

  @Test func whoIsSilentMayBeTheOwner() {
    #expect(absence(in: map([], nil))?.reason == "ownerSilent")
    #expect(absence(in: map(claim(.moved, 2, peer: 1), nil))?.reason == "ownerSilent")
  }

  @Test func aStoreThatWasRestoredIsNotBelievedWhereAnotherKnowsBetter() {
    let map = map(nil, claim(.owned, 2), claim(.moved, 4, peer: 0))
    #expect(absence(in: map)?.reason == "ownerSilent")
  }

  @Test func whatNobodyHasEverOwnedIsNotWaitedFor() {
    #expect(absence(in: map([], []))?.code == .failedPrecondition)
    #expect(absence(in: map([], []))?.reason == "partitionUnowned")
  }
}
