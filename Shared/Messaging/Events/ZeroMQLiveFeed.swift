package import Contracts
import Records
import Synchronization

/// A live feed through a SUB socket of its own, which the socket thread drains in batches into the inbox.
package final class ZeroMQLiveFeed: LiveFeed {
  private let handle: DriverHandle
  private let wish: FeedWish

  private init(handle: DriverHandle, wish: FeedWish) {
    self.handle = handle
    self.wish = wish
  }

  /// Connects, in the background and again and again; nothing is asked for yet.
  package static func connect(
    to endpoint: Endpoint,
    stream: StreamName,
    into inbox: SubscriptionInbox,
    on thread: SocketThread,
    security: ClientSecurity = .plain
  ) async throws(ZeroMQError) -> ZeroMQLiveFeed {
    let wish = FeedWish()
    let (handle, _) = try await thread.attach { (loop) throws(ZeroMQError) in
      var options = SocketOptions()
      options.receiveHighWater = 256
      // A record that stands alone, with its header and names.
      options.largestMessageBytes = Int64(RecordFrame.mostBodyBytes + 4096)
      return (try SubscriberDriver(stream, wish, inbox, at: endpoint, security, options, on: loop), ())
    }
    return ZeroMQLiveFeed(handle: handle, wish: wish)
  }

  package func subscribe() {
    wish.subscribe()
    handle.wake()
  }

  package func unsubscribe() {
    wish.unsubscribe()
    handle.wake()
  }

  package func close() async {
    await handle.detach()
  }
}

/// Whether the feed is wanted, how often it was asked for, and how often so although it was wanted already.
final class FeedWish: Sendable {
  struct Wish: Sendable {
    var isWanted = false
    var requests = 0
    var renewals = 0
  }

  private let wish = Mutex(Wish())

  var current: Wish { wish.withLock { $0 } }

  func subscribe() {
    wish.withLock { wish in
      if wish.isWanted { wish.renewals += 1 }
      wish.isWanted = true
      wish.requests += 1
    }
  }

  func unsubscribe() {
    wish.withLock { $0.isWanted = false }
  }
}

/// The subscribing socket, on the socket thread.
final class SubscriberDriver: SocketDriver {
  private static let messagesTag = 0
  private static let connectionTag = 1

  private var socket: Socket
  private var monitor: SocketMonitor
  private let message = Message()
  private let prefix: [UInt8]
  private let wish: FeedWish
  private let inbox: SubscriptionInbox
  private let endpoint: Endpoint
  private let options: SocketOptions
  private var attempts: HandshakeAttempts
  private var isSubscribed = false
  private var answered = FeedWish.Wish()
  private var batch: [[UInt8]] = []

  init(
    _ stream: StreamName,
    _ wish: FeedWish,
    _ inbox: SubscriptionInbox,
    at endpoint: Endpoint,
    _ security: ClientSecurity,
    _ options: SocketOptions,
    on loop: SocketLoop
  ) throws(ZeroMQError) {
    prefix = stream.paddedBytes
    self.wish = wish
    self.inbox = inbox
    self.endpoint = endpoint
    self.options = options
    attempts = try HandshakeAttempts(security)
    socket = try loop.open(.subscriber, attempts.applied(to: options), tag: Self.messagesTag)
    monitor = try loop.monitor(socket, tag: Self.connectionTag)
    try socket.connect(endpoint)
  }

  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    if tag == Self.connectionTag {
      try readConnection()
      return false
    }
    for _ in 0..<SocketLoop.roundLimit {
      guard try socket.receive(into: message) else { return false }
      if message.hasMore {
        // Nothing of ours has a second part.
        while message.hasMore, try socket.receive(into: message) {}
      } else {
        batch.append(message.copy())
      }
    }
    return true
  }

  private func readConnection() throws(ZeroMQError) {
    while let event = try monitor.next() {
      attempts.note(event, .now)
      if event == .disconnected { inbox.disconnect() }
    }
  }

  func wake(on loop: SocketLoop) throws(ZeroMQError) {
    let wish = self.wish.current
    if wish.renewals != answered.renewals { try reconnect(on: loop) }
    if isSubscribed, !wish.isWanted || wish.requests != answered.requests {
      try socket.unsubscribe(from: prefix)
      isSubscribed = false
    }
    if wish.isWanted, !isSubscribed {
      try socket.subscribe(to: prefix)
      isSubscribed = true
    }
    answered = wish
  }

  /// The feed was wanted and silent: its connection may be one that only this side believes in. Or the publisher has
  /// another key now.
  private func reconnect(on loop: SocketLoop) throws(ZeroMQError) {
    socket = try loop.open(.subscriber, attempts.applied(to: options), tag: Self.messagesTag)
    monitor = try loop.monitor(socket, tag: Self.connectionTag)
    try socket.connect(endpoint)
    isSubscribed = false
  }

  /// One turn's messages go over as one batch.
  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? {
    if attempts.isDue(now) {
      try reconnect(on: loop)
      try wake(on: loop)
    }
    if !batch.isEmpty {
      inbox.receive(batch)
      batch.removeAll(keepingCapacity: true)
    }
    return attempts.next
  }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {
    inbox.disconnect()
  }
}
