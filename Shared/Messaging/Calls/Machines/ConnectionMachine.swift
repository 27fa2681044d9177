import GRPCCore

/// A client's connection to one server, as a value: when calls may begin, when they have to wait, when they are lost.
///
/// connecting → ready on WELCOME → draining on GOAWAY → connecting on disconnection, GOODBYE or an expired lease;
/// connecting → failing after `patience`, until a connection succeeds; closed for good.
struct ConnectionMachine: Sendable {
  enum Phase: Sendable, Equatable {
    case connecting(patienceEnds: MonotonicInstant)
    case ready(WelcomeRecord)
    case draining
    case failing(RPCError)
    case closed
  }

  enum Input: Sendable {
    /// The transport begins to connect; until then nobody can say that the server isn't there.
    case began
    /// The transport can carry messages.
    case connected
    case disconnected
    /// The server doesn't let us in with our key.
    case refused
    case received(CallContent)
    /// Time has passed. `callCount`: calls that are under way.
    case tick(callCount: Int)
    case close
  }

  enum Effect: Sendable, Equatable {
    case send(CallContent)
    /// Calls that wait may begin.
    case ready(WelcomeRecord)
    /// Every call that has begun is lost.
    case lost(RPCError)
    /// Calls that wait, but not patiently, are refused.
    case refuse(RPCError)
    /// The server is frozen, or the way there is dead: what is queued must not get there after all.
    case reopenSocket
  }

  enum Admission: Sendable, Equatable {
    case begin(WelcomeRecord)
    case wait
    case refuse(RPCError)
  }

  /// How long a call waits for a connection that isn't there, unless it waits for ready.
  static let patience = Duration.milliseconds(500)
  /// The longest that is waited for WELCOME before the connection is made anew; it begins with an assumed lease, and
  /// doubles each time, because a server that is merely slow isn't helped by new connections.
  static let longestGreeting = Duration.seconds(12)

  private let server: String
  private(set) var phase: Phase
  private var lease: Lease
  private var isRefused = false
  /// When a WELCOME is overdue; nil where none is awaited.
  private var welcomeDue: MonotonicInstant?
  private var greeting = WelcomeRecord.assumed.lease

  init(server: String, now: MonotonicInstant) {
    self.server = server
    phase = .connecting(patienceEnds: now + ConnectionMachine.patience)
    lease = Lease(WelcomeRecord.assumed.lease, from: now)
  }

  mutating func step(_ input: Input, now: MonotonicInstant) -> [Effect] {
    guard phase != .closed else { return [] }
    switch input {
    case .began:
      if case .connecting = phase { phase = .connecting(patienceEnds: now + ConnectionMachine.patience) }
      return []
    case .connected:
      isRefused = false
      welcomeDue = now + greeting
      return [.send(.hello(version: FrameCodec.version))]
    case .refused:
      isRefused = true
      if case .failing = phase { phase = .failing(absence) }
      return []
    case .disconnected:
      welcomeDue = nil
      return lose("the connection to \(server) was lost", now)
    case .received(let content):
      lease.renew(now)
      return receive(content, now)
    case .tick(let callCount): return tick(callCount, now)
    case .close:
      phase = .closed
      return [.lost(unavailable("the connection to \(server) was closed")), .send(.goodbye)]
    }
  }

  /// What becomes of a call that begins now.
  func admission(waitsForReady: Bool) -> Admission {
    switch phase {
    case .ready(let terms): return .begin(terms)
    case .connecting: return .wait
    case .draining:
      return waitsForReady ? .wait : .refuse(unavailable("\(server) is shutting down"))
    case .failing(let error): return waitsForReady ? .wait : .refuse(error)
    case .closed: return .refuse(unavailable("the connection to \(server) was closed"))
    }
  }

  /// When to step with `tick` at the latest.
  func nextTick(callCount: Int) -> MonotonicInstant? {
    switch phase {
    case .connecting(let patienceEnds): min(patienceEnds, welcomeDue ?? patienceEnds)
    case .ready, .draining: callCount == 0 ? nil : min(lease.expiry, lease.nextQuestion)
    case .failing: welcomeDue
    case .closed: nil
    }
  }

  private mutating func receive(_ content: CallContent, _ now: MonotonicInstant) -> [Effect] {
    if case .welcome = content { (welcomeDue, greeting) = (nil, WelcomeRecord.assumed.lease) }
    switch content {
    case .welcome(let terms) where terms.version != FrameCodec.version:
      let error = RPCError(
        code: .failedPrecondition,
        message: "\(server) speaks version \(terms.version) of the call protocol, this program \(FrameCodec.version)"
      )
      phase = .failing(error)
      return [.refuse(error)]
    case .welcome(let terms):
      phase = .ready(terms)
      lease = Lease(terms.lease, from: now)
      return [.ready(terms)]
    case .goAway:
      phase = .draining
      return [.refuse(unavailable("\(server) is shutting down"))]
    // The server waits for the answer: by then everything that it sent has been read.
    case .goodbye: return lose("\(server) has shut down", now) + [.send(.goodbye)]
    case .ping: return [.send(.pong)]
    default: return []
    }
  }

  private mutating func tick(_ callCount: Int, _ now: MonotonicInstant) -> [Effect] {
    switch phase {
    case .connecting(let patienceEnds):
      guard now >= patienceEnds else { return greetAnew(now) }
      let error = absence
      phase = .failing(error)
      return [.refuse(error)] + greetAnew(now)
    case .ready, .draining:
      // Nobody is asked for signs of life while nothing is wanted of it.
      guard callCount > 0 else {
        lease.renew(now)
        return []
      }
      if lease.isExpired(now) { return lose("\(server) has been silent for \(lease.duration)", now) + [.reopenSocket] }
      return lease.asks(now) ? [.send(.ping)] : []
    case .failing: return greetAnew(now)
    case .closed: return []
    }
  }

  /// A way that dies after the handshake swallows HELLO, and nothing else would be sent on it.
  private mutating func greetAnew(_ now: MonotonicInstant) -> [Effect] {
    guard let due = welcomeDue, now >= due else { return [] }
    welcomeDue = nil
    greeting = min(greeting * 2, ConnectionMachine.longestGreeting)
    return [.reopenSocket]
  }

  private mutating func lose(_ what: String, _ now: MonotonicInstant) -> [Effect] {
    switch phase {
    case .ready, .draining:
      phase = .connecting(patienceEnds: now + ConnectionMachine.patience)
      return [.lost(unavailable(what))]
    case .connecting, .failing, .closed: return []
    }
  }

  /// Why there is no connection.
  private var absence: RPCError {
    unavailable(
      isRefused
        ? "\(server) refuses this program's key; its allow-list has to hold it"
        : "there is no connection to \(server); is the service running?"
    )
  }

  private func unavailable(_ message: String) -> RPCError { RPCError(code: .unavailable, message: message) }
}
