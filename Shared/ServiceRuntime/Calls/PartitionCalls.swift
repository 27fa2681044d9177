import Contracts
import Records
import Storage

/// The steps by which partitions move from one instance of a service to another.
///
/// They are done outside the table of request ids: each of them has the same outcome whenever it is repeated.
struct PartitionCalls: Sendable {
  let instance: UInt16
  let store: Store
  let partitioning: Partitioning
  let didAdopt: @Sendable (ID<Programme>, Transaction) throws -> Void
  let upstreams: UpstreamBoard
  let applied: AppliedPositions

  func add(to calls: inout CallTable) {
    calls.commandOutsideTransaction(OperationsAPI.releasePartitions) { request, _ in try await release(request) }
    calls.query(OperationsAPI.parcel) { request, _ in try await store.parcelPage(request, partitioning) }
    calls.commandOutsideTransaction(OperationsAPI.deliverParcel) { request, _ in
      try await store.write { [partitioning] in try $0.deliver(request.page, from: request.from, partitioning) }
    }
    calls.commandOutsideTransaction(OperationsAPI.adoptPartition) { step, _ in try await adopt(step) }
    calls.commandOutsideTransaction(OperationsAPI.completeMove) { step, _ in
      let partition = try Transaction.partition(step.partition)
      try await store.write { [partitioning] in try $0.complete(partition, epoch: step.epoch, partitioning) }
      return try ownership(of: partition)
    }
    calls.commandOutsideTransaction(OperationsAPI.rejectParcel) { step, _ in
      let partition = try Transaction.partition(step.partition)
      try await store.write { [partitioning] in
        try $0.reject(partition, epoch: step.epoch, peer: step.peer, partitioning)
      }
      return try ownership(of: partition)
    }
    calls.commandOutsideTransaction(OperationsAPI.reclaimPartition) { step, _ in try await reclaim(step) }
  }

  /// One transaction for each partition, so that nobody's commit waits for all of them.
  private func release(_ request: ReleasePartitions) async throws -> ReleaseReceipt {
    guard request.to != instance else {
      throw Fault(
        .invalidArgument,
        reason: "sameInstance",
        "Instance \(instance) can't release partitions to itself.",
        field: "to"
      )
    }
    guard !request.partitions.isEmpty else {
      throw Fault(.invalidArgument, reason: "noPartitions", "Name at least one partition.", field: "partitions")
    }
    var released: [ReleasedPartition] = []
    for partition in request.partitions.partitions {
      released.append(
        try await store.write { [partitioning] in
          try $0.release(partition, to: request.to, epoch: request.epoch, partitioning)
        }
      )
    }
    return ReleaseReceipt(released: released)
  }

  private func adopt(_ step: PartitionStep) async throws -> PartitionOwnership {
    let partition = try Transaction.partition(step.partition)
    let isNew = try await store.write { [partitioning, didAdopt, upstreams] transaction in
      let fence = try transaction.adopt(
        partition,
        epoch: step.epoch,
        partitioning,
        everyones: EventConsumer.everyones,
        follows: upstreams.follows
      )
      guard let fence else { return false }
      for programme in try transaction.programmes(of: partition, partitioning).sorted() {
        // Before anything else that is written of it here.
        try announce(programme, epoch: step.epoch, after: fence, transaction)
        try didAdopt(programme, transaction)
      }
      return true
    }
    if isNew { try await readAgain() }
    return try ownership(of: partition)
  }

  /// Tells those who follow what they have to apply first.
  private func announce(
    _ programme: ID<Programme>,
    epoch: UInt64,
    after fence: [String],
    _ transaction: Transaction
  ) throws {
    for text in fence {
      guard let end = StreamPosition(text) else { continue }
      try transaction.appendRaw(
        to: end.identity.stream,
        type: ProgrammeAdopted.type,
        programme: programme,
        key: programme.rawValue,
        schemaVersion: ProgrammeAdopted.schemaVersion,
        body: try MessageCoding.encode(ProgrammeAdopted(programme: programme, epoch: epoch, after: text))
      )
    }
  }

  private func reclaim(_ step: PartitionStep) async throws -> PartitionOwnership {
    let partition = try Transaction.partition(step.partition)
    let isNew = try await store.write { [partitioning, didAdopt] transaction in
      let isNew = try transaction.reclaim(
        partition,
        epoch: step.epoch,
        partitioning,
        everyones: EventConsumer.everyones
      )
      guard isNew else { return false }
      for programme in try transaction.programmes(of: partition, partitioning) { try didAdopt(programme, transaction) }
      return true
    }
    if isNew { try await readAgain() }
    return try ownership(of: partition)
  }

  /// Cursors may have gone back, so subscriptions begin anew from them.
  private func readAgain() async throws {
    for cursor in try await store.read({ try Records.Cursor.fetchAll($0) }) {
      applied.rewind(cursor.identity, to: cursor.position)
    }
    upstreams.checkCursors()
  }

  private func ownership(of partition: Partition) throws(Fault) -> PartitionOwnership {
    guard let found = store.ownership.summary.first(where: { $0.partitions.contains(partition) }) else {
      throw Fault(.internal, reason: "ownershipUnknown", "Nothing is known of partition \(partition) here.")
    }
    return PartitionOwnership(
      partitions: PartitionSet([partition]),
      state: found.state,
      epoch: found.epoch,
      peer: found.peer
    )
  }
}
