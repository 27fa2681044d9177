import CZeroMQ

/// What a socket's connections are doing, as libzmq sees it.
package enum ConnectionEvent: Hashable, Sendable {
  /// Connected and through the ZMTP handshake: messages can flow.
  case ready
  case disconnected
  /// The other side speaks no ZMTP, or has another key than we expect; libzmq tries again.
  case handshakeFailed
  /// The other side knows our key, and doesn't let us in; libzmq tries again.
  case refused
}

/// The receiving end of a socket's connection events: a socket of its own, under its own tag.
package struct SocketMonitor: ~Copyable {
  private let socket: Socket
  private let message = Message()

  static let watchedEvents =
    ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH

  init(_ socket: consuming Socket) {
    self.socket = socket
  }

  /// The next event; nil when none waits.
  package borrowing func next() throws(ZeroMQError) -> ConnectionEvent? {
    while try socket.receive(into: message) {
      // First part: u16 event, u32 value in host order (zmq_socket_monitor(3)); second part: the address.
      let event = message.withUnsafeBytes { $0.count >= 2 ? Int32($0.loadUnaligned(as: UInt16.self)) : 0 }
      while message.hasMore, try socket.receive(into: message) {}
      switch event {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .ready
      case ZMQ_EVENT_DISCONNECTED: return .disconnected
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: return .handshakeFailed
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
      default: continue
      }
    }
    return nil
  }
}
