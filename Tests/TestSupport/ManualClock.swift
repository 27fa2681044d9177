package import Contracts
import Synchronization

/// A wall clock that stands still until it is told to move.
package final class ManualClock: Sendable {
  private let state: Mutex<State>

  private struct State {
    var now: Timestamp
    var sleepers: [Int: Sleeper] = [:]
    var nextSleeper = 0
  }

  private struct Sleeper {
    let due: Timestamp
    /// nil until the sleeping task has suspended itself.
    var continuation: CheckedContinuation<Void, Never>?
  }

  /// - Parameter start: 2026-11-22T12:00:00Z unless given.
  package init(at start: Timestamp = Timestamp(milliseconds: 1_795_348_800_000)) {
    state = Mutex(State(now: start))
  }

  package var now: Timestamp { state.withLock { $0.now } }

  /// Moves on and wakes whoever sleeps until then.
  package func advance(by span: Duration) {
    let awake = state.withLock { state in
      state.now = state.now + span
      let due = state.sleepers.filter { $0.value.due <= state.now }
      for number in due.keys { state.sleepers[number] = nil }
      return due.values.compactMap(\.continuation)
    }
    for sleeper in awake { sleeper.resume() }
  }

  /// How many tasks sleep by this clock.
  package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Returns once the clock has been moved on by the span.
  /// - Throws: `CancellationError` when the task is cancelled before.
  package func sleep(for span: Duration) async throws {
    let number = state.withLock { state in
      state.nextSleeper += 1
      state.sleepers[state.nextSleeper] = Sleeper(due: state.now + span)
      return state.nextSleeper
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.sleepers[number] != nil else { return true }
          state.sleepers[number]?.continuation = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: number)?.continuation }?.resume()
    }
    try Task.checkCancellation()
  }
}
