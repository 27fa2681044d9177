package import Contracts
import Glibc

/// One listening socket of a publisher. In the clear it serves all streams; with CURVE each stream has one of its own,
/// since the socket can't refuse a subscription, only a connection.
final class PublishingOutlet {
  /// A socket that several references may share, so that there can be none.
  private final class Listening {
    let socket: Socket

    init(_ socket: consuming Socket) {
      self.socket = socket
    }
  }

  /// Nil for all streams.
  let stream: StreamName?
  /// Nil between a close and the moment at which the endpoint is free again.
  private var listening: Listening?
  private(set) var endpoint: Endpoint
  private let options: SocketOptions
  private let tag: Int
  private let access: AccessControl?
  /// The keys that may have connected to the socket.
  private var readers: Set<CurvePublicKey> = []
  private var checkedRevision = 0

  init(
    _ stream: StreamName?,
    at endpoint: Endpoint,
    _ security: ServerSecurity,
    _ options: SocketOptions,
    tag: Int,
    on loop: SocketLoop
  ) throws(ZeroMQError) {
    self.stream = stream
    self.endpoint = endpoint
    self.tag = tag
    access = security.access
    var options = options
    if let stream { options.security = security.socket(for: .events(stream)) }
    self.options = options
    if let stream, let access { readers = access.list.readers(of: stream) }
    let socket = try loop.open(.publisher, options, tag: tag)
    try socket.bind(endpoint)
    self.endpoint = try socket.lastEndpoint()
    listening = Listening(socket)
  }

  var isListening: Bool { listening != nil }

  func serves(_ stream: StreamName) -> Bool { self.stream.map { $0 == stream } ?? true }

  /// XPUB never blocks: it drops for the subscribers whose queue is full, and for them alone.
  func send(_ bytes: [UInt8]) throws(ZeroMQError) {
    // Nobody is connected to a socket that isn't there, and the journal has it all.
    _ = try listening?.socket.send(bytes)
  }

  func receive(into message: borrowing Message) throws(ZeroMQError) -> Bool {
    try listening?.socket.receive(into: message) ?? false
  }

  /// After a change of the allow-list: hangs up on everyone where somebody who may be connected has lost the right to
  /// be. libzmq 4.3 can't hang up on one of them. The others come back within milliseconds, and read what they have
  /// missed from the journal.
  func dropRevoked() throws(ZeroMQError) {
    guard let stream, let access, checkedRevision != access.revision else { return }
    checkedRevision = access.revision
    let now = access.list.readers(of: stream)
    if !readers.isSubset(of: now) {
      // Not even what is queued for them already goes out.
      try listening?.socket.discardUnsentOnClose()
      listening = nil
    }
    readers = now
  }

  /// Listens again.
  /// - Returns: false while the old socket still has the endpoint.
  func reopen(on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    let fresh = try loop.open(.publisher, options, tag: tag)
    do throws(ZeroMQError) {
      try fresh.bind(endpoint)
    } catch {
      guard error.number == EADDRINUSE else { throw error }
      return false
    }
    listening = Listening(fresh)
    return true
  }
}

extension Endpoint {
  /// Where one of several streams is published with CURVE, when this is where the first one is.
  /// - Parameter index: among the streams that the service publishes, in their order; 0 is this endpoint itself.
  /// - Returns: for tcp, port + 2 + index, past those of calls and administration; else the same path with the
  ///   stream's name at its end.
  package func ofStream(_ stream: StreamName, index: Int) throws(ZeroMQError) -> Endpoint {
    guard index > 0 else { return self }
    guard let (host, port) = tcpAddress else { return try Endpoint("\(description).\(stream)") }
    // Any free port remains any free port.
    guard port != 0 else { return self }
    return try Endpoint("tcp://\(host):\(port + 2 + index)")
  }
}
