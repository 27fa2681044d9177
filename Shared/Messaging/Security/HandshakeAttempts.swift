/// What a client does about handshakes that fail. A value, told the time.
///
/// While one key of a server replaces another the server may have either, so they are tried in turn. And whoever was
/// refused has to make a new socket: libzmq gives up a connection for good when the other side says no, though the
/// allow-list there may change at any moment.
struct HandshakeAttempts {
  private static let firstPause = Duration.milliseconds(200)
  private static let longestPause = Duration.seconds(2)

  private let security: ClientSecurity
  private var current: SocketSecurity
  private var attempt = 0
  private var pause = HandshakeAttempts.firstPause
  private var needsNewSocket = false
  /// When to try again; nil while nothing is wrong.
  private(set) var next: MonotonicInstant?

  /// - Throws: `unknownServer` where no key is listed.
  init(_ security: ClientSecurity) throws(ZeroMQError) {
    self.security = security
    current = try security.socket(attempt: 0)
  }

  /// Options for the socket of the attempt that is due.
  func applied(to options: SocketOptions) -> SocketOptions {
    var options = options
    options.security = current
    return options
  }

  mutating func note(_ event: ConnectionEvent, _ now: MonotonicInstant) {
    switch event {
    case .ready:
      pause = HandshakeAttempts.firstPause
      next = nil
      needsNewSocket = false
    case .disconnected: break
    case .handshakeFailed: schedule(now)
    case .refused:
      needsNewSocket = true
      schedule(now)
    }
  }

  /// Whether the socket has to be made anew now.
  mutating func isDue(_ now: MonotonicInstant) -> Bool {
    guard let due = next, now >= due else { return false }
    next = nil
    attempt += 1
    let isGivenUp = needsNewSocket
    needsNewSocket = false
    let candidate: SocketSecurity
    do throws(ZeroMQError) {
      candidate = try security.socket(attempt: attempt)
    } catch {
      // The list has no key for the server just now. The one that was known is as good as any.
      return isGivenUp
    }
    defer { current = candidate }
    return isGivenUp || candidate != current
  }

  private mutating func schedule(_ now: MonotonicInstant) {
    guard next == nil else { return }
    next = now + pause
    pause = min(pause + pause, HandshakeAttempts.longestPause)
  }
}
