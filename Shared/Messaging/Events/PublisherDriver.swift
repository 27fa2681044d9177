import Contracts
import Records

/// The publishing sockets. What there is to send is sent in whosever turn it is (decision 0012).
final class PublisherDriver: SocketDriver {
  /// How soon an endpoint is tried again that the socket before still has.
  private static let reopenInterval = Duration.milliseconds(10)

  /// Tagged by their index.
  private let outlets: [PublishingOutlet]
  private let message = Message()
  private let queue: PublicationQueue
  private let wallTime: @Sendable () -> Timestamp
  private var heads: [HeadVector]
  /// One for each head.
  private var schedules: [AnnouncementSchedule]

  init(
    _ queue: PublicationQueue,
    at endpoint: Endpoint,
    _ security: ServerSecurity,
    _ options: SocketOptions,
    _ wallTime: @escaping @Sendable () -> Timestamp,
    on loop: SocketLoop
  ) throws(ZeroMQError) {
    self.queue = queue
    self.wallTime = wallTime
    heads = queue.heads
    schedules = heads.map { _ in AnnouncementSchedule(now: .now) }
    var outlets: [PublishingOutlet] = []
    switch security {
    case .plain: outlets.append(try PublishingOutlet(nil, at: endpoint, security, options, tag: 0, on: loop))
    case .curve:
      for (index, stream) in heads.map(\.identity.stream).enumerated() {
        let place = try endpoint.ofStream(stream, index: index)
        outlets.append(try PublishingOutlet(stream, at: place, security, options, tag: index, on: loop))
      }
    }
    self.outlets = outlets
  }

  /// Where each stream is published.
  var boundEndpoints: [StreamName: Endpoint] {
    var endpoints: [StreamName: Endpoint] = [:]
    for stream in heads.map(\.identity.stream) {
      endpoints[stream] = outlets.first { $0.serves(stream) }?.endpoint
    }
    return endpoints
  }

  /// Where the first stream is published, and all of them in the clear.
  var firstEndpoint: Endpoint? { outlets.first?.endpoint }

  /// Reads subscriptions: a byte 1 and the prefix; 0 and the prefix when one is given up.
  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    for _ in 0..<SocketLoop.roundLimit {
      guard try outlets[tag].receive(into: message) else { return false }
      let request = message.copy()
      guard request.first == 1 else { continue }
      queue.count { $0.subscriptions += 1 }
      let prefix = request.dropFirst()
      for index in heads.indices where heads[index].identity.stream.paddedBytes.starts(with: prefix.prefix(24)) {
        schedules[index].subscriptionArrived()
      }
    }
    return true
  }

  func wake(on loop: SocketLoop) throws(ZeroMQError) {}

  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? {
    // Before anything is sent: nobody hears what was published after his right was taken away.
    for outlet in outlets { try outlet.dropRevoked() }
    try sendFrames(now)
    var hasClosedOutlet = false
    for outlet in outlets where !outlet.isListening {
      if try !outlet.reopen(on: loop) { hasClosedOutlet = true }
    }
    try announce(now)
    let due = schedules.lazy.map(\.due).min()
    guard hasClosedOutlet else { return due }
    return min(due ?? now + Self.reopenInterval, now + Self.reopenInterval)
  }

  private func sendFrames(_ now: MonotonicInstant) throws(ZeroMQError) {
    guard let batch = queue.take() else { return }
    heads = batch.heads
    while schedules.count < heads.count { schedules.append(AnnouncementSchedule(now: now)) }
    var byteCount = 0
    for frame in batch.frames {
      try outlet(of: frame.header.identity.stream)?.send(frame.bytes)
      byteCount += frame.bytes.count
    }
    for stream in Set(batch.frames.map(\.header.identity.stream)) {
      for index in heads.indices where heads[index].identity.stream == stream { schedules[index].framesPublished(now) }
    }
    queue.count { counters in
      counters.framesSent += UInt64(batch.frames.count)
      counters.bytesSent += UInt64(byteCount)
    }
  }

  private func announce(_ now: MonotonicInstant) throws(ZeroMQError) {
    for index in heads.indices {
      guard let announcement = schedules[index].take(now) else { continue }
      let kind: FrameKind = announcement == .welcome ? .welcome : .heartbeat
      try outlet(of: heads[index].identity.stream)?.send(heads[index].encoded(as: kind, at: wallTime()))
      queue.count { counters in
        switch announcement {
        case .heartbeat: counters.heartbeats += 1
        case .welcome: counters.welcomes += 1
        }
      }
    }
  }

  private func outlet(of stream: StreamName) -> PublishingOutlet? { outlets.first { $0.serves(stream) } }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {}
}

extension StreamName {
  /// The name as frames begin with it, which is also the prefix to subscribe to: 24 bytes, filled up with zeros.
  package var paddedBytes: [UInt8] {
    Array(rawValue.utf8) + Array(repeating: 0, count: StreamName.longestLength - rawValue.utf8.count)
  }
}
