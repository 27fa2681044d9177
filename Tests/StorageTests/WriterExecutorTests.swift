import Storage
import Synchronization
import TestSupport
import Testing

/// Steps of tasks on the thread that writes.
@Suite(.timeLimit(.minutes(1))) struct WriterExecutorTests {
  @Test func `a task that prefers the writer runs where commands do`() async throws {
    try await withTemporaryStore { store in
      let writer = try await store.write { _ in RunningThread.id() }
      let threads = try await withTaskExecutorPreference(store.executor) {
        let before = RunningThread.id()
        try await store.write { _ in }
        return [before, RunningThread.id()]
      }
      #expect(threads == [writer, writer])
      let elsewhere = RunningThread.id()
      #expect(elsewhere != writer)
    }
  }

  /// Neither kind of work may keep the other from its turn.
  @Test func `steps and commands take turns`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<2 {
          group.addTask(executorPreference: store.executor) {
            var steps = 0
            while !Task.isCancelled {
              await Task.yield()
              steps += 1
            }
            return steps
          }
        }
        for number in 0..<500 { _ = try await store.write { try Notes.write(NoteWritten("\(number)"), in: $0) } }
        group.cancelAll()
        for try await steps in group { #expect(steps > 0) }
      }
    }
  }

  /// The other way round: commands that never end, as each leads to the next, and a task with many steps to take.
  @Test func `commands don't keep steps from their turn`() async throws {
    try await withTemporaryStore { store in
      let chain = CommandChain(store)
      try chain.start()
      let steps = await withTaskExecutorPreference(store.executor) {
        var steps = 0
        for _ in 0..<200 {
          await Task.yield()
          steps += 1
        }
        return steps
      }
      #expect(steps == 200)
      let commands = await chain.end()
      #expect(commands > 0)
    }
  }

  /// Commands that are each submitted while the one before is being told that it is done, so that the writer never finds
  /// its inbox empty.
  private final class CommandChain: Sendable {
    private let store: Store
    private let isEnding = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)
    private let ended = AsyncStream<Void>.makeStream()

    init(_ store: Store) {
      self.store = store
    }

    func start() throws {
      try store.submit(
        { _ in },
        completion: { [self] _ in
          count.add(1, ordering: .relaxed)
          if isEnding.load(ordering: .relaxed) { return ended.continuation.finish() }
          do { try start() } catch { ended.continuation.finish() }
        }
      )
    }

    func end() async -> Int {
      isEnding.store(true, ordering: .relaxed)
      for await _ in ended.stream {}
      return count.load(ordering: .relaxed)
    }
  }

  /// What always has a next step is everybody's once the store is closed.
  @Test func `no task keeps a store from being closed`() async throws {
    try await withTemporaryStore { store in
      let task = Task(executorPreference: store.executor) { while !Task.isCancelled { await Task.yield() } }
      await store.close()
      task.cancel()
      await task.value
    }
  }

  @Test func `a task goes on elsewhere once the store is closed`() async throws {
    try await withTemporaryStore { store in
      let executor = store.executor
      let writer = await withTaskExecutorPreference(executor) { RunningThread.id() }
      await store.close()
      let after = await withTaskExecutorPreference(executor) {
        await Task.yield()
        return RunningThread.id()
      }
      #expect(after != writer)
    }
  }

  /// What a task still has to do when the store is being closed is done, whichever thread does it.
  @Test func `no step is lost by closing`() async throws {
    for _ in 0..<50 {
      try await withTemporaryStore { store in
        let tasks = (0..<8).map { _ in
          Task(executorPreference: store.executor) {
            for _ in 0..<20 { await Task.yield() }
          }
        }
        await store.close()
        for task in tasks { await task.value }
      }
    }
  }
}
