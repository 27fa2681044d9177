import Contracts
import Messaging
import Operator
import ServiceRuntime
import Synchronization

/// A move as `groundswell move` makes it, that goes on only when it is let, so that a simulation decides what becomes of
/// each of its calls.
final class SteppedMove: MoveSurroundings {
  enum Step: Sendable {
    case call(Call)
    /// It wants to wait a moment.
    case pause
    case ended(Result<MoveReport, any Error>)
  }

  struct Call: Sendable {
    let member: ServiceMember
    let perform: @Sendable (CallClient) async -> Outcome
  }

  /// What a call returned; it may be anything.
  typealias Outcome = Result<any Sendable, Fault>

  private struct State {
    /// The move, waiting for an outcome.
    var mover: CheckedContinuation<Outcome, any Error>?
    /// Whoever asked for the next step.
    var waiter: CheckedContinuation<Step, Never>?
    var hasBegun = false
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let counts: [ServiceProfile: UInt16]
  private let clock: VirtualClock
  private let start: MonotonicInstant
  private let work: @Sendable (SteppedMove) async throws -> MoveReport

  init(
    _ counts: [ServiceProfile: UInt16],
    _ clock: VirtualClock,
    _ work: @escaping @Sendable (SteppedMove) async throws -> MoveReport
  ) {
    self.counts = counts
    self.clock = clock
    self.work = work
    start = clock.now
  }

  /// Lets the move go on with the outcome of its last step, until the next. Not to be called after its end.
  func next(after outcome: Outcome) async -> Step {
    await withCheckedContinuation { waiter in
      let (begins, mover) = state.withLock { state in
        defer {
          state.waiter = waiter
          state.hasBegun = true
          state.mover = nil
        }
        return (!state.hasBegun, state.mover)
      }
      if begins { Task { await self.run() } }
      mover?.resume(returning: outcome)
    }
  }

  /// Whoever made the move has gone.
  func cancel() {
    let mover = state.withLock { state in
      state.isCancelled = true
      defer { state.mover = nil }
      return state.mover
    }
    mover?.resume(throwing: CancellationError())
  }

  private func run() async {
    do {
      answer(.ended(.success(try await work(self))))
    } catch {
      answer(.ended(.failure(error)))
    }
  }

  private func offer(_ step: Step) async throws -> Outcome {
    try await withCheckedThrowingContinuation { (mover: CheckedContinuation<Outcome, any Error>) in
      let (isCancelled, waiter) = state.withLock { state in
        if !state.isCancelled { state.mover = mover }
        defer { state.waiter = nil }
        return (state.isCancelled, state.waiter)
      }
      if isCancelled { mover.resume(throwing: CancellationError()) }
      waiter?.resume(returning: step)
    }
  }

  private func answer(_ step: Step) {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: step)
  }

  // MARK: What the move sees

  func count(of service: ServiceProfile) -> Int { Int(counts[service, default: 1]) }

  func call<Value: Sendable>(
    _ member: ServiceMember,
    _ work: @escaping @Sendable (CallClient) async throws -> Value
  ) async throws -> Value {
    let call = Call(member: member) { client in
      do {
        return .success(try await work(client))
      } catch {
        return .failure(Fault(reporting: error))
      }
    }
    guard let value = try await offer(.call(call)).get() as? Value else {
      throw Fault(.internal, reason: "simulation.outcome", "A call was answered with something else.")
    }
    return value
  }

  func pause() async throws { _ = try await offer(.pause) }

  var elapsed: Duration { clock.now - start }
}
