import Contracts
import Records
import Storage
import Testing

/// What the owners of a partition have read of what others write, over a change of owner.
extension OwnershipTests {
  @Test(arguments: [(5, 3), (3, 5), (4, 4), (0, 4), (4, 0)] as [(UInt64, UInt64)])
  func eachRecordIsTakenByOneOwner(_ positions: (UInt64, UInt64)) async throws {
    let (sourcePosition, targetPosition) = positions
    let upstream = StreamIdentity(stream: .ranking, instance: 2, epoch: 7)
    @Sendable func cursor(at position: UInt64) -> Records.Cursor {
      var cursor = Records.Cursor(startOf: upstream)
      cursor.position = position
      return cursor
    }
    try await withInstances { source, target in
      // The target owns another partition already.
      let other = try #require(Partition((Self.partition.rawValue + 1) % 64))
      let first = try await release(other, from: source)
      try await deliverAll(first, from: source, to: target)
      #expect(try await adopt(first, in: target))

      try await source.write { if sourcePosition > 0 { try $0.setCursor(cursor(at: sourcePosition)) } }
      try await target.write { if targetPosition > 0 { try $0.setCursor(cursor(at: targetPosition)) } }
      let released = try await release(Self.partition, from: source)
      try await deliverAll(released, from: source, to: target)
      #expect(try await adopt(released, in: target))

      let now = try await target.write { try $0.cursor(of: .ranking, instance: 2)?.position ?? 0 }
      #expect(now == min(sourcePosition, targetPosition))
      for position in now + 1...8 {
        let ownership = target.ownership
        #expect(ownership.takes(Self.partition, at: position, of: upstream) == (position > sourcePosition))
        #expect(ownership.takes(other, at: position, of: upstream) == (position > targetPosition))
      }
      try await target.write { try $0.dropFloors(behind: cursor(at: 8)) }
      #expect(target.ownership.floors.isEmpty)
    }
  }

  /// An owner that has to read an upstream from its beginning once more, for a partition that has just come, still knows
  /// what it has applied of the others; and so does whoever gets one of these from it.
  @Test func whatWasAppliedIsKnownThoughItsCursorIsGone() async throws {
    let upstream = StreamIdentity(stream: .ranking, instance: 2, epoch: 7)
    var cursor = Records.Cursor(startOf: upstream)
    cursor.position = 5
    let read = cursor
    try await withInstances { source, target in
      let other = try #require(Partition((Self.partition.rawValue + 1) % 64))
      let first = try await release(other, from: source)
      try await deliverAll(first, from: source, to: target)
      #expect(try await adopt(first, in: target))
      try await source.write { try $0.complete(other, epoch: 2, Self.partitioning(.none)) }
      try await source.write { try $0.setCursor(read) }
      // The other comes back from somebody who has read nothing.
      let back = try await target.write { try $0.release(other, to: 0, epoch: 3, Self.partitioning(.none)) }
      try await deliverAll(back, from: target, to: source)
      #expect(try await adopt(back, in: source))
      #expect(try await source.write { try $0.cursor(of: .ranking, instance: 2) } == nil)

      let released = try await release(Self.partition, from: source)
      try await deliverAll(released, from: source, to: target)
      #expect(try await adopt(released, in: target))
      for position in UInt64(1)...8 {
        #expect(target.ownership.takes(Self.partition, at: position, of: upstream) == (position > 5), "\(position)")
        #expect(source.ownership.takes(other, at: position, of: upstream))
      }
    }
  }

  /// While a partition is on its way, what its next owner has yet to read of it must not be dropped anywhere, though
  /// both instances have read further for all others.
  @Test func whatAMoveHasYetToReadIsStillNeeded() async throws {
    let upstream = StreamIdentity(stream: .ranking, instance: 2, epoch: 7)
    @Sendable func cursor(at position: UInt64) -> Records.Cursor {
      var cursor = Records.Cursor(startOf: upstream)
      cursor.position = position
      return cursor
    }
    func needed(by store: Store) async throws -> UInt64 {
      try await store.read { database in
        let own = try Records.Cursor.fetchAll(database).first { $0.identity == upstream }
        return try UnsettledReading(reading: database).earliest(own, of: .init(upstream))?.position ?? 0
      }
    }
    try await withInstances { source, target in
      try await source.write { try $0.setCursor(cursor(at: 5)) }
      let released = try await release(Self.partition, from: source)
      for store in [source, target] { try await store.write { try $0.setCursor(cursor(at: 9)) } }
      #expect(try await needed(by: source) == 5)
      #expect(try await needed(by: target) == 9)
      try await deliverAll(released, from: source, to: target)
      #expect(try await needed(by: target) == 5)
      #expect(try await adopt(released, in: target))
      #expect(try await needed(by: target) == 5)
      try await source.write { try $0.complete(Self.partition, epoch: 2, Self.partitioning(.none)) }
      #expect(try await needed(by: source) == 9)
      // Another partition leaves before anything was read of another stream; nothing of that may go.
      let other = try #require(Partition((Self.partition.rawValue + 1) % 64))
      let unread = Ownership.Upstream(stream: .goalSetting, instance: 0)
      _ = try await release(other, from: source)
      var late = Records.Cursor(startOf: StreamIdentity(stream: .goalSetting, instance: 0, epoch: 7))
      late.position = 3
      let reached = late
      #expect(try await source.read { try UnsettledReading(reading: $0).earliest(reached, of: unread) } == nil)
    }
  }
}
