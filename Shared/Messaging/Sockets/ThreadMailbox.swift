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
/// Bounded by its senders: one wake per driver can be under way, one attach or detach per waiting caller, and one job
/// per task that prefers the thread.
final class ThreadMailbox: TaskExecutor {
  private struct State {
    var commands: [ThreadCommand] = []
    var jobs: [UnownedJob] = []
    var isSleeping = false
    var refusesCommands = false
    var hasFinished = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Whether a driver has something to send that the last `tick` may have missed.
  private let wantsTick = Atomic<Bool>(false)
  let turns = SocketTurns()
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

  /// Takes a step of a task that prefers this thread. Once the thread takes no more, the step is everybody's.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let (accepted, endsSleep) = state.withLock { state in
      guard !state.refusesCommands else { return (false, false) }
      state.jobs.append(job)
      defer { state.isSleeping = false }
      return (true, state.isSleeping)
    }
    if endsSleep { signal() }
    if !accepted { globalConcurrentExecutor.enqueue(job) }
  }

  /// Asks for a `tick` before the next sleep, where the caller is within a turn of its own.
  /// - Returns: false for anybody else.
  func wantTickIfCurrent() -> Bool {
    guard turns.isHeldByCaller else { return false }
    wantsTick.store(true, ordering: .relaxed)
    return true
  }

  /// Ticks a driver on the calling thread, where the socket thread sleeps and nobody else does the same.
  /// - Returns: whether that was done.
  func help(_ driver: Int) -> Bool {
    guard state.withLock({ $0.isSleeping }), let mustWake = turns.help(driver) else { return false }
    let endsSleep = state.withLock { state in
      defer { if mustWake { state.isSleeping = false } }
      return state.isSleeping && mustWake
    }
    if endsSleep { signal() }
    return true
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

  /// Whether `wantTickIfCurrent` has been called since the last time.
  func takeWantedTick() -> Bool {
    let isWanted = wantsTick.load(ordering: .relaxed)
    if isWanted { wantsTick.store(false, ordering: .relaxed) }
    return isWanted
  }

  /// Runs the steps of tasks that wait here, and those that they lead to, up to a bound.
  /// - Parameter rounds: how often to look for further ones before the sockets have their turn.
  func runJobs(rounds: Int) {
    for _ in 0..<rounds {
      let jobs = state.withLock { state in
        guard !state.jobs.isEmpty else { return [] as [UnownedJob] }
        defer { state.jobs = [] }
        return state.jobs
      }
      guard !jobs.isEmpty else { return }
      for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }

  func takeCommands() -> [ThreadCommand] {
    state.withLock { state in
      guard !state.commands.isEmpty else { return [] }
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// - Returns: false when something waits, so that there is no time to sleep.
  func beginSleep() -> Bool {
    state.withLock { state in
      state.isSleeping = state.commands.isEmpty && state.jobs.isEmpty
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
    let (commands, jobs) = state.withLock { state in
      state.refusesCommands = true
      defer { (state.commands, state.jobs) = ([], []) }
      return (state.commands, state.jobs)
    }
    for job in jobs { globalConcurrentExecutor.enqueue(job) }
    for command in commands {
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
