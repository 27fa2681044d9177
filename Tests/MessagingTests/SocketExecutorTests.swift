import Contracts
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// What runs on the socket thread, and what must not (decision 0012).
@Suite(.timeLimit(.minutes(1)))
struct SocketExecutorTests {
  @Test func aTaskThatPrefersTheThreadRunsThere() async throws {
    let thread = try SocketThread()
    let (name, id) = await withTaskExecutorPreference(thread.executor) { (RunningThread.name(), RunningThread.id()) }
    #expect(name == "sockets")
    let again = await withTaskExecutorPreference(thread.executor) { RunningThread.id() }
    #expect(id == again)
    #expect(await thread.stop())
  }

  /// More steps, one leading to the next, than a turn of the loop takes.
  @Test func longChainsOfStepsEnd() async throws {
    let thread = try SocketThread()
    let steps = await withTaskExecutorPreference(thread.executor) {
      var steps = 0
      for _ in 0..<1000 {
        await Task.yield()
        steps += 1
      }
      return steps
    }
    #expect(steps == 1000)
    #expect(await thread.stop())
  }

  @Test func aTaskGoesOnElsewhereOnceTheThreadHasStopped() async throws {
    let thread = try SocketThread()
    let executor = thread.executor
    let before = await withTaskExecutorPreference(executor) { RunningThread.id() }
    #expect(await thread.stop())
    let after = await withTaskExecutorPreference(executor) {
      await Task.yield()
      return RunningThread.id()
    }
    #expect(after != before)
  }

  /// Calls made one after another come by themselves, sooner or later without anything else in their turn. What a
  /// handler waits for may have come before it has begun to, so now and then one goes on where it is.
  @Test func aLoneCallBeginsOnTheThreadAndGoesOnInThePool() async throws {
    let steps = Mutex<[(before: String, after: String)]>([])
    var handlers = CallHandlers()
    handlers.query(ProbeAPI.add) { pair, _ in
      let before = RunningThread.id()
      await Task.yield()
      let after = RunningThread.id()
      steps.withLock { $0.append((before, after)) }
      return Sum(value: pair.left + pair.right)
    }
    try await withCallServer(handlers) { client, thread in
      while !steps.withLock({ $0.contains { $0.before == thread && $0.after != thread } }) {
        _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 2))
      }
    }
  }

  @Test func aMethodThatKeptTheThreadIsKeptOffIt() async throws {
    let threads = Mutex<[String]>([])
    var handlers = CallHandlers()
    handlers.query(ProbeAPI.add) { pair, _ in
      threads.withLock { $0.append(RunningThread.id()) }
      let end = MonotonicInstant.now + .milliseconds(20)
      while .now < end {}
      return Sum(value: pair.left + pair.right)
    }
    try await withCallServer(handlers) { client, thread in
      while threads.withLock({ $0.count { $0 == thread } }) < 2 {
        _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 2))
      }
      for _ in 0..<5 { _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 2)) }
      let onThread = threads.withLock { $0.count { $0 == thread } }
      #expect(onThread == 2)
    }
  }

  @Test func feedsBeginInThePool() async throws {
    let threads = Mutex<Set<String>>([])
    var handlers = CallHandlers()
    handlers.feed(ProbeAPI.count) { _, _, _ in threads.withLock { _ = $0.insert(RunningThread.id()) } }
    try await withCallServer(handlers) { client, thread in
      for _ in 0..<50 { try await client.feed(ProbeAPI.count, Sum(value: 0)) { for try await _ in $0 {} } }
      let seen = threads.withLock { $0 }
      #expect(!seen.isEmpty && !seen.contains(thread))
    }
  }

  /// Nobody connects yet, so nobody but the caller's side can watch the time.
  @Test func aCallBeforeTheClientRunsEndsByItsDeadline() async throws {
    let thread = try SocketThread()
    let client = try CallClient(
      over: ZeroMQClientTransport(to: try Endpoint("tcp://127.0.0.1:9"), on: thread),
      as: Principal(role: .program, name: "probe")
    )
    let fault = await #expect(throws: Fault.self) {
      try await client.call(ProbeAPI.add, Pair(left: 1, right: 1), CallSettings(timeout: .milliseconds(200)))
    }
    #expect(fault?.code == .deadlineExceeded)
    #expect(await thread.stop())
  }
}
