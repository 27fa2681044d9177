import Contracts
import Messaging
import Records
import Synchronization

/// A read of a journal that goes on only when it is asked for the next step, so that a simulation decides what happens
/// to the journal, its store and the network between two batches.
final class SteppedJournalRead: Sendable {
  enum Step: Sendable {
    case frames([RecordFrame])
    case head(HeadVector)
    case failed(Fault)
  }

  private struct State {
    /// The read, waiting to be let on.
    var reader: CheckedContinuation<Void, any Error>?
    /// Whoever asked for the next step.
    var waiter: CheckedContinuation<Step, Never>?
    var hasBegun = false
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let journals: JournalService
  private let place: JournalPlace
  private let principal: Principal

  init(_ place: JournalPlace, of journals: JournalService, for principal: Principal) {
    self.journals = journals
    self.place = place
    self.principal = principal
  }

  /// Lets the read go on until it has something, or ends. Not to be called after its end.
  func next() async -> Step {
    await withCheckedContinuation { waiter in
      let (begins, reader) = state.withLock { state in
        defer {
          state.waiter = waiter
          state.hasBegun = true
          state.reader = nil
        }
        return (!state.hasBegun, state.reader)
      }
      if begins { Task { await self.run() } }
      reader?.resume()
    }
  }

  /// The reader has gone.
  func cancel() {
    let reader = state.withLock { state in
      state.isCancelled = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(throwing: CancellationError())
  }

  private func run() async {
    do {
      let head = try await journals.read(place, for: principal) { message in
        if case .frames(let frames) = message { try await offer(frames) }
      }
      answer(.head(head))
    } catch {
      answer(.failed(Fault(reporting: error)))
    }
  }

  private func offer(_ frames: [RecordFrame]) async throws {
    try await withCheckedThrowingContinuation { (reader: CheckedContinuation<Void, any Error>) in
      let (isCancelled, waiter) = state.withLock { state in
        if !state.isCancelled { state.reader = reader }
        defer { state.waiter = nil }
        return (state.isCancelled, state.waiter)
      }
      if isCancelled { reader.resume(throwing: CancellationError()) }
      waiter?.resume(returning: .frames(frames))
    }
  }

  private func answer(_ step: Step) {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: step)
  }
}
