import CZeroMQ

/// How a socket protects what it carries and knows who is at the other end.
///
/// A value of its own, so that encrypted connections need no new parameters anywhere.
package struct SocketSecurity: Hashable, Sendable {
  private enum Mechanism: Hashable {
    case plain
    case curveServer(CurveSecretKey, domain: String)
    case curveClient(CurveKeyPair, server: CurvePublicKey)
  }

  private let mechanism: Mechanism

  /// Neither encryption nor authentication: only for peers on the same machine.
  package static let plain = SocketSecurity(mechanism: .plain)

  /// CURVE, listening: the ZAP handler decides by `domain` whom to let in.
  static func curveServer(_ secretKey: CurveSecretKey, domain: SocketDomain) -> SocketSecurity {
    SocketSecurity(mechanism: .curveServer(secretKey, domain: domain.text))
  }

  /// CURVE, connecting: only a server that holds the secret of `server` is spoken to.
  static func curveClient(_ own: CurveKeyPair, server: CurvePublicKey) -> SocketSecurity {
    SocketSecurity(mechanism: .curveClient(own, server: server))
  }

  /// Whether traffic may leave this machine.
  private var protectsTraffic: Bool { mechanism != .plain }

  /// Whether the socket asks the ZAP handler about everyone who connects.
  var needsAuthenticator: Bool {
    if case .curveServer = mechanism { true } else { false }
  }

  /// - Throws: `plainBeyondLoopback` where this security doesn't suffice for the endpoint.
  func admit(_ endpoint: Endpoint, for operation: ZeroMQError.Operation) throws(ZeroMQError) {
    guard endpoint.isLocal || protectsTraffic else {
      throw ZeroMQError(operation, .plainBeyondLoopback, endpoint: endpoint.description)
    }
  }

  func apply(to socket: borrowing Socket) throws(ZeroMQError) {
    switch mechanism {
    case .plain: break
    case .curveServer(let secretKey, let domain):
      try socket.set(ZMQ_CURVE_SERVER, Int32(1))
      try socket.set(ZMQ_CURVE_SECRETKEY, bytes: secretKey.bytes)
      // Both, or libzmq 4.3.4 lets in whoever has a key while no handler is there: an empty domain asks nobody.
      try socket.set(ZMQ_ZAP_DOMAIN, bytes: Array(domain.utf8))
      try socket.set(ZMQ_ZAP_ENFORCE_DOMAIN, Int32(1))
    case .curveClient(let own, let server):
      try socket.set(ZMQ_CURVE_SERVERKEY, bytes: server.bytes)
      try socket.set(ZMQ_CURVE_PUBLICKEY, bytes: own.publicKey.bytes)
      try socket.set(ZMQ_CURVE_SECRETKEY, bytes: own.secretKey.bytes)
    }
  }
}
