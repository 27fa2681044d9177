import Glibc
import Synchronization
import Testing

@testable import Messaging

/// Sends back what it receives, and counts; stops by throwing when told `die`.
private final class Echo: SocketDriver {
  private let socket: Socket
  private let message = Message()
  private let journal: EchoJournal

  init(_ socket: consuming Socket, journal: EchoJournal) {
    self.socket = socket
    self.journal = journal
  }

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    for _ in 0..<SocketLoop.roundLimit {
      guard try socket.receive(into: message) else { return false }
      let part = message.copy()
      if part == Array("die".utf8) { throw ZeroMQError(.receive, .system(5)) }
      _ = try socket.send(part, more: message.hasMore)
    }
    return true
  }

  func wake(on loop: SocketLoop) throws(ZeroMQError) { journal.wakes.add(1, ordering: .relaxed) }
  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? { nil }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {
    journal.noteEnd(error.map { "\($0)" } ?? "detached")
  }
}

private final class EchoJournal: Sendable {
  let wakes = Atomic<Int>(0)
  private let ends = AsyncStream<String>.makeStream()

  func noteEnd(_ how: String) { ends.continuation.yield(how) }

  /// Suspends until the driver has been stopped.
  func end() async -> String? { await ends.stream.first { _ in true } }
}

/// Sends what is in its box in its tick, wherever that is, and gathers the echoes.
private final class Caller: SocketDriver {
  private let socket: Socket
  private let message = Message()
  private let box: CallerBox
  private let home = pthread_self()

  init(_ socket: consuming Socket, box: CallerBox) {
    self.socket = socket
    self.box = box
  }

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    while try socket.receive(into: message) {
      let part = message.copy()
      box.received.withLock { $0.append(part) }
    }
    box.noteProgress()
    return false
  }

  func wake(on loop: SocketLoop) throws(ZeroMQError) {}

  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? {
    let parts = box.outgoing.withLock { $0.takeAll() }
    for part in parts { _ = try socket.send(part) }
    if !parts.isEmpty, pthread_equal(pthread_self(), home) == 0 { box.sentElsewhere.add(1, ordering: .relaxed) }
    return nil
  }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {}
}

private final class CallerBox: Sendable {
  /// Turns of a hurrying caller that sent something.
  let sentElsewhere = Atomic<Int>(0)
  let outgoing = Mutex<[[UInt8]]>([])
  let received = Mutex<[[UInt8]]>([])
  private let progress = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  func noteProgress() { progress.continuation.yield() }

  func wait(forCount count: Int) async -> [[UInt8]] {
    for await _ in progress.stream where received.withLock({ $0.count >= count }) { break }
    return received.withLock { $0 }
  }
}

extension Array {
  fileprivate mutating func takeAll() -> [Element] {
    defer { self = [] }
    return self
  }
}

