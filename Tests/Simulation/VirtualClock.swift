import Contracts
import Messaging
import Synchronization

/// Time in a simulation: one monotonic clock that the agenda moves, and for each machine a wall clock that may jump.
final class VirtualClock: Sendable {
  private struct State {
    var now = MonotonicInstant(nanoseconds: 0)
    var errors: [Int: Duration] = [:]
  }

  /// Monday, 2026-11-23T09:00:00Z.
  private static let start = Timestamp(milliseconds: 1_795_424_400_000)

  private let state = Mutex(State())

  var now: MonotonicInstant { state.withLock { $0.now } }

  /// Moves on; never back.
  func advance(to instant: MonotonicInstant) {
    state.withLock { $0.now = max($0.now, instant) }
  }

  /// What the wall clock of a machine shows.
  func wallTime(of machine: Int) -> Timestamp {
    state.withLock { state in
      VirtualClock.start + (state.now - MonotonicInstant(nanoseconds: 0)) + (state.errors[machine] ?? .zero)
    }
  }

  /// Sets a machine's wall clock to a time, from which it goes on.
  func setWallTime(_ time: Timestamp, of machine: Int) {
    setError(.zero, of: machine)
    setError(time - wallTime(of: machine), of: machine)
  }

  /// Sets a machine's wall clock wrong by so much.
  func setError(_ error: Duration, of machine: Int) {
    state.withLock { $0.errors[machine] = error }
  }
}
