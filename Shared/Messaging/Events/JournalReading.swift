package import Contracts
package import Records
import Synchronization

/// A journal that can be read: what the journal service needs of a store.
package protocol JournalReading: Sendable {
  var stream: StreamName { get }

  /// Why the journal is no authority any more and must not be read, where that is so: DATA_LOSS.
  var fault: Fault? { get }

  /// How far the stream has got.
  func head() -> HeadVector

  /// The frames that hold the records after `position`, in order, as many as fit `mostBytes` but at least one unless
  /// there is none. The first may begin before.
  /// - Throws: `Fault` with `.dataLoss` where a frame is damaged.
  func frames(after position: UInt64, mostBytes: Int) async throws -> [RecordFrame]

  /// The chain hash after the record at `position`; nil unless a frame ends there. Genesis at 0.
  func chain(at position: UInt64) async throws -> ChainHash?

  /// The state of this moment, told in the stream's events; nil where none can be told.
  func snapshot() async throws -> (any JournalSnapshot)?
}

extension JournalReading {
  package var fault: Fault? { nil }

  package func snapshot() async throws -> (any JournalSnapshot)? { nil }

  /// How a history that ends at `position` with this chain hash stands to the journal's own.
  package func relation(toHistoryAt position: UInt64, _ chain: ChainHash) async throws -> HistoryRelation {
    let ours = try await self.chain(at: position)
    if ours == chain { return .same }
    guard ours == nil, let first = try await frames(after: position, mostBytes: 1).first else { return .parted }
    if first.header.firstPosition > position + 1 { return .trimmed(first) }
    // The frame that ended here has been trimmed; the next still knows its hash.
    return first.header.firstPosition == position + 1 && first.header.previousChain == chain ? .same : .parted
  }
}

/// How somebody's history of a stream stands to its journal.
package enum HistoryRelation: Sendable {
  /// It is the journal's.
  case same
  /// It is another one.
  case parted
  /// The journal no longer goes back so far; its first frame now.
  case trimmed(RecordFrame)
}

/// Wakes readers that follow a journal when something was appended to it.
package final class JournalBell: Sendable {
  private struct Waiter {
    let stream: StreamName
    let position: UInt64
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var positions: [StreamName: UInt64] = [:]
    var waiters: [UInt64: Waiter] = [:]
    var nextID: UInt64 = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// Call it with what was committed.
  package func ring(_ frames: [RecordFrame]) {
    let woken: [CheckedContinuation<Void, Never>] = state.withLock { state in
      for frame in frames { state.positions[frame.header.identity.stream] = frame.header.lastPosition }
      guard !state.waiters.isEmpty else { return [] }
      let due = state.waiters.filter { $0.value.position < state.positions[$0.value.stream] ?? 0 }
      for id in due.keys { state.waiters[id] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits until the stream has something after `position`, or the task is cancelled. Bounded by its callers: each call
  /// of the journal service waits once.
  func wait(for stream: StreamName, beyond position: UInt64) async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = state.withLock { state in
          if Task.isCancelled || position < state.positions[stream] ?? 0 { return true }
          state.waiters[id] = Waiter(stream: stream, position: position, continuation: continuation)
          return false
        }
        if isDue { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.continuation.resume()
    }
  }
}
