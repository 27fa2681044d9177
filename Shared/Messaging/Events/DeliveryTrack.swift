package import Records

/// Follows the sink's cursor from batch to batch: makes batches of what was delivered, and says what their commits
/// mean to the machine.
package struct DeliveryTrack: Sendable {
  /// nil until the first frame tells whose history it is.
  private var cursor: Cursor?
  private let chosenPosition: UInt64
  /// Whether every sequence is known, so that the next of each partition can be checked.
  private let isComplete: Bool

  package init(_ start: SubscriptionStart) {
    switch start {
    case .beginning: (cursor, chosenPosition, isComplete) = (nil, 0, true)
    case .cursor(let cursor): (self.cursor, chosenPosition, isComplete) = (cursor, 0, true)
    case .after(let position): (cursor, chosenPosition, isComplete) = (nil, position, position == 0)
    }
  }

  /// - Throws: where the slices don't continue what was committed.
  package func batch(of slices: [FrameSlice<RecordFrame>]) throws(Records.FrameError) -> RecordBatch {
    let start = cursor ?? firstCursor(slices[0].frame)
    var end = start
    for slice in slices {
      if isComplete { try end.advance(past: slice.frame) } else { end.move(past: slice.frame) }
    }
    return RecordBatch(slices: slices, start: start, end: end)
  }

  /// A batch of nothing, for asking the sink where it is; nil before the first frame.
  package var emptyBatch: RecordBatch? { cursor.map { RecordBatch(slices: [], start: $0, end: $0) } }

  /// Takes over the cursor that the sink returned for a batch.
  /// - Returns: what the machine is to be told. After `rewound`, what was delivered and not committed is void.
  package mutating func settle<Frame>(_ batch: RecordBatch, at committed: Cursor) -> SubscriptionInput<Frame> {
    cursor = committed
    return committed == batch.end ? .applied(committed.position) : .rewound(committed)
  }

  private func firstCursor(_ frame: RecordFrame) -> Cursor {
    var cursor = Cursor(startOf: frame.header.identity)
    cursor.position = chosenPosition
    return cursor
  }
}
