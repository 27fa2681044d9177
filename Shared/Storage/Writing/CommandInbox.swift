import DequeModule
import Dispatch
import Synchronization

/// A change that waits to be made: the closure to run, and how its caller hears of the outcome.
struct Command: Sendable {
  /// What is left to do once the transaction has been committed, or could not be.
  typealias Settlement = (Result<Void, StoreError>) -> Void

  let run: @Sendable (Transaction) throws -> Settlement
  /// For a command that was not run, or threw.
  let fail: @Sendable (any Error) -> Void
}

/// Where commands wait for the writer's thread. Bounded: who finds it full is turned away.
final class CommandInbox: Sendable {
  fileprivate struct State {
    var commands: Deque<Command> = []
    var isWriterAsleep = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
  }

  var count: Int { state.withLock { $0.commands.count } }

  /// - Throws: `.overloaded` or `.closed`; the command has not been taken then, nor will it be told anything.
  func append(_ command: Command) throws(StoreError) {
    let outcome: Result<Bool, StoreError> = state.withLock { state in
      guard !state.isClosed else { return .failure(StoreError(.closed, "the store is closed")) }
      guard state.commands.count < capacity else {
        return .failure(
          StoreError(.overloaded, "\(capacity) changes are waiting for the store already: try again shortly")
        )
      }
      state.commands.append(command)
      return .success(state.wakeWriter())
    }
    if try outcome.get() { wakeUp.signal() }
  }

  /// Takes no more commands; those that wait are still handed out.
  func close() {
    let mustWake = state.withLock { state in
      state.isClosed = true
      return state.wakeWriter()
    }
    if mustWake { wakeUp.signal() }
  }

  /// The next commands in order of arrival, at most `limit`. Blocks while there are none.
  /// - Returns: nil once the inbox is closed and empty.
  func take(atMost limit: Int) -> [Command]? {
    while true {
      let taken: [Command]? = state.withLock { state in
        guard !state.commands.isEmpty else {
          state.isWriterAsleep = !state.isClosed
          return state.isClosed ? nil : []
        }
        let count = min(limit, state.commands.count)
        let taken = Array(state.commands.prefix(count))
        state.commands.removeFirst(count)
        return taken
      }
      guard let taken else { return nil }
      guard taken.isEmpty else { return taken }
      wakeUp.wait()
    }
  }
}

extension CommandInbox.State {
  /// Whether the semaphore has to be signalled: once for each time that the writer fell asleep.
  fileprivate mutating func wakeWriter() -> Bool {
    defer { isWriterAsleep = false }
    return isWriterAsleep
  }
}
