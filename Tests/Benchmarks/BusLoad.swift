import Dispatch
import Foundation
import Messaging
import Storage
import Synchronization

/// Offers events to a store as the plan says.
///
/// Latency counts from when an event was due: at a rate, by the rate; flat out, from when there was somebody free to
/// send it, before waiting for room in the window.
struct BusLoad: Sendable {
  let plan: BusPlan
  let store: Store
  /// What the consumer has committed.
  let applied: SharedCount
  /// How many events there are before the first of these.
  var after = 0

  func run() async throws {
    switch (plan.mode, plan.rate) {
    case (.batch, _): try await onThread { try offerBatches() }
    case (.single, nil): try await callInTurns()
    case (.single, let rate?): try await callOnTime(rate)
    }
  }

  // MARK: Batches

  /// A thread that fills batches and hands them over, like a socket's would.
  private func offerBatches() throws {
    let free = DispatchSemaphore(value: plan.callerCount)
    let failure = FirstFailure()
    let start = MonotonicInstant.now.nanoseconds
    var sent = 0
    while sent < plan.events {
      free.wait()
      try failure.check()
      let (count, due) = nextBatch(after: sent, since: start)
      let first = sent + 1
      let after = after
      let bodies = BenchEvent.bodies(count) { .init(index: after + first + $0, dueNanoseconds: due(first + $0)) }
      try store.submit(as: .repeatable, { try Publisher.accept(bodies, in: $0) }) { outcome in
        failure.note(outcome)
        free.signal()
      }
      sent += count
    }
    for _ in 0..<plan.callerCount { free.wait() }
    for _ in 0..<plan.callerCount { free.signal() }
    try failure.check()
  }

  /// Waits until there is something to send.
  /// - Returns: how many events, and when each was due.
  private func nextBatch(after sent: Int, since start: Int64) -> (count: Int, due: (Int) -> Int64) {
    guard let rate = plan.rate else {
      let now = MonotonicInstant.now.nanoseconds
      while sent - applied.value >= plan.window { usleep(20) }
      return (min(plan.window - (sent - applied.value), plan.batch, plan.events - sent), { _ in now })
    }
    let due = { (index: Int) in BusLoad.due(index, at: rate, since: start) }
    while true {
      let elapsed = MonotonicInstant.now.nanoseconds - start
      let dueCount = min(Int(Double(elapsed) * Double(rate) / 1e9) + 1, plan.events)
      if dueCount > sent { return (min(dueCount - sent, plan.batch), due) }
      BusLoad.sleep(until: due(sent + 1))
    }
  }

  // MARK: One by one

  private func callInTurns() async throws {
    let turns = Turns()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<plan.callerCount { group.addTask { try await callRepeatedly(turns) } }
      try await group.waitForAll()
    }
  }

  private func callRepeatedly(_ turns: Turns) async throws {
    while true {
      let index = turns.next()
      guard index <= plan.events else { return }
      let due = MonotonicInstant.now.nanoseconds
      while index - applied.value > plan.window { try await Task.sleep(for: .microseconds(20)) }
      try await call(index, due: due)
    }
  }

  private func callOnTime(_ rate: Int) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      let start = MonotonicInstant.now.nanoseconds
      for index in 1...plan.events {
        let due = BusLoad.due(index, at: rate, since: start)
        if MonotonicInstant.now.nanoseconds < due { try await onThread { BusLoad.sleep(until: due) } }
        group.addTask { try await call(index, due: due) }
      }
    }
  }

  private func call(_ index: Int, due: Int64) async throws {
    let body = BenchEvent.bodies(1) { _ in .init(index: after + index, dueNanoseconds: due) }
    try await store.write(as: .repeatable) { try Publisher.accept(body, in: $0) }
  }

  private static func due(_ index: Int, at rate: Int, since start: Int64) -> Int64 {
    start + Int64(Double(index - 1) * 1e9 / Double(rate))
  }

  private static func sleep(until instant: Int64) {
    let rest = instant - MonotonicInstant.now.nanoseconds
    guard rest > 0 else { return }
    var span = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
    nanosleep(&span, nil)
  }
}

/// Hands out the events' numbers, from 1.
private final class Turns: Sendable {
  private let count = Atomic<Int>(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// The first thing that went wrong on another thread.
final class FirstFailure: Sendable {
  private let failure = Mutex<(any Error)?>(nil)

  func note<Value>(_ outcome: Result<Value, any Error>) {
    guard case .failure(let error) = outcome else { return }
    failure.withLock { $0 = $0 ?? error }
  }

  func check() throws {
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
