import Foundation

/// A link's work, confined to its thread: accepts, connects, and passes bytes on as far as its orders let it.
struct LinkRelay {
  private let port: Int
  private let target: Int
  private let bell: Int32
  /// Negative while connections are refused.
  private var listener: Int32
  private var connections: [Connection] = []
  private var forgets = 0

  /// - Parameters:
  ///   - listener: a socket that listens at `port`, from `listen(at:)`.
  ///   - bell: readable when there are new orders.
  init(from port: Int, to target: Int, listener: Int32, bell: Int32) {
    self.port = port
    self.target = target
    self.listener = listener
    self.bell = bell
  }

  /// Follows its orders until something happens, and does what that asks for.
  mutating func turn(_ orders: FaultyLink.Orders) {
    if orders.forgets != forgets {
      forgets = orders.forgets
      for connection in connections { connection.isForgotten = true }
    }
    if orders.condition == .cut {
      hangUp()
    } else if listener < 0 {
      // Somebody may hold the port for a moment longer; the next turn tries again.
      do { listener = try LinkRelay.listen(at: port) } catch { listener = -1 }
    }
    var waits = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
    let works = orders.condition == .sound
    if works {
      waits.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
      for connection in connections { waits += connection.waits }
    }
    guard poll(&waits, nfds_t(waits.count), listener < 0 && works ? 10 : -1) > 0 else { return }
    if waits[0].revents != 0 { drainBell() }
    guard works else { return }
    for (index, connection) in connections.enumerated() {
      connection.proceed(client: waits[2 + 2 * index].revents, server: waits[3 + 2 * index].revents)
    }
    connections.removeAll(where: \.isOver)
    if waits[1].revents != 0 { accept() }
  }

  mutating func end() {
    hangUp()
    close(bell)
  }

  private mutating func hangUp() {
    for connection in connections { connection.reset() }
    connections = []
    if listener >= 0 { close(listener) }
    listener = -1
  }

  private func drainBell() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(bell, &bytes, bytes.count) > 0 {}
  }

  /// Has a descriptor never block, and never reach another program.
  static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  static func listen(at port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    prepare(descriptor)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let isBound = withLoopbackAddress(port) { bind(descriptor, $0, $1) } == 0
    guard descriptor >= 0, isBound, Foundation.listen(descriptor, 64) == 0 else {
      let failure = POSIXError(.init(rawValue: errno) ?? .EIO)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  private mutating func accept() {
    while true {
      let client = Foundation.accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      for end in [client, server] { LinkRelay.prepare(end) }
      // Whether it can be reached is found out when it is written to or read.
      _ = withLoopbackAddress(target) { connect(server, $0, $1) }
      connections.append(Connection(client: client, server: server))
    }
  }
}

/// One connection through a link: a socket on each side, and what waits to be passed on.
private final class Connection {
  private var client: End
  private var server: End
  var isForgotten = false

  private struct End {
    let descriptor: Int32
    /// What the other side sent and this one hasn't taken.
    var unsent: [UInt8] = []
    var isOver = false

    /// Bytes that may wait before the sender has to.
    static let mostUnsent = 256 << 10
  }

  init(client: Int32, server: Int32) {
    self.client = End(descriptor: client)
    self.server = End(descriptor: server)
  }

  /// What to wait for at both ends. A negative descriptor is passed over.
  var waits: [pollfd] {
    [wait(at: client, takingFor: server), wait(at: server, takingFor: client)]
  }

  var isOver: Bool { client.isOver && server.isOver }

  private func wait(at end: End, takingFor other: End) -> pollfd {
    var events: Int32 = 0
    if isForgotten || other.unsent.count < End.mostUnsent { events |= POLLIN }
    if !isForgotten, !end.unsent.isEmpty { events |= POLLOUT }
    return pollfd(fd: end.isOver ? -1 : end.descriptor, events: Int16(events), revents: 0)
  }

  func proceed(client clientEvents: Int16, server serverEvents: Int16) {
    pass(from: &client, clientEvents, to: &server)
    pass(from: &server, serverEvents, to: &client)
    guard !isForgotten else { return }
    send(to: &client)
    send(to: &server)
    // Who has hung up takes the other along, once that has all it was sent.
    if client.isOver, !server.isOver, server.unsent.isEmpty { close(&server) }
    if server.isOver, !client.isOver, client.unsent.isEmpty { close(&client) }
  }

  private func pass(from end: inout End, _ events: Int16, to other: inout End) {
    guard events != 0, !end.isOver else { return }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(end.descriptor, &bytes, bytes.count)
    if count > 0 {
      if !isForgotten, !other.isOver { other.unsent += bytes[..<count] }
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      close(&end)
    }
  }

  private func send(to end: inout End) {
    guard !end.isOver, !end.unsent.isEmpty else { return }
    let count = Foundation.send(end.descriptor, end.unsent, end.unsent.count, Int32(MSG_NOSIGNAL))
    if count > 0 {
      end.unsent.removeFirst(count)
    } else if errno != EAGAIN && errno != EINTR && errno != ENOTCONN {
      close(&end)
    }
  }

  private func close(_ end: inout End) {
    _ = Foundation.close(end.descriptor)
    end.isOver = true
    end.unsent = []
  }

  /// Both ends see a reset.
  func reset() {
    var hard = linger(l_onoff: 1, l_linger: 0)
    for end in [client, server] where !end.isOver {
      setsockopt(end.descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
      _ = Foundation.close(end.descriptor)
    }
  }
}

/// Calls `body` with 127.0.0.1 and the port, as the socket functions take them.
func withLoopbackAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
