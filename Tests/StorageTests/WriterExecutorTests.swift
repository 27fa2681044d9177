import Storage
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
      // And the other way round: commands that never end, and a task that has a thousand steps to take.
      let steps = try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask { while !Task.isCancelled { try await store.write { _ in } } }
        }
        let steps = await withTaskExecutorPreference(store.executor) {
          var steps = 0
          for _ in 0..<1000 {
            await Task.yield()
            steps += 1
          }
          return steps
        }
        group.cancelAll()
        try await group.waitForAll()
        return steps
      }
      #expect(steps == 1000)
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
