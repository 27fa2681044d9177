import DequeModule
import Dispatch
import Synchronization

/// Where commands wait for the writer's thread, and with them the steps of tasks that prefer it.
///
/// Commands are bounded: who finds it full is turned away. Steps are bounded by the tasks that there are.
@usableFromInline
final class CommandInbox: TaskExecutor {
  fileprivate struct State {
    var commands: Deque<any Command> = []
    var jobs: [UnownedJob] = []
    var isWriterAsleep = false
    var isClosed = false
    /// Whether the writer has taken the last of it.
    var isFinished = false
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

  /// Takes a step of a task that prefers the writer's thread. Once that has ended, the step is everybody's.
  @usableFromInline
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let (isTaken, mustWake) = state.withLock { state in
      guard !state.isFinished else { return (false, false) }
      state.jobs.append(job)
      return (true, state.wakeWriter())
    }
    if mustWake { wakeUp.signal() }
    if !isTaken { globalConcurrentExecutor.enqueue(job) }
  }

  /// How many steps, one leading to the next, tasks may take before commands have their turn.
  private static let jobRounds = 16

  /// The next commands in order of arrival, at most `limit`; before them the steps of tasks are run, which may lead to
  /// further ones. Blocks while there are none.
  /// - Returns: nil once the inbox is closed and empty.
  func take(atMost limit: Int) -> [any Command]? {
    var rounds = 0
    while true {
      let (jobs, commands, isFinished) = state.withLock { state in
        state.take(atMost: limit, commandsFirst: rounds >= CommandInbox.jobRounds)
      }
      guard !isFinished else {
        for job in jobs { globalConcurrentExecutor.enqueue(job) }
        return nil
      }
      run(jobs)
      rounds += 1
      guard commands.isEmpty else { return commands }
      if jobs.isEmpty { wakeUp.wait() }
    }
  }

  /// Runs the steps that wait, and not what they lead to.
  func runSteps() {
    run(
      state.withLock { state in
        defer { state.jobs = [] }
        return state.jobs
      }
    )
  }

  private func run(_ jobs: [UnownedJob]) {
    for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}

extension CommandInbox.State {
  fileprivate mutating func take(
    atMost limit: Int,
    commandsFirst: Bool
  ) -> (jobs: [UnownedJob], commands: [any Command], isFinished: Bool) {
    // A task that always has a next step keeps nothing from being closed.
    isFinished = isClosed && commands.isEmpty
    guard !isFinished, jobs.isEmpty || commandsFirst && !commands.isEmpty else {
      defer { jobs = [] }
      return (jobs, [], isFinished)
    }
    guard commands.isEmpty else {
      let count = min(limit, commands.count)
      defer { commands.removeFirst(count) }
      return ([], Array(commands.prefix(count)), false)
    }
    isWriterAsleep = true
    return ([], [], false)
  }

  /// Whether the semaphore has to be signalled: once for each time that the writer fell asleep.
  fileprivate mutating func wakeWriter() -> Bool {
    defer { isWriterAsleep = false }
    return isWriterAsleep
  }
}
