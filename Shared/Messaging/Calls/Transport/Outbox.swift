import Synchronization

/// Records on their way to one peer, packed into frames as they come. The socket thread takes them all at once.
///
/// Bounded: above `highWaterBytes` writers of messages wait. What ends a call is always let in, and there is at most
/// one such record per call.
final class Outbox: Sendable {
  private struct State {
    var packer = FramePacker()
    var isClosed = false
    var waiting = Parking()
    var nextTicket: UInt64 = 0
  }

  static let highWaterBytes = 1 << 20

  private let state = Mutex(State())
  private let byteCount = Atomic<Int>(0)

  /// Whether messages should wait. Read without the lock: one message too many per writer does no harm.
  var isFull: Bool { byteCount.load(ordering: .relaxed) >= Outbox.highWaterBytes }

  /// - Returns: whether the outbox was empty, so that the thread has to be told.
  func append(_ contents: [CallContent], of call: UInt64) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      let wasEmpty = state.packer.isEmpty
      for content in contents { state.packer.append(CallRecord(call, content)) }
      byteCount.store(state.packer.byteCount, ordering: .relaxed)
      return wasEmpty
    }
  }

  /// Suspends while the outbox is full; returns early when the task is cancelled.
  func waitForRoom() async {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          guard !state.isClosed, state.packer.byteCount >= Outbox.highWaterBytes, !Task.isCancelled else { return true }
          state.waiting.add(continuation, ticket: ticket)
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.remove(ticket) }?.resume()
    }
  }

  /// Everything that waits, for the socket thread.
  func take() -> [[UInt8]] {
    guard byteCount.load(ordering: .relaxed) > 0 else { return [] }
    return empty(closing: false)
  }

  /// Drops what waits: it was for a connection that is gone.
  func clear() { _ = empty(closing: false) }

  /// Drops what waits and whatever still comes.
  func close() { _ = empty(closing: true) }

  private func empty(closing: Bool) -> [[UInt8]] {
    let (frames, waiting) = state.withLock { state in
      byteCount.store(0, ordering: .relaxed)
      state.isClosed = state.isClosed || closing
      return (state.packer.take(), state.waiting.removeAll())
    }
    for continuation in waiting { continuation.resume() }
    return frames
  }
}
