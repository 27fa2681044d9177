import Contracts
import Records
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// What every transport of events must stand when messages are lost and sinks fail.
@Suite(.timeLimit(.minutes(2)))
struct EventFaultConformanceTests {
  private func expectLevel(_ sink: MemorySink, _ count: Int) async throws {
    try await waitUntil("the sink holds \(count) records") { sink.positions.count >= count }
    #expect(sink.positions == (0..<count).map { UInt64($0) + 1 })
  }

  private func expectLive(_ runner: SubscriptionRunner) async throws {
    try await waitUntil("the subscription is live") { runner.status.summary.phase == .live }
  }

  @Test(arguments: EventCarrier.allCases)
  func theLossOfABurstsLastMessageIsNoticed(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        try await expectLive(runner)
        fixture.publish(10)
        try await expectLevel(sink, 10)
        fixture.relay.set { RelayFaults.isRecords($0) ? [] : [$0] }
        let start = MonotonicInstant.now
        fixture.publish(10)
        try await expectLevel(sink, 20)
        // A heartbeat follows 100 ms of quiet; long before a second has passed, all is well.
        #expect(MonotonicInstant.now - start >= .milliseconds(100))
        #expect(runner.status.summary.counters.gaps > 0)
        fixture.relay.set(nil)
        try await expectLive(runner)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases, 1...3)
  func lossRepetitionAndDisorderChangeNothing(_ carrier: EventCarrier, _ seed: Int) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.relay.setRandom(seed: UInt64(seed), drop: 0.2, duplicate: 0.2, reorder: 0.2)
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        for round in 0..<60 {
          fixture.publish(20, perCommit: 1 + round % 7)
          try await Task.sleep(for: .milliseconds(2))
        }
        try await expectLevel(sink, 1200)
        fixture.relay.set(nil)
        try await expectLive(runner)
        #expect(sink.cursor == fixture.journal.head())
      }
    }
  }

  @Test func theFaultsOfTheInMemoryTransportChangeNothing() async throws {
    let journal = MemoryJournal()
    let transport = InMemoryEventTransport(
      faults: InMemoryEventTransport.Faults(drop: 0.2, duplicate: 0.2, reorder: 0.2),
      seed: 5,
      wallTime: { .now }
    )
    let service = JournalService(journals: [journal], bell: JournalBell(), wallTime: { .now }) { _, _ in true }
    transport.serve(LocalJournalSource(service, as: Principal(role: .program, name: "test")), as: .ingestion)
    let publisher = try await transport.publisher(of: [journal.head()])
    let sink = MemorySink()
    let runner = SubscriptionRunner(
      to: .ingestion,
      over: transport,
      into: sink,
      seed: 6,
      wallTime: { .now },
      logger: quietLogger
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await runner.run(from: .beginning) }
      for _ in 0..<300 {
        publisher.publish(journal.append(3))
        await Task.yield()
      }
      try await expectLevel(sink, 900)
      runner.stop()
      try await group.waitForAll()
    }
    await publisher.close()
  }

  @Test(arguments: EventCarrier.allCases)
  func damagedMessagesAreDroppedAndMadeGood(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      try await fixture.following(sink) { runner in
        try await expectLive(runner)
        fixture.relay.set { message in
          guard RelayFaults.isRecords(message) else { return [message] }
          var damaged = message
          damaged[damaged.count - 1] ^= 1
          return [damaged, Array(message.prefix(100)), []]
        }
        fixture.publish(10)
        try await expectLevel(sink, 10)
        #expect(runner.status.damagedMessages >= 3)
      }
    }
  }

  // MARK: Sinks

  @Test(arguments: EventCarrier.allCases)
  func aSinkThatFailsIsTriedAgainAndNothingIsSkipped(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      sink.fail(times: 4)
      try await fixture.following(sink) { runner in
        fixture.publish(100)
        try await waitUntil("failures are reported") { runner.status.sinkFailures > 0 }
        try await expectLevel(sink, 100)
        try await waitUntil("success is reported") { runner.status.sinkFailures == 0 }
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aCommitOfUnknownOutcomeIsNotAppliedTwice(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      sink.commitUnsurely(times: 3)
      try await fixture.following(sink) { runner in
        for _ in 0..<10 {
          fixture.publish(30)
          try await Task.sleep(for: .milliseconds(5))
        }
        try await expectLevel(sink, 300)
        try await expectLive(runner)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func stoppingFinishesTheBatchInHandAndARestartGoesOnFromThere(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      let sink = MemorySink()
      sink.hold()
      fixture.publish(2000, perCommit: 100)
      let runner = fixture.runner(sink)
      try await withThrowingTaskGroup(of: SubscriptionEnd.self) { group in
        group.addTask { try await runner.run(from: .beginning) }
        try await waitUntil("a batch is in hand") { sink.isWaiting }
        runner.stop()
        sink.release()
        #expect(try await group.next() == .stopped)
      }
      #expect(sink.batches == 1)
      #expect(sink.positions.count <= 500)
      try await fixture.following([(fixture.runner(sink), sink.start)]) { try await expectLevel(sink, 2000) }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aTrimmedJournalIsMendedByASnapshotOrEndsIt(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(100)
      fixture.journal.trim(frames: 5)
      let plain = fixture.runner(MemorySink())
      guard case .failed(.trimmed) = try await plain.run(from: .beginning) else {
        return #expect(Bool(false), "a trimmed journal went unnoticed")
      }
      let sink = MemorySnapshotSink()
      try await fixture.following(sink) { runner in
        try await expectLive(runner)
        fixture.publish(20)
        try await expectLevel(sink, 120)
        #expect(runner.status.summary.counters.snapshots == 1)
      }
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aForbiddenStreamEndsIt(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier, forbidden: [.scores]) { fixture in
      fixture.publish(10, to: fixture.scores)
      let sink = MemorySink()
      guard case .failed(.forbidden) = try await fixture.runner(sink, stream: .scores).run(from: .beginning) else {
        return #expect(Bool(false), "a forbidden stream was read")
      }
      #expect(sink.positions.isEmpty)
    }
  }
}
