package import Logging

/// What a process needs to speak CURVE: its own key pair, and the allow-list.
package struct Keyring: Sendable {
  package let own: CurveKeyPair
  package let access: AccessControl

  package init(own: CurveKeyPair, access: AccessControl) {
    self.own = own
    self.access = access
  }

  /// For a socket that listens.
  func listening(as domain: SocketDomain) -> SocketSecurity {
    .curveServer(own.secretKey, domain: domain)
  }

  /// For a socket that connects to the program of that name: one for each key that it may have just now.
  func connecting(to name: String) -> [SocketSecurity] {
    access.list.keys(of: name).map { .curveClient(own, server: $0) }
  }
}

/// How a server protects its sockets.
package enum ServerSecurity: Sendable {
  /// Only where nothing leaves the machine.
  case plain
  case curve(Keyring)

  var access: AccessControl? {
    if case .curve(let keyring) = self { keyring.access } else { nil }
  }

  func socket(for domain: SocketDomain) -> SocketSecurity {
    switch self {
    case .plain: .plain
    case .curve(let keyring): keyring.listening(as: domain)
    }
  }
}

/// How a client protects its sockets, and which server it expects.
package enum ClientSecurity: Sendable {
  case plain
  /// - Parameter server: the name under which the allow-list holds the server's public keys.
  case curve(Keyring, server: String)

  /// The security of the next attempt to connect. While a server's key is being replaced it may have either, so that
  /// attempts take turns.
  /// - Throws: `unknownServer` where no key is listed for it.
  func socket(attempt: Int) throws(ZeroMQError) -> SocketSecurity {
    switch self {
    case .plain: return .plain
    case .curve(let keyring, let server):
      let choices = keyring.connecting(to: server)
      guard !choices.isEmpty else { throw ZeroMQError(.connect, .unknownServer(server)) }
      return choices[attempt % choices.count]
    }
  }
}

extension SocketThread {
  /// Begins to decide who may connect to the CURVE sockets of this thread. To be called before any of them is opened;
  /// opening one without it fails.
  /// - Returns: the handle to stop it by; nobody can connect after that.
  @discardableResult
  package func authenticate(by access: AccessControl, logger: Logger) async throws(ZeroMQError) -> DriverHandle {
    try await attach { (loop) throws(ZeroMQError) in (try ZAPHandler(access, logger: logger, on: loop), ()) }.handle
  }
}
