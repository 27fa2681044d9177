import Contracts
import Records
import TestSupport
import Testing

@testable import Messaging

/// Publishing with CURVE: a socket for each stream, open to those who may read it and to nobody else.
@Suite(.timeLimit(.minutes(1)))
struct SecurityEventTests {
  /// Runs `body` beside a publisher of words and scores.
  private func withPublisher(
    _ grants: [KeyGrant],
    _ body: (Stage) async throws -> Void
  ) async throws {
    let thread = try SocketThread()
    let access = AccessControl(try KeyAllowList(grants))
    try await thread.authenticate(by: access, logger: quietLogger)
    let keyring = Keyring(own: try CurveKeyPair.random(), access: access)
    let (words, scores) = (MemoryJournal(), MemoryJournal(.scores))
    let publisher = try await EventPublisher(
      heads: [words.head(), scores.head()],
      on: thread,
      at: try Endpoint("tcp://127.0.0.1:*"),
      security: .curve(keyring),
      wallTime: { .now }
    )
    try await body(
      Stage(thread: thread, access: access, pair: keyring.own, words: words, scores: scores, publisher: publisher)
    )
    await publisher.close()
    #expect(await thread.stop(), "no socket is left open")
  }

  private struct Stage {
    let thread: SocketThread
    let access: AccessControl
    let pair: CurveKeyPair
    let words: MemoryJournal
    let scores: MemoryJournal
    let publisher: EventPublisher

    func endpoint(of stream: StreamName) throws -> Endpoint { try #require(publisher.endpoints[stream]) }

    func listener(_ player: Player, to stream: StreamName) async throws -> Listener {
      let security = SocketSecurity.curveClient(player.pair, server: pair.publicKey)
      return try await Listener(to: endpoint(of: stream), on: thread, security: security)
    }

    func publish(_ count: Int, to journal: MemoryJournal) { publisher.publish(journal.append(count)) }
  }

  @Test func eachStreamIsHeardByItsReadersOnly() async throws {
    let (insider, outsider, stranger) = try (Player("insider"), Player("outsider"), Player("stranger"))
    try await withPublisher([
      insider.grant(streams: .all), outsider.grant(streams: .only([.ingestion])),
    ]) { stage in
      #expect(try stage.endpoint(of: .ingestion) != stage.endpoint(of: .scores))
      let hearing = try await stage.listener(insider, to: .scores)
      let deaf = [
        try await stage.listener(outsider, to: .scores), try await stage.listener(stranger, to: .scores),
        try await stage.listener(stranger, to: .ingestion),
        try await Listener(to: stage.endpoint(of: .scores), on: stage.thread, security: .plain),
      ]
      let words = try await stage.listener(outsider, to: .ingestion)
      try await waitUntil("the readers are welcomed") { hearing.count > 0 && words.count > 0 }
      try await waitUntil("the others are refused") { (stage.access.counts[.connectionRefused] ?? 0) >= 3 }
      stage.publish(3, to: stage.scores)
      stage.publish(4, to: stage.words)
      try await waitUntil("the frames have come") { hearing.positions == [3] && words.positions == [4] }
      for listener in deaf {
        #expect(listener.count == 0)
        await listener.close()
      }
      await hearing.close()
      await words.close()
    }
  }

  @Test func aRevokedReaderHearsNothingMore() async throws {
    let (keeper, loser) = try (Player("keeper"), Player("loser"))
    try await withPublisher([keeper.grant(streams: .all), loser.grant(streams: .all)]) { stage in
      let kept = try await stage.listener(keeper, to: .ingestion)
      let lost = try await stage.listener(loser, to: .ingestion)
      try await waitUntil("both are welcomed") { kept.count > 0 && lost.count > 0 }
      stage.publish(1, to: stage.words)
      try await waitUntil("both have the first") { kept.positions == [1] && lost.positions == [1] }

      stage.access.replace(by: try KeyAllowList([keeper.grant(streams: .all)]))
      // The keeper is hung up on, too, and comes back by itself; what it misses is in the journal.
      try await waitUntil("the keeper hears again") {
        stage.publish(1, to: stage.words)
        return (kept.positions.last ?? 0) > 1
      }
      try await waitUntil("the loser is refused") { (stage.access.counts[.connectionRefused] ?? 0) > 0 }
      #expect(lost.positions == [1])

      // Who comes back onto the list is let in again.
      stage.access.replace(by: try KeyAllowList([keeper.grant(streams: .all), loser.grant(streams: .all)]))
      let again = try await stage.listener(loser, to: .ingestion)
      try await waitUntil("the loser hears again") {
        stage.publish(1, to: stage.words)
        return again.positions.count > 0
      }
      await again.close()
      await kept.close()
      await lost.close()
    }
  }

  @Test func streamsHaveEndpointsOfTheirOwn() throws {
    let first = try Endpoint("tcp://10.0.0.7:7410")
    #expect(try first.ofStream(.ingestion, index: 0).description == "tcp://10.0.0.7:7410")
    #expect(try first.ofStream(.scores, index: 1).description == "tcp://10.0.0.7:7413")
    #expect(try first.ofStream(.observations, index: 2).description == "tcp://10.0.0.7:7414")
    #expect(try Endpoint("tcp://[::1]:7410").ofStream(.scores, index: 1).description == "tcp://[::1]:7413")
    #expect(try Endpoint("ipc:///run/a").ofStream(.scores, index: 1).description == "ipc:///run/a.ingestion.scores")
  }
}
