import CoreMetrics
package import Logging
import Messaging
package import Records
package import Storage

extension EventConsumer {
  /// Applies frames without a subscription, exactly as a subscription would: in one transaction, with dead letters and
  /// the cursor. Frames that lie behind the cursor are passed over.
  /// - Throws: `FrameError` where the frames don't continue what was applied; what a transient failure throws.
  package func apply(
    _ frames: [RecordFrame],
    to store: Store,
    logger: Logger = Logger(label: "apply") { _ in SwiftLogNoOpLogHandler() }
  ) async throws {
    guard let identity = frames.first?.header.identity else { return }
    let cursors = try await store.read { try Records.Cursor.fetchAll($0) }
    let start =
      cursors.first { $0.identity.stream == identity.stream && $0.identity.instance == identity.instance }
      ?? Records.Cursor(startOf: identity)
    var end = start
    var slices: [FrameSlice<RecordFrame>] = []
    for frame in frames where frame.header.lastPosition > start.position {
      try end.advance(past: frame)
      slices.append(FrameSlice(frame: frame, skippedRecords: 0))
    }
    guard !slices.isEmpty else { return }
    let applier = EventApplier(
      consumer: self,
      store: store,
      applied: AppliedPositions(),
      logger: logger,
      meters: EventMeters(stream: stream, factory: NOOPMetricsHandler.instance)
    )
    _ = try await applier.apply(RecordBatch(slices: slices, start: start, end: end))
  }
}
