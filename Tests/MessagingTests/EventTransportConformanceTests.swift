import Contracts
import Records
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// What every transport of events must stand.
@Suite(.timeLimit(.minutes(2)))
struct EventTransportConformanceTests {
  private static func positions(upTo count: Int) -> [UInt64] { (0..<count).map { UInt64($0) + 1 } }

  private func expectLevel(_ sink: MemorySink, _ count: Int) async throws {
    try await waitUntil("the sink holds \(count) records") { sink.positions.count >= count }
    #expect(sink.positions == Self.positions(upTo: count))
  }

  private func expectLive(_ runner: SubscriptionRunner) async throws {
    try await waitUntil("the subscription is live") { runner.status.summary.phase == .live }
  }

  @Test(arguments: EventCarrier.allCases)
  func recordsComeOnceAndInOrder(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        try await expectLive(runner)
        for size in [1, 7, 250, 400, 1, 1000] { fixture.publish(size * 3, perCommit: size) }
        try await expectLevel(sink, 3 * 1659)
        #expect(sink.cursor == fixture.journal.head())
        // 500, or a quarter of what waits, which can't have been more than everything.
        #expect(sink.largestBatch <= 3 * 1659 / 4)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func replayBeginsWhereItIsTold(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(100, perCommit: 10)
      let (resumed, chosen) = (MemorySink(), MemorySink())
      let start = SubscriptionStart.cursor(fixture.journal.cursor(afterFrame: 4))
      // 55 lies inside a frame.
      try await fixture.following([(fixture.runner(resumed), start), (fixture.runner(chosen), .after(55))]) {
        try await waitUntil("both are level") { resumed.positions.last == 100 && chosen.positions.last == 100 }
        fixture.publish(5)
        try await waitUntil("both go on") { resumed.positions.last == 105 && chosen.positions.last == 105 }
        #expect(resumed.positions == Array(41...105))
        #expect(chosen.positions == Array(56...105))
        #expect(resumed.cursor == fixture.journal.head())
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aLateJoinerCatchesUpWhilePublishingGoesOn(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(5000, perCommit: 50)
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        for _ in 0..<50 {
          fixture.publish(20, perCommit: 4)
          await Task.yield()
        }
        try await expectLevel(sink, 6000)
        try await expectLive(runner)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aSlowConsumerLeavesTheFeedAndCatchesUpAndDisturbsNobody(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let (slow, quick) = (MemorySink(), MemorySink())
      let slowRunner = fixture.runner(slow) { $0.deliveryWindowBytes = 20_000 }
      let quickRunner = fixture.runner(quick)
      try await fixture.following([(slowRunner, .beginning), (quickRunner, .beginning)]) {
        try await expectLive(slowRunner)
        try await expectLive(quickRunner)
        slow.hold()
        fixture.publish(5000, perCommit: 10)
        try await expectLevel(quick, 5000)
        try await waitUntil("the slow one has left the feed, and says how far it lags") {
          let status = slowRunner.status
          return status.summary.phase == .pulling && status.summary.lagRecords > 0 && status.lag > .zero
        }
        #expect(slowRunner.status.summary.counters.lags > 0)
        #expect(quickRunner.status.summary.counters.lags == 0)
        slow.release()
        try await expectLevel(slow, 5000)
        try await expectLive(slowRunner)
        #expect(slowRunner.status.summary.lagRecords == 0)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aPublisherThatRestartsIsFollowedOn(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        try await expectLive(runner)
        fixture.publish(100)
        try await expectLevel(sink, 100)
        await fixture.stopPublisher()
        // Committed and never published, as by a crash in between.
        fixture.journal.append(30)
        try await fixture.startPublisher()
        try await expectLevel(sink, 130)
        fixture.publish(10)
        try await expectLevel(sink, 140)
        try await expectLive(runner)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aConsumerThatStartsBeforeItsPublisherWaitsForIt(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      await fixture.stopPublisher()
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        try await waitUntil("it asks for the feed") { runner.status.summary.phase == .overlapping }
        try await fixture.startPublisher()
        try await expectLive(runner)
        fixture.publish(10)
        try await expectLevel(sink, 10)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func anotherHistoryIsRefused(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      let runner = fixture.runner(sink)
      try await withThrowingTaskGroup(of: SubscriptionEnd.self) { group in
        group.addTask { try await runner.run(from: .beginning) }
        try await expectLive(runner)
        fixture.publish(100)
        try await expectLevel(sink, 100)
        await fixture.stopPublisher()
        fixture.journal.restore(toFrame: 5, epoch: 8, mark: "b")
        try await fixture.startPublisher()
        fixture.publish(100)
        guard case .failed(.diverged) = try await group.next() else {
          return #expect(Bool(false), "two histories were mixed")
        }
        #expect(sink.positions == Self.positions(upTo: 100))
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aRestoredJournalIsFollowedByThoseWhoWereNoFurther(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(50)
      let start = SubscriptionStart.cursor(fixture.journal.cursor(afterFrame: 3))
      await fixture.stopPublisher()
      fixture.journal.restore(toFrame: 4, epoch: 8, mark: "b")
      try await fixture.startPublisher()
      fixture.publish(20)
      let sink = MemorySink()
      let runner = fixture.runner(sink)
      try await fixture.following([(runner, start)]) {
        try await waitUntil("it is level") { sink.positions.last == 60 }
        #expect(sink.positions == Array(31...60))
        #expect(sink.cursor?.identity.epoch == 8)
        try await expectLive(runner)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func severalSubscribersAllGetEverything(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sinks = (0..<5).map { _ in MemorySink() }
      let runners = sinks.map { fixture.runner($0) }
      try await fixture.following(runners.map { ($0, .beginning) }) {
        fixture.publish(500, perCommit: 7)
        for sink in sinks { try await expectLevel(sink, 500) }
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aStreamsPrefixSelectsThatStreamAlone(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let foreign = Mutex(0)
      fixture.relay.set { message in
        if !message.starts(with: StreamName.ingestion.paddedBytes) { foreign.withLock { $0 += 1 } }
        return [message]
      }
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        try await expectLive(runner)
        fixture.publish(100, to: fixture.scores)
        fixture.publish(100)
        fixture.publish(100, to: fixture.scores)
        try await expectLevel(sink, 100)
        let heartbeats = runner.status.summary.counters
        #expect(heartbeats.foreignFrames == 0)
        #expect(foreign.withLock { $0 } == 0, "bytes of ingestion.scores reached a subscriber of ingestion")
      }
    }
  }
}
