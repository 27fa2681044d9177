import Contracts
import Records

/// The publishing socket, on the socket thread.
final class PublisherDriver: SocketDriver {
  private let socket: Socket
  private let message = Message()
  private let queue: PublicationQueue
  private let wallTime: @Sendable () -> Timestamp
  private var heads: [HeadVector]
  /// One for each head.
  private var schedules: [AnnouncementSchedule]

  init(
    _ queue: PublicationQueue,
    at endpoint: Endpoint,
    _ options: SocketOptions,
    _ wallTime: @escaping @Sendable () -> Timestamp,
    on loop: SocketLoop
  ) throws(ZeroMQError) {
    self.queue = queue
    self.wallTime = wallTime
    heads = queue.take().heads
    schedules = heads.map { _ in AnnouncementSchedule(now: .now) }
    socket = try loop.open(.publisher, options, tag: 0)
    try socket.bind(endpoint)
  }

  func boundEndpoint() throws(ZeroMQError) -> Endpoint { try socket.lastEndpoint() }

  /// Reads subscriptions: a byte 1 and the prefix; 0 and the prefix when one is given up.
  func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool {
    for _ in 0..<SocketLoop.roundLimit {
      guard try socket.receive(into: message) else { return false }
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

  func wake(on loop: SocketLoop) throws(ZeroMQError) {
    let batch = queue.take()
    heads = batch.heads
    while schedules.count < heads.count { schedules.append(AnnouncementSchedule(now: .now)) }
    guard !batch.frames.isEmpty else { return }
    let now = MonotonicInstant.now
    var byteCount = 0
    for frame in batch.frames {
      // XPUB never blocks: it drops for the subscribers whose queue is full, and for them alone.
      _ = try socket.send(frame.bytes)
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

  func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? {
    for index in heads.indices {
      guard let announcement = schedules[index].take(now) else { continue }
      let kind: FrameKind = announcement == .welcome ? .welcome : .heartbeat
      _ = try socket.send(heads[index].encoded(as: kind, at: wallTime()))
      queue.count { counters in
        switch announcement {
        case .heartbeat: counters.heartbeats += 1
        case .welcome: counters.welcomes += 1
        }
      }
    }
    return schedules.lazy.map(\.due).min()
  }

  func stop(because error: ZeroMQError?, on loop: SocketLoop) {}
}

extension StreamName {
  /// The name as frames begin with it, which is also the prefix to subscribe to: 24 bytes, filled up with zeros.
  package var paddedBytes: [UInt8] {
    Array(rawValue.utf8) + Array(repeating: 0, count: StreamName.longestLength - rawValue.utf8.count)
  }
}
