import CZeroMQ
import Glibc
import Synchronization

/// What others ask of the socket thread.
enum ThreadCommand: Sendable {
  /// Builds a driver on the thread; nil when it couldn't be built.
  case attach(DriverHandle, @Sendable (SocketLoop) -> (any SocketDriver)?, refused: @Sendable () -> Void)
  case detach(DriverHandle, done: @Sendable () -> Void)
  case wake(DriverHandle)
  case stop

  var isStop: Bool {
    if case .stop = self { true } else { false }
  }
}

/// The locked hand-over to the socket thread, and the eventfd that ends its sleep.
///
/// Bounded by its senders: one wake per driver can be under way, and one attach or detach per waiting caller.
final class ThreadMailbox: Sendable {
  private struct State {
    var commands: [ThreadCommand] = []
    var isSleeping = false
    var refusesCommands = false
    var hasFinished = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  let eventDescriptor: Int32

  init() throws(ZeroMQError) {
    eventDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard eventDescriptor >= 0 else { throw ZeroMQError(.startThread, .system(errno)) }
  }

  deinit {
    close(eventDescriptor)
  }

  // MARK: From any thread

  /// - Returns: false when the thread takes no more commands.
  @discardableResult
  func post(_ command: ThreadCommand) -> Bool {
    let (accepted, endsSleep) = state.withLock { state in
      guard !state.refusesCommands else { return (false, false) }
      state.commands.append(command)
      defer { state.isSleeping = false }
      return (true, state.isSleeping)
    }
    // Two system calls saved for every message that arrives while the thread is awake.
    if endsSleep { signal() }
    return accepted
  }

  /// Suspends until the thread has ended and its context is freed.
  func waitUntilFinished() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.hasFinished { state.waiters.append(continuation) }
        return state.hasFinished
      }
      if isOver { continuation.resume() }
    }
  }

  // MARK: From the socket thread

  func takeCommands() -> [ThreadCommand] {
    state.withLock { state in
      guard !state.commands.isEmpty else { return [] }
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// - Returns: false when commands wait, so that there is no time to sleep.
  func beginSleep() -> Bool {
    state.withLock { state in
      state.isSleeping = state.commands.isEmpty
      return state.isSleeping
    }
  }

  func endSleep(wasSignalled: Bool) {
    state.withLock { $0.isSleeping = false }
    guard wasSignalled else { return }
    var count: UInt64 = 0
    // Resets the counter. EAGAIN, when there was nothing to reset, is as good.
    _ = read(eventDescriptor, &count, MemoryLayout.size(ofValue: count))
  }

  /// Answers what is left and everything that still comes with a refusal.
  func refuseCommands() {
    let left = state.withLock { state in
      state.refusesCommands = true
      defer { state.commands = [] }
      return state.commands
    }
    for command in left {
      switch command {
      case .attach(_, _, let refused): refused()
      case .detach(_, let done): done()
      case .wake, .stop: break
      }
    }
  }

  func finished() {
    let waiters = state.withLock { state in
      state.hasFinished = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  private func signal() {
    var one: UInt64 = 1
    // Fails only with EAGAIN at 2^64 - 2 signals unread, when the thread is certain to wake up anyway.
    _ = write(eventDescriptor, &one, MemoryLayout.size(ofValue: one))
  }
}
