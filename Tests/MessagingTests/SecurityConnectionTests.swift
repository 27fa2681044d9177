import Contracts
import GRPCCore
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// Who gets in, over real sockets: nobody but those whose keys are on the list at that moment.
@Suite(.timeLimit(.minutes(1)))
struct SecurityConnectionTests {
  private let note = Note(text: "x")

  /// Whether a call as that client reaches the handler.
  private func fails(_ server: SecureServer, _ endpoint: Endpoint, as security: ClientSecurity) async throws -> Fault? {
    let outcome = FaultBox()
    try await server.calling(endpoint, as: security) { client in
      outcome.set(try await fault { _ = try await client.reply(to: ProbeAPI.keep, note, .once) })
    }
    return outcome.fault
  }

  /// A call that has all the time it needs.
  private func succeeds(_ server: SecureServer, _ endpoint: Endpoint, as security: ClientSecurity) async throws {
    try await server.calling(endpoint, as: security) { client in
      _ = try await client.reply(to: ProbeAPI.keep, note, .patient(.seconds(30)))
    }
  }

  @Test func whoIsOnTheListIsServed() async throws {
    let friend = try Player("friend")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let security = try friend.client(expecting: [server.pair.publicKey])
      try await succeeds(server, endpoint, as: security)
      #expect(server.recorder.events.count == 1)
      #expect(server.access.counts[.connectionAdmitted] == 1)
    }
  }

  @Test func aStrangersKeyGetsNothing() async throws {
    let friend = try Player("friend")
    let stranger = try Player("friend")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let security = try stranger.client(expecting: [server.pair.publicKey])
      try await server.calling(endpoint, as: security) { client in
        try await waitUntil("the caller is told why") {
          let refused = try await fault { _ = try await client.reply(to: ProbeAPI.keep, note, .once) }
          #expect(refused?.code == .unavailable)
          return refused?.message.contains("refuses this program's key") ?? false
        }
      }
      #expect(server.recorder.events == [])
      #expect((server.access.counts[.connectionRefused] ?? 0) >= 1)
      #expect(server.access.counts[.connectionAdmitted] == nil)
    }
  }

  @Test func noKeyGetsNothing() async throws {
    let friend = try Player("friend")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let fault = try await fails(server, endpoint, as: .plain)
      #expect(fault?.code == .unavailable)
      #expect(server.recorder.events == [])
      #expect(server.access.counts[.connectionAdmitted] == nil)
    }
  }

  @Test func aServerWithAnotherKeyIsNotSpokenTo() async throws {
    let friend = try Player("friend")
    let impostor = try Player("server")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let security = try friend.client(expecting: [impostor.pair.publicKey])
      #expect(try await fails(server, endpoint, as: security)?.code == .unavailable)
      #expect(server.recorder.events == [])
    }
  }

  @Test func aStoppedHandlerLetsNobodyIn() async throws {
    let friend = try Player("friend")
    try await SecureServer.with([friend.grant()]) { server, endpoint in
      let security = try friend.client(expecting: [server.pair.publicKey])
      try await succeeds(server, endpoint, as: security)
      await server.authenticator.detach()
      #expect(try await fails(server, endpoint, as: security)?.code == .unavailable)
      let stranger = try Player("stranger").client(expecting: [server.pair.publicKey])
      #expect(try await fails(server, endpoint, as: stranger)?.code == .unavailable)
      #expect(server.recorder.events.count == 1)
    }
  }

  @Test func withoutAHandlerNoSocketIsOpened() async throws {
    let thread = try SocketThread()
    let keyring = Keyring(own: try CurveKeyPair.random(), access: AccessControl(.empty))
    let endpoint = try Endpoint("tcp://127.0.0.1:*")
    let server = CallServer(
      over: ZeroMQServerTransport(at: [endpoint], on: thread, security: .curve(keyring)),
      CallHandlers()
    )
    let error = await #expect(throws: ZeroMQError.self) { try await server.run() }
    #expect(error?.cause == .noAuthenticator)
    #expect(await thread.stop())
  }

  @Test func aRevokedKeyLosesItsCallsAndConnections() async throws {
    let friend = try Player("friend")
    let other = try Player("other")
    try await SecureServer.with([friend.grant(), other.grant()]) { server, endpoint in
      try await server.calling(endpoint, as: friend) { client in
        _ = try await client.reply(to: ProbeAPI.keep, note, .patient(.seconds(30)))
        let waiting = Task { try await client.call(ProbeAPI.wait, Sum(value: 1), .patient(.seconds(60))) }
        await server.recorder.wait(for: "waiting 1")
        try server.replaceList(by: other.grant())
        let ended = await #expect(throws: Fault.self) { try await waiting.value }
        #expect(ended?.code == .unauthenticated)
        // The connection that it still holds is good for nothing.
        let next = try await fault { _ = try await client.reply(to: ProbeAPI.keep, note, .once) }
        #expect(next?.code == .unauthenticated)
      }
      let security = try friend.client(expecting: [server.pair.publicKey])
      #expect(try await fails(server, endpoint, as: security)?.code == .unavailable)
      #expect(server.recorder.events.filter { $0.hasPrefix("keep") }.count == 1)
      let others = try other.client(expecting: [server.pair.publicKey])
      try await succeeds(server, endpoint, as: others)
    }
  }

  @Test func whoWasRefusedGetsInOnceItIsListed() async throws {
    let friend = try Player("friend")
    try await SecureServer.with([]) { server, endpoint in
      try await server.calling(endpoint, as: friend) { client in
        let refused = try await fault { _ = try await client.reply(to: ProbeAPI.keep, note, .once) }
        #expect(refused?.code == .unavailable)
        try server.replaceList(by: friend.grant())
        // The same client, which is never told that anything has happened.
        _ = try await client.reply(to: ProbeAPI.keep, note, .patient(.seconds(20)))
      }
      #expect(server.recorder.events.count == 1)
    }
  }

  @Test func oneKeyReplacesAnotherWithoutAGap() async throws {
    let old = try Player("friend")
    let new = try Player("friend")
    let both = old.grant(keys: [old.pair.publicKey, new.pair.publicKey])
    try await SecureServer.with([old.grant()]) { server, endpoint in
      let (before, after) = try (
        old.client(expecting: [server.pair.publicKey]), new.client(expecting: [server.pair.publicKey])
      )
      #expect(try await fails(server, endpoint, as: after)?.code == .unavailable)
      try server.replaceList(by: both)
      try await succeeds(server, endpoint, as: before)
      try await succeeds(server, endpoint, as: after)
      try server.replaceList(by: new.grant())
      #expect(try await fails(server, endpoint, as: before)?.code == .unavailable)
      try await succeeds(server, endpoint, as: after)
    }
  }

  @Test func aServersKeyIsReplacedUnderItsClients() async throws {
    let friend = try Player("friend")
    let server = try await SecureServer([friend.grant()])
    let next = try CurveKeyPair.random()
    let port = try #require(FreePorts.take(1).first)
    let endpoint = try Endpoint("tcp://127.0.0.1:\(port)")
    let security = try friend.client(expecting: [server.pair.publicKey, next.publicKey])
    try await server.calling(endpoint, as: security) { client in
      try await server.serving(at: endpoint) { _ in
        _ = try await client.reply(to: ProbeAPI.keep, note, .patient(.seconds(20)))
      }
      // The same client, which is never told that anything has happened.
      try await server.serving(with: next, at: endpoint) { _ in
        _ = try await client.reply(to: ProbeAPI.keep, note, .patient(.seconds(20)))
      }
    }
    #expect(server.recorder.events.count == 2)
    #expect(await server.thread.stop())
  }

  @Test func anIdentityIsNoKey() async throws {
    let friend = try Player("friend")
    let guest = try Player("guest")
    let open = CallContent.open(
      OpenRecord(
        method: "probe.v1/Add",
        remaining: nil,
        window: StreamCredit(messages: 9, bytes: 999),
        metadata: [:]
      )
    )
    let request = CallContent.message(Array(#"{"left":1,"right":2}"#.utf8), closes: true)
    try await SecureServer.with([friend.grant(), guest.grant(methods: .none)]) { server, endpoint in
      for (player, expected) in [(friend, 0), (guest, 7), (friend, 0)] {
        // A ROUTER passes over whoever comes under a name before its last bearer has quite gone, so it may take some.
        var code: Int?
        while code == nil {
          let peer = try await RawPeer.client(
            of: endpoint,
            on: server.thread,
            security: .curveClient(player.pair, server: server.pair.publicKey),
            identity: Array("the same".utf8)
          )
          peer.send(CallRecord(1, open), CallRecord(1, request))
          code = try await peer.statusCode(within: .seconds(2))
          await peer.vanish()
        }
        #expect(code == expected)
      }
    }
  }
}

/// The fault that a closure met.
private final class FaultBox: Sendable {
  private let box = Mutex<Fault?>(nil)
  func set(_ fault: Fault?) { box.withLock { $0 = fault } }
  var fault: Fault? { box.withLock { $0 } }
}
