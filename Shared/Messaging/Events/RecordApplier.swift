import Contracts
import Logging
import Records
import Synchronization

/// Takes what the machine delivers to the sink, one batch at a time, until it is committed.
final class RecordApplier: Sendable {
  /// How the sink is doing.
  struct Report: Sendable {
    var batches: UInt64 = 0
    var records: UInt64 = 0
    /// In a row; 0 as soon as a batch was committed.
    var failures = 0
    var lastError: String?
  }

  private let sink: any RecordSink
  private let queue: DeliveryQueue
  private let inbox: SubscriptionInbox
  private let settings: SubscriptionSettings
  private let logger: Logger
  private let report = Mutex(Report())
  private let nap = Nap()
  private let snapshot = Mutex(SnapshotWork())

  private struct SnapshotWork {
    var task: Task<Cursor, any Error>?
    var isStopping = false
  }

  init(
    sink: any RecordSink,
    queue: DeliveryQueue,
    inbox: SubscriptionInbox,
    settings: SubscriptionSettings,
    logger: Logger
  ) {
    self.sink = sink
    self.queue = queue
    self.inbox = inbox
    self.settings = settings
    self.logger = logger
  }

  var currentReport: Report { report.withLock { $0 } }

  /// Works until the queue is closed. The batch in hand is finished.
  /// - Parameter snapshots: where the publisher's state is had, should that be needed.
  func run(from start: SubscriptionStart, snapshots: SnapshotSource, seed: UInt64) async {
    var track = DeliveryTrack(start)
    var generator = SplitMix64(seed: seed)
    while let work = await queue.next() {
      switch work {
      case .snapshot: await takeSnapshot(from: snapshots, &track)
      case .slices(let slices): await apply(slices, &track, &generator)
      case .check:
        if let batch = track.emptyBatch { await settle(batch, &track, &generator) }
      }
    }
  }

  /// Ends the wait before another attempt: no more attempts are made once the queue is closed. A snapshot, which takes
  /// long, is broken off.
  func stopWaiting() {
    nap.end()
    let task = snapshot.withLock { work in
      work.isStopping = true
      return work.task
    }
    task?.cancel()
  }

  private func apply(
    _ slices: [FrameSlice<RecordFrame>],
    _ track: inout DeliveryTrack,
    _ generator: inout SplitMix64
  ) async {
    let batch: RecordBatch
    do throws(Records.FrameError) {
      batch = try track.batch(of: slices)
    } catch {
      queue.change { $0.hold() }
      return inbox.post(.condemned(.diverged("The publisher's numbering doesn't continue ours: \(error).")))
    }
    await settle(batch, &track, &generator)
  }

  private func settle(_ batch: RecordBatch, _ track: inout DeliveryTrack, _ generator: inout SplitMix64) async {
    guard let committed = await commit(batch, &generator) else { return }
    let input: SubscriptionInput<RecordFrame> = track.settle(batch, at: committed)
    if case .rewound = input { queue.change { $0.hold() } }
    inbox.post(input)
  }

  /// Tries until the sink takes the batch, or says too often that it never will; nothing is ever skipped.
  /// - Returns: nil if the subscription stopped first, or ends.
  private func commit(_ batch: RecordBatch, _ generator: inout SplitMix64) async -> Cursor? {
    var backoff = Backoff(first: settings.firstBackoff, longest: settings.longestBackoff)
    var lastingFailures = 0
    while true {
      do {
        let cursor = try await sink.apply(batch)
        report.withLock { report in
          report.batches += 1
          report.records += UInt64(batch.recordCount)
          report.failures = 0
          report.lastError = nil
        }
        return cursor
      } catch {
        lastingFailures = error is SubscriptionFailure ? lastingFailures + 1 : 0
        if let failure = error as? SubscriptionFailure, lastingFailures >= settings.mostLastingFailures {
          await note(error, "A batch could not be applied, and won't be")
          queue.change { $0.hold() }
          inbox.post(.condemned(failure))
          return nil
        }
        await note(error, "A batch could not be applied; trying again")
        guard await nap.rest(for: backoff.next(using: &generator)) else { return nil }
      }
    }
  }

  private func takeSnapshot(from source: SnapshotSource, _ track: inout DeliveryTrack) async {
    guard let sink = sink as? any SnapshotSink else {
      let message = "This consumer can't start from a snapshot."
      return inbox.post(.snapshotFailed(Fault(.unimplemented, reason: "noSnapshots", message)))
    }
    let task: Task<Cursor, any Error> = snapshot.withLock { work in
      // A whole state is much to compute, and the thread that steps are taken on has others to serve.
      let task = Task(executorPreference: globalConcurrentExecutor) { try await sink.takeSnapshot(from: source) }
      if work.isStopping { task.cancel() }
      work.task = task
      return task
    }
    do {
      let cursor = try await task.value
      track = DeliveryTrack(.cursor(cursor))
      report.withLock { report in
        report.failures = 0
        report.lastError = nil
      }
      inbox.post(.snapshotTaken(cursor))
    } catch is CancellationError {
      inbox.post(.snapshotFailed(Fault(.cancelled, reason: "stopping", "The subscription is being stopped.")))
    } catch {
      await note(error, "A snapshot could not be taken")
      inbox.post(.snapshotFailed(Fault(reporting: error)))
    }
  }

  /// Counts and logs; on the pool, because whoever takes the log may keep its writer waiting.
  private func note(_ error: any Error, _ message: Logger.Message) async {
    let failures = report.withLock { report in
      report.failures += 1
      report.lastError = "\(error)"
      return report.failures
    }
    await withTaskExecutorPreference(globalConcurrentExecutor) {
      logger.info(message, metadata: ["error": "\(error)", "attempt": "\(failures)"])
    }
  }
}
