import Messaging
import Records

/// The publishing side of a process: which heads it announces when, and to whom its feed goes.
struct SimulatedPublisher {
  private(set) var heads: [HeadVector]
  private var schedules: [AnnouncementSchedule]
  /// The subscriptions that have asked for the feed and have been heard.
  private(set) var subscribers: Set<SubscriptionKey> = []
  /// For when the next announcement is on the agenda.
  var announcesAt: MonotonicInstant?

  init(heads: [HeadVector], now: MonotonicInstant) {
    self.heads = heads
    schedules = heads.map { _ in AnnouncementSchedule(now: now) }
  }

  mutating func publish(_ frame: RecordFrame, _ now: MonotonicInstant) {
    heads.advance(past: frame)
    let stream = frame.header.identity.stream
    for index in heads.indices where heads[index].identity.stream == stream { schedules[index].framesPublished(now) }
  }

  mutating func subscribe(_ subscription: SimulatedSubscription) {
    subscribers.insert(subscription.key)
    for index in heads.indices where heads[index].identity.stream == subscription.stream {
      schedules[index].subscriptionArrived()
    }
  }

  mutating func unsubscribe(_ key: SubscriptionKey) {
    subscribers.remove(key)
  }

  var due: MonotonicInstant? { schedules.lazy.map(\.due).min() }

  /// The heads that are to be announced now; they count as announced.
  mutating func announcements(_ now: MonotonicInstant) -> [(head: HeadVector, kind: FrameKind)] {
    heads.indices.compactMap { index in
      schedules[index].take(now).map { (heads[index], $0 == .welcome ? .welcome : .heartbeat) }
    }
  }
}
