import Contracts
import Foundation
import Synchronization
import Testing

@testable import Messaging

/// What runs on the socket thread, and what must not (decision 0012).
@Suite(.timeLimit(.minutes(1)))
struct SocketExecutorTests {
  /// Linux knows threads by name, proc(5).
  private static func threadName() -> String {
    FileManager.default.contents(atPath: "/proc/thread-self/comm")
      .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) } ?? "unknown"
  }

  @Test func aTaskThatPrefersTheThreadRunsThere() async throws {
    let thread = try SocketThread()
    let name = await withTaskExecutorPreference(thread.executor) { Self.threadName() }
    #expect(name == "sockets")
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
    #expect(await thread.stop())
    let name = await withTaskExecutorPreference(executor) {
      await Task.yield()
      return Self.threadName()
    }
    #expect(name != "sockets")
  }

  @Test func handlersAndObserversStayOffTheThread() async throws {
    let names = Mutex<[String]>([])
    var handlers = CallHandlers()
    handlers.query(ProbeAPI.add) { pair, _ in
      names.withLock { $0.append(Self.threadName()) }
      return Sum(value: pair.left + pair.right)
    }
    let thread = try SocketThread()
    let transport = ZeroMQServerTransport(at: [try Endpoint("tcp://127.0.0.1:*")], on: thread)
    let server = CallServer(over: transport, handlers) { _ in names.withLock { $0.append(Self.threadName()) } }
    let serving = Task { try await server.run() }
    let client = try CallClient(
      over: ZeroMQClientTransport(to: try await transport.boundEndpoints[0], on: thread),
      as: Principal(role: .program, name: "probe")
    )
    let running = Task { try await client.run() }
    #expect(try await client.call(ProbeAPI.add, Pair(left: 1, right: 2)) == Sum(value: 3))
    client.beginShutdown()
    server.beginShutdown()
    try await running.value
    try await serving.value
    #expect(names.withLock { $0.count } == 2)
    #expect(names.withLock { !$0.contains("sockets") })
    #expect(await thread.stop())
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
