import Contracts
import Messaging

/// Keys for a measurement with CURVE: one pair for each process, in a directory that both can read.
struct BenchKeys {
  private static let server = "bench-server"
  private static let client = "bench-client"

  let directory: String

  /// Makes the keys of both sides.
  static func create(in directory: String) throws -> BenchKeys {
    for name in [server, client] { _ = try KeyFile.create(named: name, in: directory) }
    return BenchKeys(directory: directory)
  }

  /// For the process that listens; its thread begins to decide who may connect.
  func serverSecurity(on thread: SocketThread) async throws -> ServerSecurity {
    let keyring = try keyring(of: BenchKeys.server)
    try await thread.authenticate(by: keyring.access, logger: benchLogger)
    return .curve(keyring)
  }

  /// For the process that connects.
  func clientSecurity() throws -> ClientSecurity { .curve(try keyring(of: BenchKeys.client), server: BenchKeys.server) }

  private func keyring(of name: String) throws -> Keyring {
    var limits = KeyLimits()
    // What is measured is not the limiter.
    limits.callsPerSecond = 1_000_000
    let list = try KeyAllowList([
      KeyGrant(name: BenchKeys.server, publicKeys: [try publicKey(of: BenchKeys.server)]),
      KeyGrant(
        name: BenchKeys.client,
        publicKeys: [try publicKey(of: BenchKeys.client)],
        streams: .all,
        methods: .all,
        programmes: .all,
        speaksFor: .all,
        limits: limits
      ),
    ])
    let pair = try KeyFile.readPair(at: "\(directory)/\(name).key_secret")
    return Keyring(own: pair, access: AccessControl(list))
  }

  private func publicKey(of name: String) throws -> CurvePublicKey {
    try KeyFile.readPublicKey(at: "\(directory)/\(name).key")
  }
}
