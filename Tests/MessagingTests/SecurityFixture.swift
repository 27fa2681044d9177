import Contracts
import Records
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// A program with keys of its own, as a test plays it.
struct Player: Sendable {
  let name: String
  let pair: CurveKeyPair

  init(_ name: String) throws {
    self.name = name
    pair = try CurveKeyPair.random()
  }

  func grant(
    streams: Scope<StreamName> = .none,
    methods: Scope<String> = .all,
    programmes: Scope<ID<Programme>> = .all,
    speaksFor: Scope<String> = .all,
    limits: KeyLimits = KeyLimits(),
    keys: [CurvePublicKey]? = nil
  ) -> KeyGrant {
    KeyGrant(
      name: name,
      publicKeys: keys ?? [pair.publicKey],
      streams: streams,
      methods: methods,
      programmes: programmes,
      speaksFor: speaksFor,
      limits: limits
    )
  }

  /// Its security towards a server whose keys it knows.
  func client(expecting keys: [CurvePublicKey], at name: String = "server") throws -> ClientSecurity {
    let list = try KeyAllowList([KeyGrant(name: name, publicKeys: keys)])
    return .curve(Keyring(own: pair, access: AccessControl(list)), server: name)
  }
}

/// A probe service that speaks CURVE on a free port of loopback.
final class SecureServer: Sendable {
  let thread: SocketThread
  let access: AccessControl
  let pair: CurveKeyPair
  let recorder = ProbeRecorder()
  /// Ends the deciding over who may connect.
  let authenticator: DriverHandle

  /// Runs `body` beside a server that lets in whom the grants name, and stops it.
  static func with(_ grants: [KeyGrant], _ body: @Sendable (SecureServer, Endpoint) async throws -> Void) async throws {
    let server = try await SecureServer(grants)
    try await server.serving { endpoint in try await body(server, endpoint) }
    #expect(await server.thread.stop(), "no socket is left open")
  }

  init(_ grants: [KeyGrant]) async throws {
    thread = try SocketThread()
    access = AccessControl(try KeyAllowList(grants))
    pair = try CurveKeyPair.random()
    authenticator = try await thread.authenticate(by: access, logger: quietLogger)
  }

  /// Serves with the server's own key, or another, while `body` runs.
  func serving(
    with pair: CurveKeyPair? = nil,
    at endpoint: Endpoint? = nil,
    limits: CallLimits = CallLimits(),
    _ body: (Endpoint) async throws -> Void
  ) async throws {
    let keyring = Keyring(own: pair ?? self.pair, access: access)
    let place = try endpoint ?? Endpoint("tcp://127.0.0.1:*")
    let transport = ZeroMQServerTransport(at: [place], on: thread, security: .curve(keyring), limits: limits)
    let server = CallServer(over: transport, handlers)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      try await body(try #require(try await transport.boundEndpoints.first))
      server.beginShutdown()
      try await group.waitForAll()
    }
    // libzmq closes what listens on a thread of its own, a moment after its socket.
    if let port = endpoint?.tcpAddress?.port {
      try await waitUntil("nobody listens at port \(port) any more") { FreePorts.isLeft(port) }
    }
  }

  private var handlers: CallHandlers {
    var handlers = recorder.handlers
    handlers.query(SecureAPI.about) { [recorder] request, _ in
      recorder.note("about \(request.programme?.rawValue ?? "-")")
      return request
    }
    return handlers
  }

  func replaceList(by grants: KeyGrant...) throws { access.replace(by: try KeyAllowList(grants)) }

  /// Makes calls as `player` while `body` runs.
  func calling(
    _ endpoint: Endpoint,
    as security: ClientSecurity,
    _ body: @Sendable (CallClient) async throws -> Void
  ) async throws {
    let client = try CallClient(
      over: ZeroMQClientTransport(to: endpoint, on: thread, security: security),
      as: Principal(role: .program, name: "probe")
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      try await body(client)
      client.beginShutdown()
      try await group.waitForAll()
    }
  }

  func calling(_ endpoint: Endpoint, as player: Player, _ body: @Sendable (CallClient) async throws -> Void)
    async throws
  {
    try await calling(endpoint, as: player.client(expecting: [pair.publicKey]), body)
  }
}

enum SecureAPI {
  static let about = Query<Question, Question>("probe.v1", "About")

  struct Question: Codable, Sendable {
    var programme: ID<Programme>?
  }
}

/// What a call ended with; nil where it succeeded.
func fault(_ call: () async throws -> Void) async throws -> Fault? {
  do {
    try await call()
    return nil
  } catch let fault as Fault {
    return fault
  }
}

/// A bare SUB socket, and what it has heard.
final class Listener: Sendable {
  private final class Driver: SocketDriver {
    private let socket: Socket
    private let message = Message()
    private let listener: Listener

    init(_ socket: consuming Socket, _ listener: Listener) {
      self.socket = socket
      self.listener = listener
    }

    func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
      while try socket.receive(into: message) {
        let bytes = message.copy()
        listener.frames.withLock { $0.append(bytes) }
      }
      return false
    }

    func wake(on loop: SocketLoop) throws(ZeroMQError) {}
    func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? { nil }
    func stop(because error: ZeroMQError?, on loop: SocketLoop) {}
  }

  private let frames = Mutex<[[UInt8]]>([])
  private let handle: DriverHandle

  /// Subscribes to everything at `endpoint`.
  init(to endpoint: Endpoint, on thread: SocketThread, security: SocketSecurity) async throws {
    handle = thread.makeHandle()
    try await thread.attach(as: handle) { [self] loop throws(ZeroMQError) in
      var options = SocketOptions()
      options.security = security
      let socket = try loop.open(.subscriber, options, tag: 0)
      try socket.subscribe(to: [])
      try socket.connect(endpoint)
      return (Driver(socket, self), ())
    }
  }

  var count: Int { frames.withLock { $0.count } }

  /// Positions of the records that came.
  var positions: [UInt64] {
    frames.withLock { frames in
      frames.compactMap { bytes in
        guard let header = try? FrameHeader(parsing: bytes), header.kind == .records else { return nil }
        return header.lastPosition
      }
    }
  }

  func close() async { await handle.detach() }
}
