import Contracts
import Messaging
import Records
import Synchronization
import TestSupport

/// A store in memory that commits records and cursor together, and can be told to be slow, to fail, or to commit and
/// say that it failed.
class MemorySink: RecordSink, @unchecked Sendable {
  // Unchecked for the subclass's sake; there is no state but the mutex.
  fileprivate struct State {
    var positions: [UInt64] = []
    var cursor: Cursor?
    var failures = 0
    var refusal: SubscriptionFailure?
    var unsureCommits = 0
    var isHeld = false
    var batches = 0
    var largestBatch = 0
    var released: [CheckedContinuation<Void, Never>] = []
  }

  struct Failure: Error {}

  fileprivate let state = Mutex(State())

  var positions: [UInt64] { state.withLock { $0.positions } }
  var cursor: Cursor? { state.withLock { $0.cursor } }
  var batches: Int { state.withLock { $0.batches } }
  var largestBatch: Int { state.withLock { $0.largestBatch } }
  var isWaiting: Bool { state.withLock { !$0.released.isEmpty } }
  var start: SubscriptionStart { cursor.map(SubscriptionStart.cursor) ?? .beginning }

  /// The next `count` batches fail before anything of them is committed.
  func fail(times count: Int) { state.withLock { $0.failures = count } }
  /// Every batch from now on fails, for a reason that won't pass.
  func refuse(_ failure: SubscriptionFailure) { state.withLock { $0.refusal = failure } }
  /// The next `count` batches are committed, and then reported as failed.
  func commitUnsurely(times count: Int) { state.withLock { $0.unsureCommits = count } }
  func hold() { state.withLock { $0.isHeld = true } }

  func release() {
    let released = state.withLock { state in
      state.isHeld = false
      defer { state.released = [] }
      return state.released
    }
    for continuation in released { continuation.resume() }
  }

  func apply(_ batch: RecordBatch) async throws -> Cursor {
    await waitWhileHeld()
    return try state.withLock { state in
      if state.failures > 0 {
        state.failures -= 1
        throw Failure()
      }
      if let refusal = state.refusal { throw refusal }
      // As the contract asks: another cursor than the batch begins with changes nothing.
      if let cursor = state.cursor, cursor != batch.start { return cursor }
      batch.withUnsafeRecords { state.positions.append($0.position) }
      state.cursor = batch.end
      state.batches += 1
      state.largestBatch = max(state.largestBatch, batch.recordCount)
      if state.unsureCommits > 0 {
        state.unsureCommits -= 1
        throw Failure()
      }
      return batch.end
    }
  }

  private func waitWhileHeld() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        guard state.isHeld else { return true }
        state.released.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }
}

/// A sink that can begin with a publisher's state, whose records' keys are positions.
final class MemorySnapshotSink: MemorySink, SnapshotSink, @unchecked Sendable {
  func takeSnapshot(from source: SnapshotSource) async throws -> Cursor {
    let taken = Mutex<[UInt64]>([])
    let head = try await source.read { frames in
      for frame in frames {
        let keys = frame.records().compactMap { UInt64($0.key) }
        taken.withLock { $0 += keys }
      }
    }
    state.withLock { state in
      state.positions = taken.withLock { $0 }
      state.cursor = head
    }
    return head
  }
}
