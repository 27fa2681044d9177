import Contracts
import Logging
import Messaging
import Records
import Storage

/// Taking a publisher's state, by a store that has nothing of it yet: put by, then applied, then gone on from.
extension EventApplier {
  func takeSnapshot(from source: SnapshotSource) async throws -> Records.Cursor {
    let upstream = Ownership.Upstream(stream: source.stream, instance: source.instance)
    if let cursor = try await finishSnapshot(of: upstream) { return cursor }
    logger.info("a publisher's state is being taken over", metadata: ["stream": "\(source.stream)/\(source.instance)"])
    try await store.write { transaction in
      try checkNew(upstream, transaction)
      try transaction.beginSnapshot(of: upstream)
    }
    // Of an attempt that was interrupted.
    while try await store.write({ try $0.dropStagedFrames(of: upstream) }) { try Task.checkCancellation() }
    let head = try await source.read { [store] frames in
      try await store.write { try $0.stage(frames, of: upstream) }
    }
    try await store.write { try $0.completeSnapshot(of: upstream, at: head) }
    return try await applyStaged(upstream, head)
  }

  /// Goes on with a state that has been put by in whole.
  /// - Returns: the cursor that it ends with; nil where there is none.
  func finishSnapshot(of upstream: Ownership.Upstream) async throws -> Records.Cursor? {
    let head = try await store.read { try StagedSnapshot.fetch(of: upstream, in: $0)?.head }
    guard let head else { return nil }
    return try await applyStaged(upstream, head)
  }

  /// A state can be applied over nothing only. Whoever has read before would double what he has, and keep what has been
  /// erased since.
  private func checkNew(_ upstream: Ownership.Upstream, _ transaction: Transaction) throws {
    let cursor = try transaction.cursor(of: upstream.stream, instance: upstream.instance)
    let hasFloors = !(transaction.ownership.floors[upstream] ?? [:]).isEmpty
    guard cursor != nil || hasFloors else { return }
    let held =
      cursor.map { "up to \($0.position)" } ?? "in part, by the instance that owned some of its partitions before"
    throw Fault(
      .outOfRange,
      reason: "stateHeld",
      """
      What \(upstream.stream)/\(upstream.instance) wrote has been applied here \(held): a snapshot is for a store that has \
      nothing of it.
      """
    )
  }

  /// One frame a transaction, until none is left.
  private func applyStaged(_ upstream: Ownership.Upstream, _ head: HeadVector) async throws -> Records.Cursor {
    var isDone = false
    while !isDone {
      try Task.checkCancellation()
      isDone = try await commit(upstream.instance) { try self.applyFrame(of: upstream, head, in: $0) }.cursor == head
    }
    applied.advance(head.identity, to: head.position)
    logger.info(
      "a publisher's state was taken over",
      metadata: ["stream": "\(upstream.stream)/\(upstream.instance)", "position": "\(head.position)"]
    )
    return head
  }

  /// - Returns: with the cursor at `head` after the last frame, at the beginning before.
  private func applyFrame(
    of upstream: Ownership.Upstream,
    _ head: HeadVector,
    in transaction: Transaction
  ) throws -> Outcome {
    var outcome = Outcome(cursor: Records.Cursor(startOf: head.identity))
    if let frame = try transaction.takeStagedFrame(of: upstream) {
      try consumer.willBegin(transaction, upstream.instance)
      try applyEach(of: head.identity, in: transaction, &outcome) { body throws(any Error) in
        try frame.withUnsafeRecords { (record) throws(any Error) in try body(record, head.position) }
      }
      guard try !transaction.hasStagedFrames(of: upstream) else { return outcome }
    }
    try transaction.endSnapshot(of: upstream, at: head)
    outcome.cursor = head
    return outcome
  }
}
