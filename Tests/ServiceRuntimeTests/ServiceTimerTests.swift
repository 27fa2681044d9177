import Contracts
import ServiceRuntime
import Storage
import Synchronization
import TestSupport
import Testing

struct ServiceTimerTests {
  @Test(.timeLimit(.minutes(1))) func whatElseIsToBeWrittenIsSoBetweenTwoTurns() async throws {
    try await withTemporaryStore { store in
      let done = Mutex<[String]>([])
      let timer = ServiceTimer(every: .minutes(1), mostTurns: 10, "long") { _, _ in
        let count = done.withLock { done in
          done.append("turn")
          return done.count
        }
        // Comes while the run is under way.
        if count == 1 { try store.submit({ _ in done.withLock { $0.append("another's") } }, completion: { _ in }) }
        return count < 4
      }
      try await timer.run(on: store, now: Timestamp.now)
      #expect(done.withLock { $0 } == ["turn", "another's", "turn", "turn"])
    }
  }

  @Test(.timeLimit(.minutes(1))) func aRunEndsHoweverMuchIsDue() async throws {
    try await withTemporaryStore { store in
      let turns = Mutex(0)
      let timer = ServiceTimer(every: .minutes(1), mostTurns: 3, "endless") { _, _ in
        turns.withLock { $0 += 1 }
        return true
      }
      try await timer.run(on: store, now: Timestamp.now)
      #expect(turns.withLock { $0 } == 3)
    }
  }
}
