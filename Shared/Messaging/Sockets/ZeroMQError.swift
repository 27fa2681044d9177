import CZeroMQ
import Glibc

/// A socket operation that failed: what was tried, where, and why, in words an operator can act on.
package struct ZeroMQError: Error, Hashable, Sendable {
  package enum Operation: String, Sendable {
    case startThread = "start the socket thread"
    case makeKeys = "make CURVE keys"
    case openContext = "open the ZeroMQ context"
    case open = "open a socket"
    case configure = "configure the socket"
    case bind = "listen"
    case connect = "connect"
    case subscribe = "subscribe"
    case monitor = "watch the connection"
    case send = "send"
    case receive = "receive"
    case poll = "wait for sockets"
  }

  package enum Cause: Hashable, Sendable {
    /// An `errno`, from libzmq or the system.
    case system(Int32)
    /// The text can't be an endpoint; why.
    case malformedEndpoint(String)
    /// Unencrypted traffic would leave this machine.
    case plainBeyondLoopback
    /// A CURVE socket would listen with nobody to decide who may connect.
    case noAuthenticator
    /// The allow-list holds no key by which the server of that name could be recognised.
    case unknownServer(String)
    /// The socket thread has stopped, so nothing can be opened any more.
    case threadStopped
  }

  package let operation: Operation
  package let cause: Cause
  package let endpoint: String?

  package init(_ operation: Operation, _ cause: Cause, endpoint: String? = nil) {
    self.operation = operation
    self.cause = cause
    self.endpoint = endpoint
  }

  /// The failure that libzmq has just reported on this thread.
  static func last(_ operation: Operation, endpoint: String? = nil) -> ZeroMQError {
    ZeroMQError(operation, .system(zmq_errno()), endpoint: endpoint)
  }

  /// The `errno`, where the system gave one.
  package var number: Int32? {
    if case .system(let number) = cause { number } else { nil }
  }
}

extension ZeroMQError: CustomStringConvertible {
  package var description: String {
    "can't \(operation.rawValue)\(endpoint.map { " at \($0)" } ?? ""): \(reason)"
  }

  private var reason: String {
    switch cause {
    case .malformedEndpoint(let why): why
    case .plainBeyondLoopback:
      "plain ZeroMQ is allowed only on loopback addresses, ipc and inproc; configure CURVE to leave this machine"
    case .noAuthenticator: "there is no ZAP handler, so nobody could connect"
    case .unknownServer(let name):
      "the allow-list holds no public key of '\(name)', so it can't be recognised; add an entry of that name"
    case .threadStopped: "the socket thread has stopped"
    case .system(EADDRINUSE): "the port or path is taken, most likely by another instance; stop it or choose another"
    case .system(EADDRNOTAVAIL): "this machine has no such address; give one of its own"
    case .system(ENODEV): "this machine has no such network interface"
    case .system(EINVAL): "the endpoint or an option is not valid"
    case .system(EACCES): "permission denied; check the port number (below 1024 needs privileges) or the path's owner"
    case .system(ENAMETOOLONG): "the path is too long for a Unix socket (107 bytes)"
    case .system(ENOENT): "there is no such directory"
    case .system(EMFILE): "too many open sockets or files; raise the limit"
    case .system(EPROTONOSUPPORT): "the transport is none of tcp, ipc and inproc"
    case .system(let number): "\(String(cString: zmq_strerror(number))) (errno \(number))"
    }
  }
}
