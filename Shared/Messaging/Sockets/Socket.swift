import CZeroMQ
import Glibc

/// A ZeroMQ socket. It is used in the socket thread's turns, has one owner, and closes when the owner lets go of it.
///
/// No call blocks: what can't be done now says so in its result.
package struct Socket: ~Copyable {
  package enum SendOutcome: Sendable {
    case sent
    /// The peer's queue is full, or no peer is connected: try again when the socket turns writable.
    case wouldBlock
    /// A ROUTER knows no peer of that identity (any more).
    case unreachable
  }

  let watch: SocketWatch
  private let raw: UnsafeMutableRawPointer
  private let security: SocketSecurity

  private init(raw: UnsafeMutableRawPointer, security: SocketSecurity, watch: SocketWatch) {
    self.raw = raw
    self.watch = watch
    self.security = security
    watch.open(raw)
  }

  static func open(
    _ kind: SocketKind,
    in context: borrowing ZeroMQContext,
    options: SocketOptions,
    watch: SocketWatch
  ) throws(ZeroMQError) -> Socket {
    guard let raw = zmq_socket(context.raw, kind.number) else { throw .last(.open) }
    let socket = Socket(raw: raw, security: options.security, watch: watch)
    try options.apply(to: socket)
    return socket
  }

  deinit {
    // A socket that is still monitored when it closes can leave the monitor's end waiting for ever.
    zmq_socket_monitor(raw, nil, 0)
    watch.close()
    zmq_close(raw)
  }

  // MARK: Endpoints

  /// Listens at `endpoint`; several are allowed.
  package borrowing func bind(_ endpoint: Endpoint) throws(ZeroMQError) {
    try security.admit(endpoint, for: .bind)
    if endpoint.needsIPv6 { try set(ZMQ_IPV6, Int32(1)) }
    guard zmq_bind(raw, endpoint.description) == 0 else { throw .last(.bind, endpoint: endpoint.description) }
  }

  /// Connects in the background, again and again until it succeeds.
  package borrowing func connect(_ endpoint: Endpoint) throws(ZeroMQError) {
    try security.admit(endpoint, for: .connect)
    if endpoint.needsIPv6 { try set(ZMQ_IPV6, Int32(1)) }
    guard zmq_connect(raw, endpoint.description) == 0 else { throw .last(.connect, endpoint: endpoint.description) }
  }

  /// Where the last `bind` really listens: the port that stands for `*`.
  package borrowing func lastEndpoint() throws(ZeroMQError) -> Endpoint {
    var text = [CChar](repeating: 0, count: 256)
    var count = text.count
    guard zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &text, &count) == 0 else { throw .last(.bind) }
    return try Endpoint(String(decoding: text.prefix(max(count - 1, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  /// Has the socket forget what it still has to send, when it closes.
  package borrowing func discardUnsentOnClose() throws(ZeroMQError) { try set(ZMQ_LINGER, Int32(0)) }

  // MARK: Messages

  /// Sends one part without blocking.
  /// - Parameter more: whether further parts of the same message follow.
  package borrowing func send(_ bytes: UnsafeRawBufferPointer, more: Bool = false) throws(ZeroMQError) -> SendOutcome {
    let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
    watch.isTouched = true
    while true {
      if zmq_send(raw, bytes.baseAddress, bytes.count, flags) >= 0 { return .sent }
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case EHOSTUNREACH: return .unreachable
      default: throw .last(.send)
      }
    }
  }

  package borrowing func send(_ bytes: [UInt8], more: Bool = false) throws(ZeroMQError) -> SendOutcome {
    let outcome: Result<SendOutcome, ZeroMQError> = bytes.withUnsafeBytes { buffer in
      do throws(ZeroMQError) { return .success(try send(buffer, more: more)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// Receives one part into `message`.
  /// - Returns: false when nothing waits.
  package borrowing func receive(into message: borrowing Message) throws(ZeroMQError) -> Bool {
    watch.isTouched = true
    while true {
      if zmq_msg_recv(message.raw, raw, ZMQ_DONTWAIT) >= 0 { return true }
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return false
      default: throw .last(.receive)
      }
    }
  }

  // MARK: Subscriptions

  package borrowing func subscribe(to prefix: [UInt8]) throws(ZeroMQError) {
    watch.isTouched = true
    guard zmq_setsockopt(raw, ZMQ_SUBSCRIBE, prefix, prefix.count) == 0 else { throw .last(.subscribe) }
  }

  package borrowing func unsubscribe(from prefix: [UInt8]) throws(ZeroMQError) {
    watch.isTouched = true
    guard zmq_setsockopt(raw, ZMQ_UNSUBSCRIBE, prefix, prefix.count) == 0 else { throw .last(.subscribe) }
  }

  // MARK: Readiness

  /// Whether the driver also wants `writable` calls; keep it off while there is nothing to send.
  package var wantsWritable: Bool {
    get { watch.wantsWritable }
    nonmutating set {
      // A socket that can be written to already rings no bell for it.
      if newValue, !watch.wantsWritable { watch.isTouched = true }
      watch.wantsWritable = newValue
    }
  }

  /// Publishes connection events at an inproc endpoint, for `SocketLoop.monitor`.
  borrowing func startMonitor(at endpoint: Endpoint, events: Int32) throws(ZeroMQError) {
    guard zmq_socket_monitor(raw, endpoint.description, events) == 0 else { throw .last(.monitor) }
  }

  borrowing func set(_ option: Int32, bytes: [UInt8]) throws(ZeroMQError) {
    guard zmq_setsockopt(raw, option, bytes, bytes.count) == 0 else { throw .last(.configure) }
  }

  borrowing func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) throws(ZeroMQError) {
    var value = value
    guard zmq_setsockopt(raw, option, &value, MemoryLayout<Value>.size) == 0 else { throw .last(.configure) }
  }
}
