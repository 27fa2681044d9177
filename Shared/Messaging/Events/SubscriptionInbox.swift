import Records
import Synchronization

/// Everything that happens to a subscription, gathered under one lock until its loop comes round: whole batches, so
/// that a busy feed costs a wake-up for each turn of the loop and not for each message.
///
/// Live messages are bounded by bytes: beyond that, all that wait are dropped and the loop is told, which makes the
/// machine pull. Other inputs are bounded by their senders, who have one thing under way each.
package final class SubscriptionInbox: Sendable {
  typealias Input = SubscriptionInput<RecordFrame>

  /// What has come since the last turn.
  struct Turn: Sendable {
    var liveMessages: [[UInt8]] = []
    var liveByteCount = 0
    var hasOverflowed = false
    var isDisconnected = false
    var inputs: [Input] = []
    var isStopping = false

    var isEmpty: Bool {
      liveMessages.isEmpty && inputs.isEmpty && !hasOverflowed && !isDisconnected && !isStopping
    }
  }

  private struct State {
    var turn = Turn()
    var waiter: CheckedContinuation<Turn, Never>?

    mutating func take() -> Turn {
      var taken = Turn()
      swap(&taken, &turn)
      // Once told to stop, always told to stop.
      turn.isStopping = taken.isStopping
      return taken
    }
  }

  private let state = Mutex(State())
  private let capacityBytes: Int

  /// - Parameter capacityBytes: how many bytes of live messages may wait. 16 MiB are some 50,000 ordinary events.
  package init(capacityBytes: Int = 16 << 20) {
    self.capacityBytes = capacityBytes
  }

  /// Takes a batch of messages off the live feed, on whatever thread they came.
  package func receive(_ messages: [[UInt8]]) {
    let byteCount = messages.reduce(0) { $0 + $1.count }
    change { turn in
      if turn.liveByteCount + byteCount > capacityBytes {
        turn.liveMessages = []
        turn.liveByteCount = 0
        turn.hasOverflowed = true
      } else {
        turn.liveMessages += messages
        turn.liveByteCount += byteCount
      }
    }
  }

  /// The connection that carried the live feed is gone.
  package func disconnect() {
    change { $0.isDisconnected = true }
  }

  func post(_ input: Input) {
    change { $0.inputs.append(input) }
  }

  func stop() {
    change { $0.isStopping = true }
  }

  /// Forgets live messages of a subscription that has been left.
  func forgetLiveMessages() {
    state.withLock { state in
      state.turn.liveMessages = []
      state.turn.liveByteCount = 0
    }
  }

  /// Waits for something to happen, and takes all that has. One waiter at a time.
  func next() async -> Turn {
    await withCheckedContinuation { continuation in
      let turn: Turn? = state.withLock { state in
        if state.turn.isEmpty {
          state.waiter = continuation
          return nil
        }
        return state.take()
      }
      if let turn { continuation.resume(returning: turn) }
    }
  }

  private func change(_ body: (inout Turn) -> Void) {
    let woken: (CheckedContinuation<Turn, Never>, Turn)? = state.withLock { state in
      body(&state.turn)
      guard let waiter = state.waiter, !state.turn.isEmpty else { return nil }
      state.waiter = nil
      return (waiter, state.take())
    }
    if let (waiter, turn) = woken { waiter.resume(returning: turn) }
  }
}
