import GRPCCore
import Synchronization
import Testing

@testable import Messaging

/// A bare ZeroMQ socket that speaks bytes, as a program in another language would.
final class RawPeer: Sendable {
  private final class Driver: SocketDriver {
    private let socket: Socket
    private let message = Message()
    private let peer: RawPeer

    init(_ socket: consuming Socket, _ peer: RawPeer) {
      self.socket = socket
      self.peer = peer
    }

    func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
      while try socket.receive(into: message) {
        var parts = [message.copy()]
        while message.hasMore, try socket.receive(into: message) { parts.append(message.copy()) }
        peer.arrivals.continuation.yield(parts)
      }
      return false
    }

    func wake(on loop: SocketLoop) throws(ZeroMQError) { try flush() }
    func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? { nil }
    func stop(because error: ZeroMQError?, on loop: SocketLoop) {}

    private func flush() throws(ZeroMQError) {
      let messages = peer.outgoing.withLock { outgoing in
        defer { outgoing = [] }
        return outgoing
      }
      for parts in messages {
        for (index, part) in parts.enumerated() { _ = try socket.send(part, more: index < parts.count - 1) }
      }
    }
  }

  private let outgoing = Mutex<[[[UInt8]]]>([])
  private let arrivals = AsyncStream<[[UInt8]]>.makeStream()
  private let handle: DriverHandle

  private init(_ handle: DriverHandle) {
    self.handle = handle
  }

  /// A DEALER connected to `endpoint`.
  /// - Parameter identity: what it calls itself; the server chooses where nothing is said.
  static func client(
    of endpoint: Endpoint,
    on thread: SocketThread,
    security: SocketSecurity = .plain,
    identity: [UInt8]? = nil
  ) async throws -> RawPeer {
    let peer = RawPeer(thread.makeHandle())
    try await thread.attach(as: peer.handle) { loop throws(ZeroMQError) in
      var options = SocketOptions()
      options.security = security
      let socket = try loop.open(.dealer, options, tag: 0)
      // ZMQ_ROUTING_ID
      if let identity { try socket.set(5, bytes: identity) }
      try socket.connect(endpoint)
      return (Driver(socket, peer), ())
    }
    return peer
  }

  /// A ROUTER on a free port.
  static func server(on thread: SocketThread) async throws -> (peer: RawPeer, endpoint: Endpoint) {
    let peer = RawPeer(thread.makeHandle())
    let endpoint = try await thread.attach(as: peer.handle) { loop throws(ZeroMQError) in
      let socket = try loop.open(.router, SocketOptions(), tag: 0)
      try socket.bind(try Endpoint("tcp://127.0.0.1:*"))
      let bound = try socket.lastEndpoint()
      return (Driver(socket, peer), bound)
    }
    return (peer, endpoint)
  }

  /// Sends a message of several parts.
  func send(parts: [[UInt8]]) {
    outgoing.withLock { $0.append(parts) }
    handle.wake()
  }

  /// Sends records in one frame.
  func send(_ records: CallRecord..., to identity: [UInt8]? = nil) {
    var frame: [UInt8] = []
    for record in records { FrameCodec.append(record, to: &frame) }
    send(parts: (identity.map { [$0] } ?? []) + [frame])
  }

  /// The next message, part by part; the suite's time limit bounds the wait.
  func receive() async -> [[UInt8]] {
    await arrivals.stream.first { _ in true } ?? []
  }

  /// Records as they come until one satisfies `isLast`, without PINGs.
  func records(until isLast: (CallRecord) -> Bool) async throws -> [CallRecord] {
    var records: [CallRecord] = []
    while true {
      let frame = try #require(await receive().last)
      for record in try frame.withUnsafeBytes({ try FrameCodec.decode($0) }) where record.content != .ping {
        records.append(record)
        if isLast(record) { return records }
      }
    }
  }

  /// Welcomes whoever says HELLO, which on a machine that is busy a client may do more than once, until a request has
  /// come; without PINGs.
  func request() async throws -> (identity: [UInt8], records: [CallRecord]) {
    var records: [CallRecord] = []
    while true {
      let parts = await receive()
      let identity = try #require(parts.first, "the call failed, or the test ran out of time")
      let frame = try #require(parts.last)
      for record in try frame.withUnsafeBytes({ try FrameCodec.decode($0) }) where record.content != .ping {
        records.append(record)
        if record.content.kind == .hello { send(.connection(.welcome(.assumed)), to: identity) }
        if record.content.kind == .message { return (identity, records) }
      }
    }
  }

  /// The code of the first STATUS that comes; nil where none does in time.
  func statusCode(within time: Duration) async throws -> Int? {
    try await withThrowingTaskGroup(of: Int?.self) { group in
      group.addTask { [self] in
        while let frame = await receive().last {
          for case .status(let status, _) in try frame.withUnsafeBytes({ try FrameCodec.decode($0) }).map(\.content) {
            return status.code.rawValue
          }
        }
        return nil
      }
      group.addTask {
        try await Task.sleep(for: time)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// Whoever waits for something, or is going to, gets nothing any more.
  func stopListening() { arrivals.continuation.finish() }

  /// Closes the socket without a word.
  func vanish() async { await handle.detach() }
}
