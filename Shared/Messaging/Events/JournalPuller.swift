import Contracts
import Records
import Synchronization

/// Runs the pulls that the machine asks for, one at a time, no faster than it grants.
final class JournalPuller: Sendable {
  private struct State {
    var id: UInt64 = 0
    var credit: PullCredit?
    var task: Task<Void, Never>?
  }

  private let state = Mutex(State())
  private let source: any JournalSource
  private let stream: StreamName
  private let instance: UInt16
  private let inbox: SubscriptionInbox

  init(source: any JournalSource, stream: StreamName, instance: UInt16, inbox: SubscriptionInbox) {
    self.source = source
    self.stream = stream
    self.instance = instance
    self.inbox = inbox
  }

  func start(_ request: PullRequest) {
    let credit = PullCredit(request.creditBytes)
    state.withLock { state in
      let previous = state.task
      state.id = request.id
      state.credit = credit
      state.task = Task {
        // A cancelled pull may still be on its way out; the journal serves one at a time.
        await previous?.value
        await self.pull(request, credit)
      }
    }
  }

  func grant(_ id: UInt64, _ bytes: Int) {
    state.withLock { $0.id == id ? $0.credit : nil }?.add(bytes)
  }

  func cancel(_ id: UInt64) {
    state.withLock { state in
      guard state.id == id else { return }
      state.task?.cancel()
    }
  }

  /// Cancels what is under way and waits for its end.
  func stop() async {
    let task = state.withLock { $0.task }
    task?.cancel()
    await task?.value
  }

  private func pull(_ request: PullRequest, _ credit: PullCredit) async {
    guard !Task.isCancelled else { return }
    let inbox = self.inbox
    let place = JournalPlace(stream: stream, instance: instance, epoch: request.epoch, after: request.after)
    do {
      let head = try await source.read(place) { frames in
        inbox.post(.pulled(id: request.id, frames: frames))
        try await credit.spend(frames.reduce(0) { $0 + $1.bytes.count })
      }
      inbox.post(.pullEnded(id: request.id, head: head))
    } catch {
      if !Task.isCancelled { inbox.post(.pullFailed(id: request.id, Fault(reporting: error))) }
    }
  }
}

/// How many bytes a pull may still bring.
private final class PullCredit: Sendable {
  private struct State {
    var bytes: Int
    var waiter: CheckedContinuation<Void, any Error>?
    var isCancelled = false
  }

  private let state: Mutex<State>

  init(_ bytes: Int) {
    state = Mutex(State(bytes: bytes))
  }

  func add(_ bytes: Int) {
    let waiter: CheckedContinuation<Void, any Error>? = state.withLock { state in
      state.bytes += bytes
      guard state.bytes > 0 else { return nil }
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// Takes credit for what has come, and waits while there is none for more.
  func spend(_ bytes: Int) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          state.bytes -= bytes
          if state.isCancelled { return .failure(CancellationError()) }
          if state.bytes > 0 { return .success(()) }
          state.waiter = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.isCancelled = true
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume(throwing: CancellationError())
    }
  }
}
