import Contracts
import Messaging
import ServiceRuntime
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct EventTests {
  private func take(_ keys: [String], _ client: CallClient) async throws {
    for key in keys { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: "x")) }
  }

  private func waitForCount(_ count: Int, _ client: CallClient) async throws {
    try await waitUntil("\(count) notes") { try await client.call(NotesAPI.count, Question()).number == count }
  }

  @Test func whatCannotBeAppliedIsSetAsideAndCanBeRetried() async throws {
    try await withServiceHarness { harness in
      let orders = Orders()
      orders.contents.withLock { $0.refused = ["bad"] }
      try await harness.start(notary())
      try await harness.start(reader(orders))
      let client = try harness.client(of: readerProfile)
      try await take(["a", "bad", "c"], harness.client(of: .ingestion))
      try await waitForCount(2, client)
      let letter = try #require(
        try await client.call(OperationsAPI.deadLetters, DeadLettersRequest()).deadLetters.first
      )
      #expect(letter.stream == .ingestion && letter.position == 2 && letter.key == "bad" && letter.attempts == 1)
      #expect(letter.reason == "refused" && letter.message == "Not this one.")
      #expect(orders.contents.withLock { $0.rollBacks } >= 1)

      let failing = try await client.call(OperationsAPI.retryDeadLetter, RetryDeadLetter(id: letter.id))
      #expect(!failing.isSettled && failing.fault?.reason == "refused")
      orders.contents.withLock { $0.refused = [] }
      let settled = try await client.call(OperationsAPI.retryDeadLetter, RetryDeadLetter(id: letter.id))
      #expect(settled.isSettled)
      try await waitForCount(3, client)
      #expect(try await client.call(OperationsAPI.deadLetters, DeadLettersRequest()).deadLetters.isEmpty)
      let gone = await #expect(throws: Fault.self) {
        try await client.call(OperationsAPI.discardDeadLetter, DiscardDeadLetter(id: letter.id))
      }
      #expect(gone?.code == .notFound)
    }
  }

  @Test func whatFollowsACommitDoesNotKeepTheWriter() async throws {
    try await withServiceHarness { harness in
      let orders = Orders()
      try await harness.start(notary())
      try await harness.start(reader(orders))
      for key in ["a", "b", "c"] { try await take([key], harness.client(of: .ingestion)) }
      try await waitForCount(3, harness.client(of: readerProfile))
      try await waitUntil("it is told") { orders.contents.withLock { !$0.listeners.isEmpty } }
      let (beginners, listeners) = orders.contents.withLock { ($0.beginners, $0.listeners) }
      #expect(beginners.count == 1)
      #expect(beginners.isDisjoint(with: listeners))
    }
  }

  @Test func whatMayPassIsTriedAgain() async throws {
    try await withServiceHarness { harness in
      let orders = Orders()
      orders.contents.withLock { $0.transientFailures = 3 }
      try await harness.start(notary())
      try await harness.start(reader(orders))
      let client = try harness.client(of: readerProfile)
      try await take(["a", "b"], harness.client(of: .ingestion))
      try await waitForCount(2, client)
      #expect(orders.contents.withLock { $0.rollBacks } >= 3)
      #expect(try await client.call(OperationsAPI.status, StatusRequest()).deadLetters == 0)
    }
  }

  @Test func aServiceStartsWithoutItsUpstreamsAndCatchesUp() async throws {
    try await withServiceHarness { harness in
      let follower = try await harness.start(reader())
      let client = try harness.client(of: readerProfile)
      #expect(follower.assembly.state.phase == .serving)
      #expect(try await client.call(NotesAPI.count, Question()).number == 0)
      try await harness.start(notary())
      try await take(["a", "b"], harness.client(of: .ingestion))
      try await waitForCount(2, client)
    }
  }

  @Test func aRestartContinuesWhereTheCursorStands() async throws {
    try await withServiceHarness(faults: .init(drop: 0.2, duplicate: 0.2, reorder: 0.2)) { harness in
      try await harness.start(notary())
      let writer = try harness.client(of: .ingestion)
      let client = try harness.client(of: readerProfile)
      for round in 0..<4 {
        let follower = try await harness.start(reader())
        try await take((0..<10).map { "\(round).\($0)" }, writer)
        if round % 2 == 0 { try await waitForCount(10 * (round + 1), client) }
        if round == 1 { await follower.breakOff() } else { try await follower.stop() }
      }
      try await harness.start(reader())
      try await waitForCount(40, client)
      #expect(try await client.call(OperationsAPI.status, StatusRequest()).deadLetters == 0)
    }
  }

  @Test func timersRunByTheClockAndSurviveTheirFailures() async throws {
    try await withServiceHarness { harness in
      let orders = Orders()
      orders.contents.withLock { $0.tickFails = true }
      try await harness.start(reader(orders))
      for round in 1...3 {
        try await waitUntil("the timer sleeps, like whatever else waits for its time") {
          harness.clock.sleeperCount == 4
        }
        #expect(orders.contents.withLock { $0.ticks } == round - 1)
        harness.clock.advance(by: .minutes(1))
        try await waitUntil("the timer has run") { orders.contents.withLock { $0.ticks } == round }
      }
    }
  }
}
