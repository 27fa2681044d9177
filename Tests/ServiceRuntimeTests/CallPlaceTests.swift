import Contracts
import Messaging
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceRuntime

/// Where a service's handlers begin (decision 0012).
@Suite(.timeLimit(.minutes(1))) struct CallPlaceTests {
  private struct Word: Codable, Sendable {
    var text: String
  }

  private static let ask = Query<Word, Word>("place.v1", "Ask")
  private static let prepare = Command<Word, Word>("place.v1", "Prepare")
  private static let operate = Command<Word, Word>("place.v1", "Operate")

  /// Calls that come one after another are alone, sooner or later: then a question begins on the socket thread, and what
  /// may compute or block before it needs the store doesn't.
  @Test func questionsBeginOnTheSocketThreadAndLongWorkDoesNot() async throws {
    try await withTemporaryStore { store in
      let threads = Mutex<[String: Set<String>]>([:])
      let note: @Sendable (String) -> Void = { what in
        threads.withLock { _ = $0[what, default: []].insert(RunningThread.id()) }
      }
      var table = CallTable(CallHost(store: store, streams: [], applied: AppliedPositions(), now: { .epoch }))
      table.query(Self.ask) { word, context in
        note("ask")
        return try await context.read { _ in word }
      }
      table.command(
        Self.prepare,
        preparing: { word, _ in
          note("prepare")
          return word
        },
        { word, _, _ in word }
      )
      table.commandOutsideTransaction(Self.operate) { word, _ in
        note("operate")
        return word
      }
      try await withCallServer(table.handlers) { client, thread in
        var rounds = 0
        while rounds < 20 || !threads.withLock({ $0["ask", default: []].contains(thread) }) {
          _ = try await client.call(Self.ask, Word(text: "?"))
          _ = try await client.call(Self.prepare, Word(text: "?"))
          _ = try await client.call(Self.operate, Word(text: "?"))
          rounds += 1
        }
        let seen = threads.withLock { $0 }
        #expect(seen["prepare"]?.contains(thread) == false)
        #expect(seen["operate"]?.contains(thread) == false)
      }
    }
  }
}
