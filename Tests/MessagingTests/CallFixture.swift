import Contracts
import Foundation
import GRPCCore
import GRPCInProcessTransport
import Synchronization
import Testing

@testable import Messaging

/// The transports that carry calls; each has to pass the same suite.
enum CallCarrier: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case tcp, ipc, inProcess

  static let overZeroMQ: [CallCarrier] = [.tcp, .ipc]
  var testDescription: String { rawValue }
}

/// The methods of a service that exists to be tested.
enum ProbeAPI {
  static let add = Query<Pair, Sum>("probe.v1", "Add")
  static let keep = Command<Note, Sum>("probe.v1", "Keep")
  static let count = Feed<Sum, Sum>("probe.v1", "Count")
  static let double = Exchange<Sum, Sum>("probe.v1", "Double")
  static let bytes = Feed<Sum, [UInt8]>("probe.v1", "Bytes")
  static let wait = Query<Sum, Sum>("probe.v1", "Wait")
  static let missing = Query<Sum, Sum>("probe.v1", "Missing")
}

struct Pair: Codable, Sendable {
  var left: Int
  var right: Int
}

struct Sum: Codable, Sendable, Hashable {
  var value: Int
}

struct Note: Codable, Sendable {
  var text: String
  var depth: [Pair]?
}

/// What the probe service saw, and what it is told to do.
final class ProbeRecorder: Sendable {
  private struct State {
    var events: [String] = []
    var waiters: [(text: String, reached: AsyncStream<Void>.Continuation)] = []
  }

  private let state = Mutex(State())

  func note(_ event: String) {
    let reached = state.withLock { state in
      state.events.append(event)
      let reached = state.waiters.filter { $0.text == event }
      state.waiters.removeAll { $0.text == event }
      return reached
    }
    for waiter in reached { waiter.reached.finish() }
  }

  var events: [String] { state.withLock { $0.events } }

  /// Suspends until `event` has been noted, or the suite's time limit has passed.
  func wait(for event: String) async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let isKnown = state.withLock { state in
      guard !state.events.contains(event) else { return true }
      state.waiters.append((event, continuation))
      return false
    }
    if isKnown { return }
    for await _ in stream {}
    if Task.isCancelled { Issue.record("waited in vain for '\(event)' after \(events.suffix(5))") }
  }

  var handlers: CallHandlers {
    var handlers = CallHandlers()
    handlers.query(ProbeAPI.add) { pair, _ in
      let (sum, overflows) = pair.left.addingReportingOverflow(pair.right)
      guard !overflows else { throw Fault(.outOfRange, reason: "tooLarge", "the sum overflows", field: "left") }
      return Sum(value: sum)
    }
    handlers.command(ProbeAPI.keep) { note, call in
      self.note("keep \(call.requestID?.rawValue ?? "-") \(call.principal?.name ?? "-") \(call.after)")
      return CallReply(Sum(value: note.text.utf8.count), positions: ["ranking/1/9/\(note.text.utf8.count)"])
    }
    handlers.feed(ProbeAPI.count) { limit, _, writer in
      defer { self.note("count ended") }
      for value in 0..<limit.value {
        try await writer.write(Sum(value: value))
        if value % 100 == 99 { self.note("counted \(value + 1)") }
      }
    }
    handlers.exchange(ProbeAPI.double) { requests, _, writer in
      defer { self.note("double ended") }
      for try await request in requests { try await writer.write(Sum(value: request.value * 2)) }
    }
    handlers.feed(raw: ProbeAPI.bytes) { size, _, writer in
      try await writer.write([UInt8](repeating: 7, count: size.value))
    }
    handlers.query(ProbeAPI.wait) { request, call in
      self.note("waiting \(request.value)")
      defer { self.note("waited \(request.value)") }
      try await Task.sleep(for: .seconds(60))
      return request
    }
    return handlers
  }
}

/// A running server and the means to make clients of it.
struct CallFixture: Sendable {
  let carrier: CallCarrier
  let recorder: ProbeRecorder
  let server: CallServer
  let client: CallClient
  let transports: CallTransports

  /// Runs `body` beside a server and a client, and stops both.
  static func with<Result: Sendable>(
    _ carrier: CallCarrier,
    limits: CallLimits = CallLimits(),
    clientLimits: CallLimits = CallLimits(),
    body: @Sendable (CallFixture) async throws -> Result
  ) async throws -> Result {
    let recorder = ProbeRecorder()
    let transports = try CallTransports(carrier)
    let server = try transports.server(recorder.handlers, limits: limits)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let client = try await transports.client(limits: clientLimits)
      group.addTask { try await client.run() }
      let fixture = CallFixture(
        carrier: carrier,
        recorder: recorder,
        server: server,
        client: client,
        transports: transports
      )
      let result = try await body(fixture)
      client.beginShutdown()
      server.beginShutdown()
      try await group.waitForAll()
      #expect(await transports.close(), "no socket is left open")
      return result
    }
  }
}

/// The endpoints of one test: a free port, a temporary directory, or nothing but memory.
final class CallTransports: Sendable {
  let thread: SocketThread
  let carrier: CallCarrier
  private let directory: URL?
  private let inProcess: InProcessTransport?
  private let server = Mutex<ZeroMQServerTransport?>(nil)

  init(_ carrier: CallCarrier) throws {
    self.carrier = carrier
    thread = try SocketThread()
    inProcess = carrier == .inProcess ? InProcessTransport() : nil
    if carrier == .ipc {
      let directory = FileManager.default.temporaryDirectory.appending(path: "calls-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      self.directory = directory
    } else {
      directory = nil
    }
  }

  /// A server on a free endpoint, or on the one that a server before it had.
  func server(_ handlers: CallHandlers, limits: CallLimits, at endpoint: Endpoint? = nil) throws -> CallServer {
    if let inProcess { return CallServer(over: inProcess.server, handlers) }
    let free = try Endpoint(directory.map { "ipc://\($0.path())/calls" } ?? "tcp://127.0.0.1:*")
    let transport = ZeroMQServerTransport(at: [endpoint ?? free], on: thread, limits: limits)
    server.withLock { $0 = transport }
    return CallServer(over: transport, handlers)
  }

  var zeroMQServer: ZeroMQServerTransport? { server.withLock { $0 } }

  /// Where the server listens.
  func endpoint() async throws -> Endpoint {
    let server = try #require(zeroMQServer)
    return try #require(try await server.boundEndpoints.first)
  }

  func client(limits: CallLimits = CallLimits()) async throws -> CallClient {
    let principal = Principal(role: .program, name: "probe")
    if let inProcess { return try CallClient(over: inProcess.client, as: principal) }
    return try CallClient(
      over: ZeroMQClientTransport(to: try await endpoint(), on: thread, limits: limits),
      as: principal
    )
  }

  /// - Returns: whether the thread ended in time.
  func close() async -> Bool {
    if let directory {
      do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
    }
    return await thread.stop()
  }
}

extension CallSettings {
  /// One attempt.
  static var once: CallSettings {
    var settings = CallSettings()
    settings.retries = false
    return settings
  }

  /// Waits for the service to be there.
  static func patient(_ timeout: Duration) -> CallSettings {
    var settings = CallSettings(timeout: timeout)
    settings.waitsForReady = true
    return settings
  }
}
