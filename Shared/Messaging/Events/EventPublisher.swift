package import Contracts
package import Records
import Synchronization

/// Publishes a service's streams through XPUB sockets: one for all of them, or, with CURVE, one for each. Each message is
/// a frame's bytes and nothing else.
///
/// `publish` puts frames into a bounded queue, and sends what has gathered there where it is little and the sockets are
/// free; else their thread does. It waits for neither. A subscriber that can't keep up loses frames here, in its own
/// queue, and pulls them from the journal; the others don't notice.
package final class EventPublisher: EventPublishing {
  /// Where each stream is published: the port that was found, if any would do.
  package let endpoints: [StreamName: Endpoint]
  /// Where the first stream is published, and in the clear all of them.
  package let endpoint: Endpoint
  private let handle: DriverHandle
  private let queue: PublicationQueue

  /// Counts since the publisher began.
  package struct Counters: Hashable, Sendable {
    package var framesSent: UInt64 = 0
    package var bytesSent: UInt64 = 0
    /// Frames that found the queue before the socket full.
    package var framesDropped: UInt64 = 0
    package var heartbeats: UInt64 = 0
    package var welcomes: UInt64 = 0
    package var subscriptions: UInt64 = 0

    package init() {}
  }

  /// Begins to listen.
  /// - Parameters:
  ///   - memoryPerPeerBytes: what may queue for one subscriber before frames are dropped for it.
  ///   - wallTime: the time in UTC, for heartbeats.
  /// - Throws: `ZeroMQError`, e.g. where the port is taken.
  package convenience init(
    heads: [HeadVector],
    on thread: SocketThread,
    at endpoint: Endpoint,
    security: ServerSecurity = .plain,
    memoryPerPeerBytes: Int = 64 << 20,
    wallTime: @escaping @Sendable () -> Timestamp
  ) async throws(ZeroMQError) {
    let queue = PublicationQueue(heads: heads, capacityBytes: memoryPerPeerBytes)
    let (handle, bound) = try await thread.attach { (loop) throws(ZeroMQError) in
      var options = SocketOptions()
      // Subscribers send subscriptions, of 25 bytes, and nothing else; the handshake's commands have to fit, too.
      options.largestMessageBytes = 4096
      options.reportsEverySubscription = true
      // libzmq counts messages. Only a record that stands alone is larger than a frame, so this is the budget.
      options.sendHighWater = Int32(clamping: max(16, memoryPerPeerBytes / RecordFrame.mostBytes))
      let driver = try PublisherDriver(queue, at: endpoint, security, options, wallTime, on: loop)
      return (driver, (driver.boundEndpoints, driver.firstEndpoint))
    }
    security.access?.observe { [handle] in handle.wake() }
    self.init(endpoints: bound.0, endpoint: bound.1 ?? endpoint, handle: handle, queue: queue)
  }

  private init(
    endpoints: [StreamName: Endpoint],
    endpoint: Endpoint,
    handle: DriverHandle,
    queue: PublicationQueue
  ) {
    self.endpoints = endpoints
    self.endpoint = endpoint
    self.handle = handle
    self.queue = queue
  }

  package func publish(_ frames: [RecordFrame]) {
    queue.append(frames)
    // Whoever has committed a few sends them, where it can: waking the thread takes longer. Many are worth a second
    // thread, and the writer its next commit.
    if frames.reduce(0, { $0 + $1.bytes.count }) <= Self.mostHurriedBytes { handle.hurry() } else { handle.wake() }
  }

  private static let mostHurriedBytes = 16 << 10

  package func close() async {
    await handle.detach()
  }

  package var counters: Counters { queue.counters }
}

/// Frames on their way to the socket, and the heads that they lead to.
final class PublicationQueue: Sendable {
  struct Batch: Sendable {
    var frames: [RecordFrame] = []
    /// The heads after these frames, dropped ones included.
    var heads: [HeadVector]
  }

  private struct State {
    var batch: Batch
    var byteCount = 0
    var hasNews = false
    var counters = EventPublisher.Counters()
  }

  private let state: Mutex<State>
  private let capacityBytes: Int

  init(heads: [HeadVector], capacityBytes: Int) {
    state = Mutex(State(batch: Batch(heads: heads)))
    self.capacityBytes = capacityBytes
  }

  var counters: EventPublisher.Counters { state.withLock { $0.counters } }

  func append(_ frames: [RecordFrame]) {
    state.withLock { state in
      state.hasNews = true
      for frame in frames {
        state.batch.heads.advance(past: frame)
        if state.byteCount + frame.bytes.count <= capacityBytes {
          state.batch.frames.append(frame)
          state.byteCount += frame.bytes.count
        } else {
          state.counters.framesDropped += 1
        }
      }
    }
  }

  var heads: [HeadVector] { state.withLock { $0.batch.heads } }

  /// - Returns: nil where nothing was published since the last time.
  func take() -> Batch? {
    state.withLock { state in
      guard state.hasNews else { return nil }
      defer {
        state.hasNews = false
        state.batch.frames = []
        state.byteCount = 0
      }
      return state.batch
    }
  }

  func count(_ body: (inout EventPublisher.Counters) -> Void) {
    state.withLock { body(&$0.counters) }
  }
}

extension [HeadVector] {
  /// Moves the head of the frame's stream past it; a stream that isn't known yet begins here.
  package mutating func advance(past frame: RecordFrame) {
    let stream = frame.header.identity.stream
    if let index = firstIndex(where: { $0.identity.stream == stream }) {
      self[index].move(past: frame)
    } else {
      var head = HeadVector(startOf: frame.header.identity)
      head.move(past: frame)
      append(head)
    }
  }
}
