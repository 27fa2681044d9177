import DequeModule
import GRPCCore

/// A client's half on the socket thread: one DEALER, its monitor, and the frames that the network hasn't taken yet.
final class ClientDriver: SocketDriver {
  private enum Tag {
    static let calls = 0
    static let monitor = 1
  }

  private let link: ClientLink
  private let endpoint: Endpoint
  private let options: SocketOptions
  private var attempts: HandshakeAttempts
  private var socket: Socket
  private var monitor: SocketMonitor
  private let message = Message()
  private var unsent: Deque<[UInt8]> = []

  init(
    _ link: ClientLink,
    endpoint: Endpoint,
    _ security: ClientSecurity,
    _ options: SocketOptions,
    on loop: SocketLoop
  ) throws(ZeroMQError) {
    self.link = link
    self.endpoint = endpoint
    self.options = options
    attempts = try HandshakeAttempts(security)
    socket = try loop.open(.dealer, attempts.applied(to: options), tag: Tag.calls)
    monitor = try loop.monitor(socket, tag: Tag.monitor)
    try socket.connect(endpoint)
    _ = link.step(.began, now: .now)
  }

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    guard tag == Tag.calls else {
      try readMonitor(on: loop)
      return false
    }
    for _ in 0..<SocketLoop.roundLimit {
      guard try socket.receive(into: message) else { return false }
      let isWhole = !message.hasMore
      while message.hasMore, try socket.receive(into: message) {}
      guard isWhole else { continue }
      // A frame that can't be read changes nothing; whoever waits for what it said has a deadline.
      guard let records = message.withUnsafeBytes(FrameCodec.recordsIfWhole) else { continue }
      try deliver(records, on: loop)
    }
    return true
  }

  func writable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) { try flush() }

  func wake(on loop: SocketLoop) throws(ZeroMQError) {}

  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? {
    link.expireCalls(now)
    try perform(link.step(.tick(callCount: link.callCount), now: now), on: loop)
    if attempts.isDue(now) { try reopen(on: loop) }
    try flush()
    if link.canClose { link.close(because: RPCError(code: .unavailable, message: "the client was closed")) }
    guard let attempt = attempts.next else { return link.nextTick() }
    return min(attempt, link.nextTick() ?? attempt)
  }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {
    let reason = error.map { "\($0)" } ?? "the client was closed"
    link.close(because: RPCError(code: .unavailable, message: reason))
    do throws(ZeroMQError) {
      try perform(link.step(.close, now: .now), on: loop)
      try flush()
    } catch {
      // GOODBYE is a courtesy: without it the server finds out by itself within a lease.
    }
    link.outbox.close()
  }

  // MARK: The connection

  private func readMonitor(on loop: SocketLoop) throws(ZeroMQError) {
    while let event = try monitor.next() {
      attempts.note(event, .now)
      switch event {
      case .ready: try perform(link.step(.connected, now: .now), on: loop)
      case .disconnected:
        // What the server sent before it went may still wait here, the answers to its last calls among it.
        while try readable(Tag.calls, on: loop) {}
        // What nobody has taken was for who has gone, an answer to GOODBYE, say.
        unsent = []
        link.outbox.clear()
        try perform(link.step(.disconnected, now: .now), on: loop)
      case .handshakeFailed: break
      case .refused: try perform(link.step(.refused, now: .now), on: loop)
      }
    }
  }

  /// Takes a frame's records in the order they have: a server's last answer and its GOODBYE often share a frame.
  private func deliver(_ records: [CallRecord], on loop: SocketLoop) throws(ZeroMQError) {
    let now = MonotonicInstant.now
    var start = 0
    while start < records.count {
      if records[start].call == 0 {
        try perform(link.step(.received(records[start].content), now: now), on: loop)
        start += 1
      } else {
        let end = records[start...].firstIndex { $0.call == 0 } ?? records.count
        // Whatever comes is a sign of life.
        _ = link.step(.received(.pong), now: now)
        link.deliver(records[start..<end], now: now)
        start = end
      }
    }
  }

  private func perform(_ effects: [ConnectionMachine.Effect], on loop: SocketLoop) throws(ZeroMQError) {
    for effect in effects {
      switch effect {
      case .send(let content): _ = link.outbox.append([content], of: 0)
      case .ready(let terms): link.beginWaitingCalls(terms)
      case .refuse(let error): link.refuseImpatientCalls(error)
      case .lost(let error):
        link.loseCalls(error)
        unsent = []
      case .reopenSocket: try reopen(on: loop)
      }
    }
  }

  private func reopen(on loop: SocketLoop) throws(ZeroMQError) {
    unsent = []
    link.outbox.clear()
    socket = try loop.open(.dealer, attempts.applied(to: options), tag: Tag.calls)
    monitor = try loop.monitor(socket, tag: Tag.monitor)
    try socket.connect(endpoint)
  }

  /// Sends until the outbox is empty or the network has had enough; then `writable` goes on.
  private func flush() throws(ZeroMQError) {
    if unsent.isEmpty { unsent.append(contentsOf: link.outbox.take()) }
    while let frame = unsent.first {
      guard try socket.send(frame) == .sent else {
        socket.wantsWritable = true
        return
      }
      unsent.removeFirst()
      if unsent.isEmpty { unsent.append(contentsOf: link.outbox.take()) }
    }
    socket.wantsWritable = false
  }
}
