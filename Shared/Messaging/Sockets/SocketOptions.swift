import CZeroMQ

/// The socket patterns in use. Values are libzmq's.
package enum SocketKind: Sendable {
  case dealer, router, publisher, subscriber, pair

  var number: Int32 {
    switch self {
    case .dealer: ZMQ_DEALER
    case .router: ZMQ_ROUTER
    case .publisher: ZMQ_XPUB
    case .subscriber: ZMQ_SUB
    case .pair: ZMQ_PAIR
    }
  }
}

/// What a socket is told before it binds or connects. Every buffer has a bound; the defaults are safe ones.
package struct SocketOptions: Sendable {
  package var security = SocketSecurity.plain
  /// How long `close` keeps trying to hand over what was sent before.
  package var linger = Duration.milliseconds(200)
  /// Messages queued for one peer before sending says `wouldBlock` (a publisher drops instead). 0 means no bound.
  package var sendHighWater: Int32 = 1000
  /// Messages queued from one peer before the network is made to wait. 0 means no bound.
  package var receiveHighWater: Int32 = 1000
  /// A peer that sends more in one message is disconnected.
  package var largestMessageBytes: Int64 = 8 << 20
  /// How long a peer may take for the handshake; after that its connection is closed.
  package var handshakeTimeout = Duration.seconds(5)
  /// First wait before connecting again; doubles up to `longestReconnectDelay`.
  package var reconnectDelay = Duration.milliseconds(20)
  package var longestReconnectDelay = Duration.seconds(1)
  /// DEALER: queue only for connected peers, so that nothing stale reaches a restarted one.
  package var queuesOnlyWhenConnected = false
  /// ROUTER: an unknown or full peer is an outcome of sending, not a silent loss.
  package var reportsUnreachablePeers = false
  /// XPUB: hand every subscription up, also repeated ones, so that late joiners can be welcomed.
  package var reportsEverySubscription = false

  package init() {}

  func apply(to socket: borrowing Socket) throws(ZeroMQError) {
    try security.apply(to: socket)
    try socket.set(ZMQ_HANDSHAKE_IVL, handshakeTimeout.millisecondsRoundedUp)
    try socket.set(ZMQ_LINGER, linger.millisecondsRoundedUp)
    try socket.set(ZMQ_SNDHWM, sendHighWater)
    try socket.set(ZMQ_RCVHWM, receiveHighWater)
    try socket.set(ZMQ_MAXMSGSIZE, largestMessageBytes)
    try socket.set(ZMQ_RECONNECT_IVL, reconnectDelay.millisecondsRoundedUp)
    try socket.set(ZMQ_RECONNECT_IVL_MAX, longestReconnectDelay.millisecondsRoundedUp)
    try applyKeepAlive(to: socket)
    if queuesOnlyWhenConnected { try socket.set(ZMQ_IMMEDIATE, Int32(1)) }
    if reportsUnreachablePeers { try socket.set(ZMQ_ROUTER_MANDATORY, Int32(1)) }
    if reportsEverySubscription { try socket.set(ZMQ_XPUB_VERBOSER, Int32(1)) }
  }

  /// Has the kernel find peers that vanished without a word, within some 20 seconds.
  ///
  /// ZMTP's own PING must stay off: libzmq 4.3.4 and 4.3.5 abort the process when one is due, or read, on a connection
  /// whose peer hung up while its input was stopped at the high-water mark (assertion `!_io_error` in `out_event`).
  private func applyKeepAlive(to socket: borrowing Socket) throws(ZeroMQError) {
    try socket.set(ZMQ_TCP_KEEPALIVE, Int32(1))
    try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, Int32(10))
    try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, Int32(3))
    try socket.set(ZMQ_TCP_KEEPALIVE_CNT, Int32(3))
  }
}
