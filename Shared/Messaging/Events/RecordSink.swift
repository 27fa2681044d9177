package import Records

/// Where a subscription's records go: a store that commits what it makes of them together with the cursor.
package protocol RecordSink: Sendable {
  /// Applies a batch and commits its effects and `batch.end`, or neither.
  ///
  /// A batch may come a second time, when the outcome of its commit wasn't known. So the sink compares, in the same
  /// transaction, its cursor with `batch.start`; where they differ it changes nothing and returns the cursor it has.
  /// A record that can't be applied is for the sink to put aside, with its cursor advanced.
  ///
  /// - Throws: where nothing of the batch was applied. It is tried again until the sink takes it, except for a
  ///   `SubscriptionFailure`: a sink that throws one time after time can't be helped, and ends the subscription.
  /// - Returns: the cursor as it is committed; normally `batch.end`. Where it is another, the subscription goes on from
  ///   there.
  func apply(_ batch: RecordBatch) async throws -> Cursor
  /// Where one batch is made ready after the other: the thread that commits them, so that the next one needn't wait
  /// for two changes of threads. Nil for wherever the subscription's other steps are taken.
  var executor: (any TaskExecutor)? { get }
}

extension RecordSink {
  package var executor: (any TaskExecutor)? { nil }
}

/// A sink that can start from a publisher's state where its journal no longer reaches back far enough.
package protocol SnapshotSink: RecordSink {
  /// Makes of the publisher's state what would have been made of the history up to there. It may be cancelled, and
  /// is called again after whatever stopped it; what was made by then must not be made twice.
  /// - Returns: the cursor that was committed with it, at the end of a frame.
  /// - Throws: a `Fault`, OUT_OF_RANGE or UNIMPLEMENTED, where no snapshot will ever do; what passes else.
  func takeSnapshot(from source: SnapshotSource) async throws -> Cursor
}

/// Consecutive records of one stream, to be committed together.
package struct RecordBatch: Sendable {
  package let slices: [FrameSlice<RecordFrame>]
  /// Where the sink's cursor must be.
  package let start: Cursor
  /// What to commit with the records. Its sequences are complete if the subscription began at the beginning or with a
  /// cursor; for one that began at a chosen position they hold only the partitions seen since.
  package let end: Cursor
  package let recordCount: Int

  package init(slices: [FrameSlice<RecordFrame>], start: Cursor, end: Cursor) {
    self.slices = slices
    self.start = start
    self.end = end
    recordCount = slices.reduce(0) { $0 + $1.recordCount }
  }

  /// Hands over each record in turn, where it lies; nothing is copied.
  package func withUnsafeRecords<Failure: Error>(_ body: (RecordView) throws(Failure) -> Void) throws(Failure) {
    for slice in slices {
      let first = slice.firstPosition
      try slice.frame.withUnsafeRecords { (record) throws(Failure) in
        if record.position >= first { try body(record) }
      }
    }
  }
}
