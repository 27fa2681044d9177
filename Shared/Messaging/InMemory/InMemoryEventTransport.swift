package import Contracts
package import Records
import Synchronization

/// Events between parts of one process, over a feed that can be told to lose, repeat and reorder.
///
/// For tests, and for services that are assembled into one process.
package final class InMemoryEventTransport: EventTransport {
  /// How often a message of the live feed meets with which misfortune, from 0 to 1.
  package struct Faults: Sendable {
    package var drop = 0.0
    package var duplicate = 0.0
    /// Held back until after the next message.
    package var reorder = 0.0

    package init(drop: Double = 0, duplicate: Double = 0, reorder: Double = 0) {
      self.drop = drop
      self.duplicate = duplicate
      self.reorder = reorder
    }
  }

  private struct State {
    var generator: SplitMix64
    var faults: Faults
    var feeds: [InMemoryLiveFeed] = []
    var publishers: [InMemoryPublisher] = []
    var journals: [StreamKey: any JournalSource] = [:]
    /// A message that waits for the next to overtake it.
    var held: (stream: StreamName, bytes: [UInt8])?
  }

  private struct StreamKey: Hashable {
    let stream: StreamName
    let instance: UInt16
  }

  private let state: Mutex<State>
  private let wallTime: @Sendable () -> Timestamp

  package init(faults: Faults = Faults(), seed: UInt64 = 0, wallTime: @escaping @Sendable () -> Timestamp) {
    state = Mutex(State(generator: SplitMix64(seed: seed), faults: faults))
    self.wallTime = wallTime
  }

  /// Changes the misfortunes from now on.
  package func setFaults(_ faults: Faults) {
    state.withLock { $0.faults = faults }
  }

  /// Where the journal of a stream is read.
  package func serve(_ journal: any JournalSource, as stream: StreamName, instance: UInt16 = 0) {
    state.withLock { $0.journals[StreamKey(stream: stream, instance: instance)] = journal }
  }

  package func publisher(of heads: [HeadVector]) async throws -> any EventPublishing {
    let publisher = InMemoryPublisher(heads: heads, transport: self, wallTime: wallTime)
    let streams = state.withLock { state in
      state.publishers.append(publisher)
      return state.feeds.filter(\.isSubscribed).map(\.stream)
    }
    for stream in streams { publisher.subscriptionArrived(stream) }
    return publisher
  }

  package func liveFeed(
    of stream: StreamName,
    instance: UInt16,
    into inbox: SubscriptionInbox
  ) async throws -> any LiveFeed {
    let feed = InMemoryLiveFeed(stream: stream, inbox: inbox, transport: self)
    state.withLock { $0.feeds.append(feed) }
    return feed
  }

  package func journal(of stream: StreamName, instance: UInt16) async throws -> any JournalSource {
    let journal = state.withLock { $0.journals[StreamKey(stream: stream, instance: instance)] }
    guard let journal else {
      throw Fault(.notFound, reason: "unknownStream", "Nobody serves the journal of \(stream)/\(instance).")
    }
    return journal
  }

  // MARK: For its two sides

  func send(_ bytes: [UInt8], on stream: StreamName) {
    state.withLock { state in
      func strikes(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &state.generator) < probability
      }
      if strikes(state.faults.drop) { return }
      var messages = [(stream, bytes)]
      if strikes(state.faults.duplicate) { messages.append((stream, bytes)) }
      if let held = state.held {
        messages.append(held)
        state.held = nil
      } else if strikes(state.faults.reorder) {
        state.held = messages.removeLast()
      }
      // Under the lock, so that what is sent in order arrives in order.
      for feed in state.feeds { feed.deliver(messages) }
    }
  }

  func subscriptionArrived(_ stream: StreamName) {
    let publishers = state.withLock { $0.publishers }
    for publisher in publishers { publisher.subscriptionArrived(stream) }
  }

  func remove(_ feed: InMemoryLiveFeed) {
    state.withLock { $0.feeds.removeAll { $0 === feed } }
  }

  func remove(_ publisher: InMemoryPublisher) {
    let feeds = state.withLock { state in
      state.publishers.removeAll { $0 === publisher }
      return state.feeds
    }
    for feed in feeds { feed.disconnect() }
  }
}

