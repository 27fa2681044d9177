/// How a socket protects what it carries and knows who is at the other end.
///
/// A value of its own, so that encrypted connections need no new parameters anywhere.
package struct SocketSecurity: Hashable, Sendable {
  private enum Mechanism: Hashable {
    case plain
  }

  private let mechanism: Mechanism

  /// Neither encryption nor authentication: only for peers on the same machine.
  package static let plain = SocketSecurity(mechanism: .plain)

  /// Whether traffic may leave this machine.
  private var protectsTraffic: Bool {
    switch mechanism {
    case .plain: false
    }
  }

  /// - Throws: `plainBeyondLoopback` where this security doesn't suffice for the endpoint.
  func admit(_ endpoint: Endpoint, for operation: ZeroMQError.Operation) throws(ZeroMQError) {
    guard endpoint.isLocal || protectsTraffic else {
      throw ZeroMQError(operation, .plainBeyondLoopback, endpoint: endpoint.description)
    }
  }
}
