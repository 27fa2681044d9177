import DequeModule
import Dispatch
import Synchronization

/// Where commands wait for the writer's thread. Bounded: who finds it full is turned away.
@usableFromInline
final class CommandInbox: Sendable {
  fileprivate struct State {
    var commands: Deque<any Command> = []
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
  @usableFromInline
  func append(_ command: any Command) throws(StoreError) {
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
  func take(atMost limit: Int) -> [any Command]? {
    while true {
      let taken: [any Command]? = state.withLock { state in
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
