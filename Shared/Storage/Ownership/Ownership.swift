package import Contracts
package import GRDB
package import Records

/// What a store may write: the partitions that it owns, and from where on it takes others' records of them.
///
/// It is read from the store's tables when the store is opened and after a rollback, and changed only by its own
/// transactions; since nobody else can write the store, the copy on the writer's thread is what the tables say.
package struct Ownership: Hashable, Sendable {
  /// All there are, where the store isn't divided.
  package internal(set) var owned: PartitionSet
  /// By partition; empty where the store isn't divided.
  package internal(set) var entries: [Partition: Entry] = [:]
  /// Where records up to some position must be passed over, as whoever owned the partition before has applied them.
  package internal(set) var floors: [Upstream: [Partition: UInt64]] = [:]

  /// A store that isn't divided: everything is its own.
  package static let everything = Ownership(owned: .all)

  package struct Entry: Hashable, Sendable {
    package var state: PartitionState
    package var epoch: UInt64
    package var peer: UInt16?
  }

  package struct Upstream: Hashable, Sendable {
    package let stream: StreamName
    package let instance: UInt16

    package init(stream: StreamName, instance: UInt16) {
      self.stream = stream
      self.instance = instance
    }

    package init(_ identity: StreamIdentity) {
      self.init(stream: identity.stream, instance: identity.instance)
    }
  }

  package func owns(_ partition: Partition) -> Bool { owned.contains(partition) }

  /// Whether a record of an upstream is to be applied here.
  package func takes(_ partition: Partition, at position: UInt64, of identity: StreamIdentity) -> Bool {
    guard owns(partition) else { return false }
    if floors.isEmpty { return true }
    guard let floor = floors[Upstream(identity)]?[partition] else { return true }
    return position > floor
  }

  /// Partitions of the same state, epoch and peer together, by their first partition.
  package var summary: [PartitionOwnership] {
    let groups = Dictionary(grouping: entries.keys) { entries[$0] }
    return groups.compactMap { entry, partitions in
      entry.map { entry in
        PartitionOwnership(
          partitions: PartitionSet(partitions),
          state: .known(entry.state),
          epoch: entry.epoch,
          peer: entry.peer
        )
      }
    }.sorted { $0.partitions.bits.trailingZeroBitCount < $1.partitions.bits.trailingZeroBitCount }
  }

  /// - Throws: a `Fault`, unless the store owns the programme's partition. `partitionMoved` and `partitionElsewhere`
  ///   say that somebody else does, `partitionMoving` that nobody does at the moment.
  package func require(_ programme: ID<Programme>) throws(Fault) {
    let partition = Partition(of: programme)
    guard !owns(partition) else { return }
    throw refusal(of: partition, "Programme '\(programme)'")
  }

  private func refusal(of partition: Partition, _ subject: String) -> Fault {
    let entry = entries[partition]
    let place = "\(subject) is in partition \(partition)"
    switch entry?.state {
    case .leaving, .arriving, .rejected:
      let peer = entry?.peer.map { " between here and instance \($0)" } ?? ""
      return Fault(
        .unavailable,
        reason: "partitionMoving",
        "\(place), which is on its way\(peer): ask again in a moment."
      )
    case .moved:
      let peer = entry?.peer.map { "instance \($0)" } ?? "another instance"
      return Fault(.failedPrecondition, reason: "partitionMoved", "\(place), which \(peer) of this service owns now.")
    case .owned, nil:
      return Fault(
        .failedPrecondition,
        reason: "partitionElsewhere",
        "\(place), which this instance has never owned: ask another one of this service."
      )
    }
  }
}

extension Ownership {
  /// What the store's tables say.
  package init(reading database: Database) throws {
    owned = .none
    for row in try Row.fetchAll(database, sql: "SELECT partition, epoch, state, peer FROM ownership") {
      guard let partition = Partition(row["partition"]), let state = PartitionState(rawValue: row["state"]) else {
        throw StoreError(.damaged, "the table of owned partitions can't be read: restore the latest backup")
      }
      entries[partition] = Entry(state: state, epoch: UInt64(row["epoch"] as Int64), peer: row["peer"])
      if state == .owned { owned.insert(partition) }
    }
    for row in try Row.fetchAll(database, sql: "SELECT stream, instance, partition, position FROM floors") {
      guard let partition = Partition(row["partition"]), let stream = StreamName(row["stream"] as String) else {
        throw StoreError(.damaged, "the table of floors can't be read: restore the latest backup")
      }
      let upstream = Upstream(stream: stream, instance: row["instance"])
      floors[upstream, default: [:]][partition] = UInt64(row["position"] as Int64)
    }
  }
}