@Suite(.timeLimit(.minutes(1)))
struct SocketThreadTests {
  @Test(arguments: ["tcp://127.0.0.1:*", "inproc://echo"])
  func echoesInOrderThroughOneThread(endpoint: String) async throws {
    let thread = try SocketThread()
    let journal = EchoJournal()
    let server = try await thread.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.router, SocketOptions(), tag: 0)
      try socket.bind(try Endpoint(endpoint))
      let bound = try socket.lastEndpoint()
      return (Echo(socket, journal: journal), bound)
    }
    let box = CallerBox()
    let client = try await thread.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.dealer, SocketOptions(), tag: 0)
      try socket.connect(server.value)
      return (Caller(socket, box: box), ())
    }
    let sent = (0..<500).map { Array("message \($0)".utf8) }
    for part in sent {
      box.outgoing.withLock { $0.append(part) }
      client.handle.wake()
    }
    #expect(await box.wait(forCount: sent.count) == sent)
    await server.handle.detach()
    #expect(await journal.end() == "detached")
    #expect(journal.wakes.load(ordering: .relaxed) == 1, "attached once, woken by nobody")
    #expect(await thread.stop(), "every socket was closed, so the context ends in time")
  }

  @Test func whoHurriesSendsByItselfAndNoAnswerIsMissed() async throws {
    let thread = try SocketThread()
    let (_, endpoint) = try await thread.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.router, SocketOptions(), tag: 0)
      try socket.bind(try Endpoint("tcp://127.0.0.1:*"))
      let bound = try socket.lastEndpoint()
      return (Echo(socket, journal: EchoJournal()), bound)
    }
    let box = CallerBox()
    // A thread of its own, so that it sleeps while the other one echoes.
    let callers = try SocketThread()
    let client = try await callers.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.dealer, SocketOptions(), tag: 0)
      try socket.connect(endpoint)
      return (Caller(socket, box: box), ())
    }
    var count = 0
    while count < 500 || box.sentElsewhere.load(ordering: .relaxed) < 50 {
      // Two at once, so that one of them finds the turn taken now and then.
      await withTaskGroup(of: Void.self) { group in
        for number in [count, count + 1] {
          group.addTask {
            box.outgoing.withLock { $0.append(Array("message \(number)".utf8)) }
            client.handle.hurry()
          }
        }
      }
      count += 2
      #expect(await box.wait(forCount: count).count == count)
    }
    #expect(Set(box.received.withLock { $0 }) == Set((0..<count).map { Array("message \($0)".utf8) }))
    await client.handle.detach()
    #expect(await callers.stop())
    #expect(await thread.stop())
  }

  @Test func aDriverThatThrowsIsStoppedAndTheOthersGoOn() async throws {
    let thread = try SocketThread()
    let journal = EchoJournal()
    let (_, endpoint) = try await thread.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.router, SocketOptions(), tag: 0)
      try socket.bind(try Endpoint("tcp://127.0.0.1:*"))
      let bound = try socket.lastEndpoint()
      return (Echo(socket, journal: journal), bound)
    }
    let box = CallerBox()
    let client = try await thread.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.dealer, SocketOptions(), tag: 0)
      try socket.connect(endpoint)
      return (Caller(socket, box: box), ())
    }
    box.outgoing.withLock { $0 = [Array("one".utf8)] }
    client.handle.wake()
    _ = await box.wait(forCount: 1)
    box.outgoing.withLock { $0 = [Array("die".utf8)] }
    client.handle.wake()
    #expect(await journal.end()?.hasPrefix("can't receive") == true)
    await client.handle.detach()
    #expect(await thread.stop())
  }

  @Test func takenPortIsNamedInPlainWords() async throws {
    let thread = try SocketThread()
    let (_, taken) = try await thread.attach { loop throws(ZeroMQError) in
      let socket = try loop.open(.router, SocketOptions(), tag: 0)
      try socket.bind(try Endpoint("tcp://127.0.0.1:*"))
      let bound = try socket.lastEndpoint()
      return (Echo(socket, journal: EchoJournal()), bound)
    }
    let error = await #expect(throws: ZeroMQError.self) {
      try await thread.attach { loop throws(ZeroMQError) in
        let socket = try loop.open(.router, SocketOptions(), tag: 0)
        try socket.bind(taken)
        return (Echo(socket, journal: EchoJournal()), ())
      }
    }
    #expect(error?.description.contains("is taken, most likely by another instance") == true)
    #expect(error?.endpoint == taken.description)
    #expect(await thread.stop())
  }

  @Test func aStoppedThreadRefuses() async throws {
    let thread = try SocketThread()
    #expect(await thread.stop())
    let error = await #expect(throws: ZeroMQError.self) {
      try await thread.attach { loop throws(ZeroMQError) in
        let socket = try loop.open(.dealer, SocketOptions(), tag: 0)
        return (Echo(socket, journal: EchoJournal()), ())
      }
    }
    #expect(error?.cause == .threadStopped)
  }

  @Test(arguments: ["tcp://0.0.0.0:7411", "tcp://*:7411", "tcp://10.1.2.3:7411", "tcp://127.0.0.1.example.org:7411"])
  func plainTrafficStaysOnThisMachine(text: String) async throws {
    let thread = try SocketThread()
    let endpoint = try Endpoint(text)
    for binds in [true, false] {
      let error = await #expect(throws: ZeroMQError.self) {
        try await thread.attach { loop throws(ZeroMQError) in
          let socket = try loop.open(.dealer, SocketOptions(), tag: 0)
          if binds { try socket.bind(endpoint) } else { try socket.connect(endpoint) }
          return (Echo(socket, journal: EchoJournal()), ())
        }
      }
      #expect(error?.cause == .plainBeyondLoopback)
    }
    #expect(await thread.stop())
  }
}

struct SocketEndpointTests {
  @Test(arguments: [
    "tcp://127.0.0.1:7411", "tcp://127.9.9.9:*", "tcp://localhost:1", "tcp://[::1]:7411", "ipc:///run/x", "inproc://a",
  ])
  func acceptsLocal(text: String) throws {
    let endpoint = try Endpoint(text)
    #expect(endpoint.isLocal)
    #expect(endpoint.description == text)
  }

  @Test(arguments: [
    ("7411", "an endpoint is"), ("tcp://7411", "names a host and a port"), ("tcp://:7411", "names a host and a port"),
    ("tcp://127.0.0.1:70000", "'70000' is not a port"), ("http://127.0.0.1:80", "none of tcp, ipc and inproc"),
    ("ipc://", "names a path"), ("ipc://\(String(repeating: "p", count: 108))", "has 108 bytes"),
    ("inproc://", "has a name"),
  ])
  func explainsWhatIsWrong(text: String, why: String) {
    let error = #expect(throws: ZeroMQError.self) { try Endpoint(text) }
    #expect(error?.description.contains(why) == true)
  }
}
