import Contracts
import Records
import TestSupport
import Testing

@testable import Messaging

/// What can't be read is neither applied nor skipped, and not asked for again for ever.
@Suite(.timeLimit(.minutes(2)))
struct SubscriptionDamageTests {
  typealias Bench = SubscriptionMachineTests.Bench

  private let damage = Fault(.dataLoss, reason: "damaged", "The frame that ends at 2 is damaged.")

  @Test func aPlaceThatStaysDamagedEndsTheSubscription() throws {
    var bench = Bench { $0.mostLastingFailures = 3 }
    bench.step(.started(.beginning))
    for attempt in 1...3 {
      #expect(bench.failure == nil, "it gave up after \(attempt - 1) attempts")
      bench.step(.pullFailed(id: try #require(bench.pull).id, damage))
      bench.pass(.seconds(2))
    }
    guard case .damaged(let message) = bench.failure else { return #expect(Bool(false), "it goes on for ever") }
    #expect(message.contains(damage.message) && message.contains("Restore the latest backup"), "\(message)")
    #expect(bench.applied.isEmpty)
  }

  @Test func whatWasDamagedOnTheWayIsReadAgain() throws {
    let history = SubscriptionMachineTests.history([1, 1, 1])
    var bench = Bench { $0.mostLastingFailures = 2 }
    bench.step(.started(.beginning))
    for frame in history.frames {
      bench.step(.pullFailed(id: try #require(bench.pull).id, damage))
      bench.pass(.seconds(2))
      // Each frame that comes is progress, so the next damage is counted from one again.
      bench.step(.pulled(id: try #require(bench.pull).id, frames: [frame]))
      bench.step(.applied(frame.lastPosition))
    }
    bench.step(.pullEnded(id: try #require(bench.pull).id, head: history.head))
    #expect(bench.failure == nil)
    #expect(bench.applied == [1, 2, 3])
  }

  @Test(arguments: EventCarrier.allCases)
  func aDamagedJournalEndsTheSubscriptionBeforeTheDamage(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(50)
      fixture.journal.damage(frame: 5)
      fixture.publish(50)
      let sink = MemorySink()
      let runner = fixture.runner(sink) { $0.longestBackoff = .milliseconds(50) }
      guard case .failed(.damaged) = try await runner.run(from: .beginning) else {
        return #expect(Bool(false), "a damaged journal went unnoticed")
      }
      #expect(sink.positions == Array(1...50), "everything before the damage, and nothing after it")
      #expect(runner.status.summary.counters.pullFailures == 5)
    }
  }

  @Test(arguments: EventCarrier.allCases)
  func aSinkThatCanNeverTakeABatchEndsTheSubscription(_ carrier: EventCarrier) async throws {
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(10)
      let sink = MemorySink()
      sink.fail(times: 3)
      sink.refuse(.rejected("for a reason that stays"))
      let runner = fixture.runner(sink) { $0.longestBackoff = .milliseconds(50) }
      let end = try await runner.run(from: .beginning)
      #expect(end == .failed(.rejected("for a reason that stays")))
      #expect(sink.positions.isEmpty)
      // Failures that may pass are no reason to end; those that won't pass are tried five times.
      #expect(runner.status.sinkFailures == 8)
    }
  }
}
