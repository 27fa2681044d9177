import Contracts
import Records
import Synchronization

/// How far this service has applied each history, for callers who want to read what they have just written elsewhere.
///
/// Nobody polls: a caller waits on a continuation until the cursor passes the position, its deadline comes, or it is
/// cancelled. The number of waiters is bounded; beyond it a caller is told to come again.
final class AppliedPositions: Sendable {
  private let state = Mutex(State())
  private let capacity: Int

  private struct State {
    var positions: [StreamIdentity: UInt64] = [:]
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0

    func isApplied(_ wanted: StreamPosition) -> Bool {
      positions[wanted.identity].map { $0 >= wanted.position } ?? false
    }
  }

  private struct Waiter {
    let wanted: StreamPosition
    /// nil until the waiting task has suspended itself.
    var continuation: CheckedContinuation<Bool, Never>?
  }

  init(capacity: Int = 10_000) {
    self.capacity = capacity
  }

  /// Tells everyone who waits that `identity` has been applied up to `position`.
  func advance(_ identity: StreamIdentity, to position: UInt64) {
    let satisfied = state.withLock { state -> [Waiter] in
      state.positions[identity] = max(position, state.positions[identity, default: 0])
      // Waiters that have not suspended yet will see the new position when they do.
      let ready = state.waiters.filter { $0.value.continuation != nil && state.isApplied($0.value.wanted) }
      for number in ready.keys { state.waiters[number] = nil }
      return Array(ready.values)
    }
    for waiter in satisfied { waiter.continuation?.resume(returning: true) }
  }

  /// Takes back what was said before: part of it is applied once more.
  func rewind(_ identity: StreamIdentity, to position: UInt64) {
    state.withLock { $0.positions[identity] = position }
  }

  /// Returns once `wanted` is applied.
  /// - Throws: a `Fault`: DEADLINE_EXCEEDED when it isn't applied in time, RESOURCE_EXHAUSTED when too many wait.
  func wait(for wanted: StreamPosition, until deadline: ContinuousClock.Instant) async throws {
    guard let number = try register(wanted) else { return }
    let isApplied = await withTaskGroup(of: Bool?.self) { group in
      group.addTask { await self.suspend(number) }
      group.addTask {
        // Whether time is up, the position came or the caller went: whoever still waits is released.
        do { try await Task.sleep(until: deadline, clock: .continuous) } catch {}
        self.release(number)
        return nil
      }
      var isApplied = false
      for await outcome in group {
        guard let outcome else { continue }
        isApplied = outcome
        group.cancelAll()
      }
      return isApplied
    }
    if isApplied { return }
    try Task.checkCancellation()
    throw Fault(
      .deadlineExceeded,
      reason: "notYetApplied",
      "\(wanted) was not applied here before the call's deadline."
    )
  }

  /// - Returns: nil where there is nothing to wait for.
  private func register(_ wanted: StreamPosition) throws(Fault) -> Int? {
    let outcome = state.withLock { state -> Result<Int?, Fault> in
      if state.isApplied(wanted) { return .success(nil) }
      guard state.waiters.count < capacity else {
        return .failure(
          Fault(.resourceExhausted, reason: "tooManyWaiters", "Too many calls wait for events; try again shortly.")
        )
      }
      state.nextWaiter += 1
      state.waiters[state.nextWaiter] = Waiter(wanted: wanted)
      return .success(state.nextWaiter)
    }
    return try outcome.get()
  }

  private func suspend(_ number: Int) async -> Bool {
    await withCheckedContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        guard let waiter = state.waiters[number] else { return false }
        if state.isApplied(waiter.wanted) {
          state.waiters[number] = nil
          return true
        }
        state.waiters[number]?.continuation = continuation
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  private func release(_ number: Int) {
    let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
    waiter?.continuation?.resume(returning: false)
  }
}
