import Synchronization

/// Rings once at the earliest instant that was asked for.
///
/// Setting it later than it is set already costs nothing: it then rings early, and whoever hears it sets it anew. A
/// live feed moves its deadline with every message, so this is the common case.
final class Alarm: Sendable {
  private struct State {
    var due: MonotonicInstant?
    var task: Task<Void, Never>?
    var isOff = false
  }

  private let state = Mutex(State())
  private let ring: @Sendable () -> Void

  init(ring: @escaping @Sendable () -> Void) {
    self.ring = ring
  }

  func set(_ instant: MonotonicInstant?) {
    guard let instant else { return }
    state.withLock { state in
      guard !state.isOff, state.due.map({ instant < $0 }) ?? true else { return }
      state.task?.cancel()
      state.due = instant
      state.task = Task {
        do { try await Task.sleep(for: max(.zero, instant - .now)) } catch { return }
        self.fire(instant)
      }
    }
  }

  /// Never rings again.
  func turnOff() {
    state.withLock { state in
      state.isOff = true
      state.task?.cancel()
      state.task = nil
    }
  }

  private func fire(_ instant: MonotonicInstant) {
    let isWanted = state.withLock { state in
      guard state.due == instant, !state.isOff else { return false }
      state.due = nil
      state.task = nil
      return true
    }
    if isWanted { ring() }
  }
}

/// A wait that someone else can end, without cancelling what the waiting task does otherwise.
final class Nap: Sendable {
  private struct State {
    var sleeper: Task<Void, any Error>?
    var hasEnded = false
  }

  private let state = Mutex(State())

  /// - Returns: whether the time has passed; false once `end` was called.
  func rest(for span: Duration) async -> Bool {
    let sleeper: Task<Void, any Error>? = state.withLock { state in
      guard !state.hasEnded else { return nil }
      let sleeper = Task { try await Task.sleep(for: span) }
      state.sleeper = sleeper
      return sleeper
    }
    guard case .success? = await sleeper?.result else { return false }
    return true
  }

  func end() {
    state.withLock { state in
      state.hasEnded = true
      state.sleeper?.cancel()
    }
  }
}