/// One subscriber's end.
final class InMemoryLiveFeed: LiveFeed {
  let stream: StreamName
  private let inbox: SubscriptionInbox
  private let transport: InMemoryEventTransport
  private let subscribed = Mutex(false)

  init(stream: StreamName, inbox: SubscriptionInbox, transport: InMemoryEventTransport) {
    self.stream = stream
    self.inbox = inbox
    self.transport = transport
  }

  var isSubscribed: Bool { subscribed.withLock { $0 } }

  func subscribe() {
    subscribed.withLock { $0 = true }
    transport.subscriptionArrived(stream)
  }

  func unsubscribe() {
    subscribed.withLock { $0 = false }
  }

  func close() async {
    transport.remove(self)
  }

  func deliver(_ messages: [(stream: StreamName, bytes: [UInt8])]) {
    guard isSubscribed else { return }
    let mine = messages.filter { $0.stream == stream }
    if !mine.isEmpty { inbox.receive(mine.map(\.bytes)) }
  }

  func disconnect() {
    inbox.disconnect()
  }
}

/// The publishing end, with the same announcements as over ZeroMQ.
final class InMemoryPublisher: EventPublishing {
  private struct State {
    var heads: [HeadVector]
    var schedules: [AnnouncementSchedule]
    var isClosed = false
  }

  private let state: Mutex<State>
  private let transport: InMemoryEventTransport
  private let wallTime: @Sendable () -> Timestamp
  private let alarm = Mutex<Alarm?>(nil)

  init(heads: [HeadVector], transport: InMemoryEventTransport, wallTime: @escaping @Sendable () -> Timestamp) {
    state = Mutex(State(heads: heads, schedules: heads.map { _ in AnnouncementSchedule(now: .now) }))
    self.transport = transport
    self.wallTime = wallTime
    alarm.withLock { $0 = Alarm { [weak self] in self?.announce() } }
    announce()
  }

  func publish(_ frames: [RecordFrame]) {
    guard !frames.isEmpty else { return }
    let isClosed = state.withLock { state in
      for frame in frames {
        state.heads.advance(past: frame)
        while state.schedules.count < state.heads.count { state.schedules.append(AnnouncementSchedule(now: .now)) }
        let stream = frame.header.identity.stream
        for index in state.heads.indices where state.heads[index].identity.stream == stream {
          state.schedules[index].framesPublished(.now)
        }
      }
      return state.isClosed
    }
    guard !isClosed else { return }
    for frame in frames { transport.send(frame.bytes, on: frame.header.identity.stream) }
    announce()
  }

  func subscriptionArrived(_ stream: StreamName) {
    state.withLock { state in
      for index in state.heads.indices where state.heads[index].identity.stream == stream {
        state.schedules[index].subscriptionArrived()
      }
    }
    announce()
  }

  func close() async {
    state.withLock { $0.isClosed = true }
    alarm.withLock { $0 }?.turnOff()
    transport.remove(self)
  }

  /// Says what is due, and sets the alarm for what comes next.
  private func announce() {
    let (due, next): ([(HeadVector, FrameKind)], MonotonicInstant?) = state.withLock { state in
      guard !state.isClosed else { return ([], nil) }
      var due: [(HeadVector, FrameKind)] = []
      for index in state.heads.indices {
        guard let announcement = state.schedules[index].take(.now) else { continue }
        due.append((state.heads[index], announcement == .welcome ? .welcome : .heartbeat))
      }
      return (due, state.schedules.map(\.due).min())
    }
    for (head, kind) in due { transport.send(head.encoded(as: kind, at: wallTime()), on: head.identity.stream) }
    alarm.withLock { $0 }?.set(next)
  }
}
