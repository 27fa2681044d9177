import Contracts
import Messaging
import Records
import Testing

/// When heads are announced, and the small pieces beneath a subscription.
struct EventAnnouncementTests {
  private let start = MonotonicInstant.start

  @Test func aBurstIsFollowedByAHeartbeatAfterAHundredMilliseconds() {
    var schedule = AnnouncementSchedule(now: start)
    schedule.framesPublished(start + .milliseconds(10))
    schedule.framesPublished(start + .milliseconds(50))
    #expect(schedule.take(start + .milliseconds(149)) == nil)
    #expect(schedule.due == start + .milliseconds(150))
    #expect(schedule.take(start + .milliseconds(150)) == .heartbeat)
    #expect(schedule.take(start + .milliseconds(151)) == nil)
  }

  @Test func aQuietStreamIsAnnouncedEachSecondAndABusyOneToo() {
    var schedule = AnnouncementSchedule(now: start)
    var heartbeats = 0
    for step in 1...300 {
      let now = start + .milliseconds(10 * step)
      if step <= 200 { schedule.framesPublished(now) }
      if schedule.take(now) == .heartbeat { heartbeats += 1 }
    }
    // Two while it was busy, one when it fell quiet, and the next a second later, which hasn't come.
    #expect(heartbeats == 3)
  }

  @Test func manySubscriptionsAtOnceGetOneWelcome() {
    var schedule = AnnouncementSchedule(now: start)
    schedule.subscriptionArrived()
    schedule.subscriptionArrived()
    #expect(schedule.take(start) == .welcome)
    schedule.subscriptionArrived()
    #expect(schedule.take(start + .milliseconds(49)) == nil)
    #expect(schedule.due == start + .milliseconds(50))
    #expect(schedule.take(start + .milliseconds(50)) == .welcome)
    #expect(schedule.take(start + .milliseconds(51)) == nil)
  }

  @Test func backoffDoublesWithinItsBounds() {
    var generator = SplitMix64(seed: 3)
    var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))
    for attempt in 0..<20 {
      let ceiling = min(.seconds(2), Duration.milliseconds(50) * (1 << min(attempt, 10)))
      let wait = backoff.next(using: &generator)
      #expect(wait >= ceiling / 2 && wait <= ceiling)
    }
    backoff.reset()
    #expect(backoff.next(using: &generator) <= .milliseconds(50))
  }

  @Test func aReorderBufferSortsAndIsBounded() {
    var history = TestHistory()
    let frames = (0..<4).map { _ in history.append(records: 2) }
    var buffer = ReorderBuffer<TestFrame>(capacityBytes: 300)
    #expect(buffer.insert(frames[2]) == .stored)
    #expect(buffer.insert(frames[0]) == .stored)
    #expect(buffer.insert(frames[2]) == .duplicate)
    #expect(buffer.insert(frames[1]) == .stored)
    #expect(buffer.insert(frames[3]) == .full)
    #expect(buffer.popFirst(upTo: 0) == nil)
    #expect(buffer.popFirst(upTo: 1)?.firstPosition == 1)
    #expect(buffer.popFirst(upTo: 9)?.firstPosition == 3)
    #expect(buffer.byteCount == 100)
    #expect(buffer.removeAll() == 1)
  }

  @Test func aStreamsPrefixIsItsNameAndZeros() {
    #expect(StreamName.ingestion.paddedBytes == Array("ingestion".utf8) + Array(repeating: 0, count: 15))
    #expect(!StreamName.scores.paddedBytes.starts(with: StreamName.ingestion.paddedBytes))
  }
}
