import Contracts
import GRPCCore
import Records
import TestSupport
import Testing

@testable import Messaging

/// What a key that is let in may do, and how much of it, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct SecurityPermissionTests {
  @Test func methodsOutsideTheListDontReachTheirHandlers() async throws {
    let guest = try Player("guest")
    try await SecureServer.with([guest.grant(methods: .only(["probe.v1/Add"]))]) { server, endpoint in
      try await server.calling(endpoint, as: guest) { client in
        #expect(try await client.call(ProbeAPI.add, Pair(left: 1, right: 2), .patient(.seconds(30))).value == 3)
        let denied = try await fault { _ = try await client.reply(to: ProbeAPI.keep, Note(text: "x")) }
        #expect(denied?.code == .permissionDenied)
        #expect(denied?.message.contains("'guest' may not call probe.v1/Keep") == true, "\(String(describing: denied))")
        #expect(server.recorder.events == [])
        try server.replaceList(by: guest.grant(methods: .only(["probe.v1/*"])))
        _ = try await client.reply(to: ProbeAPI.keep, Note(text: "x"))
        #expect(server.recorder.events.count == 1)
      }
      #expect(server.access.counts[.callDenied] == 1)
    }
  }

  @Test func programmesOutsideTheListAreOutOfReach() async throws {
    let guest = try Player("guest")
    let grant = guest.grant(programmes: .only(["northwind"]))
    try await SecureServer.with([grant]) { server, endpoint in
      try await server.calling(endpoint, as: guest) { client in
        for (programme, isAllowed) in [("northwind", true), ("contoso", false), (nil, false)] {
          let question = SecureAPI.Question(programme: programme.map { ID($0) })
          let denied = try await fault { _ = try await client.call(SecureAPI.about, question, .patient(.seconds(30))) }
          #expect(denied?.code == (isAllowed ? nil : .permissionDenied), "\(programme ?? "none")")
        }
      }
      #expect(server.recorder.events == ["about northwind"])
    }
  }

  @Test func programmesAreFoundWhereRequestsNameThem() {
    func event(_ programme: String) -> JSONValue {
      ["specversion": "1.0", "programme": "decoy", "data": ["programme": .string(programme), "text": "x"]]
    }
    let publication = PublishFeedback(events: [event("a"), event("b")])
    #expect(ProgrammeNames(in: publication).all == ["a", "b"])
    let hidden = PublishFeedback(events: [event("a"), ["data_base64": "eyJwcm9ncmFtbWUiOiJiIn0="]])
    #expect(ProgrammeNames(in: hidden).all == nil, "what can't be seen isn't allowed")
    #expect(ProgrammeNames(in: CoverageRequest(programme: "a")).all == ["a"])
    #expect(ProgrammeNames(in: DirectoryRequest()).all == [])
    #expect(ProgrammeNames(in: Array(#"{"programme":"a"}"#.utf8)).all == ["a"])
    #expect(ProgrammeNames(in: Array("?".utf8)).all == nil)
  }

  @Test func nobodySpeaksForOthersUnlessListed() async throws {
    let guest = try Player("guest")
    let itself = Principal(role: .program, name: "guest")
    let ana = Principal(role: .frontLine, name: "Ana", employee: "ana")
    let service = Principal(role: .program, name: AllowList.Consumer.ranking.rawValue)
    let cases: [(speaksFor: Scope<String>, allowed: [Principal?], denied: [Principal])] = [
      (.none, [itself, nil], [ana, service, Principal(role: .ops, name: "guest")]),
      (.only(["Ana"]), [itself, ana], [service, Principal(role: .program, name: "rui")]),
      (.all, [itself, ana, Principal(role: .auditor, name: "rui")], [service]),
    ]
    for (speaksFor, allowed, denied) in cases {
      let access = AccessControl(try KeyAllowList([guest.grant(speaksFor: speaksFor)]))
      let caller = AuthenticatedCaller(key: guest.pair.publicKey.description, access: access)
      for principal in allowed { #expect(try caller.principal(principal) == principal ?? itself) }
      for principal in denied {
        let fault = #expect(throws: Fault.self) { try caller.principal(principal) }
        #expect(fault?.code == .permissionDenied && fault?.field == MetadataKey.principal, "\(principal)")
      }
      access.replace(by: .empty)
      #expect(throws: Fault.self) { try caller.principal(itself) }
    }
  }

  @Test func whoSpeaksForOthersUnlistedDoesntReachTheHandler() async throws {
    let guest = try Player("guest")
    try await SecureServer.with([guest.grant(speaksFor: .none)]) { server, endpoint in
      try await server.calling(endpoint, as: guest) { client in
        var settings = CallSettings.patient(.seconds(30))
        settings.principal = Principal(role: .program, name: "ranking")
        let denied = try await fault { _ = try await client.reply(to: ProbeAPI.keep, Note(text: "x"), settings) }
        #expect(denied?.code == .permissionDenied)
        #expect(denied?.reason == "principalForbidden")
        #expect(server.recorder.events == [])
        settings.principal = Principal(role: .program, name: "guest")
        _ = try await client.reply(to: ProbeAPI.keep, Note(text: "x"), settings)
        #expect(server.recorder.events.first?.contains(" guest ") == true, "\(server.recorder.events)")
      }
      #expect(server.access.counts[.callDenied] == 1)
    }
  }

  // MARK: Journals

  @Test func journalsAreReadByTheStreamsOfTheKey() async throws {
    let reader = try Player("reader")
    let server = try await SecureServer([reader.grant(streams: .only([.ingestion]))])
    let (words, scores, bell) = (MemoryJournal(), MemoryJournal(.scores), JournalBell())
    words.append(10)
    scores.append(10)
    let service = JournalService(journals: [words, scores], bell: bell, wallTime: { .now }) { _, _ in true }
    var handlers = CallHandlers()
    handlers.journal(service)
    let keyring = Keyring(own: server.pair, access: server.access)
    let transport = ZeroMQServerTransport(
      at: [try Endpoint("tcp://127.0.0.1:*")],
      on: server.thread,
      security: .curve(keyring)
    )
    let calls = CallServer(over: transport, handlers)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await calls.run() }
      let endpoint = try #require(try await transport.boundEndpoints.first)
      try await server.calling(endpoint, as: reader) { client in
        let source = CallJournalSource(client)
        #expect(try await source.heads().map(\.identity.stream) == [.ingestion])
        func read(_ stream: StreamName) async throws -> Fault? {
          let place = JournalPlace(stream: stream, instance: 0, after: .beginning)
          return try await fault { _ = try await source.read(place) { _ in } }
        }
        #expect(try await read(.ingestion) == nil)
        #expect(try await read(.scores)?.code == .permissionDenied)

        // A feed that goes on is ended before the first frame that its reader may no longer have.
        let request = JournalReadRequest(stream: .ingestion, follow: true)
        let (arrivals, arrival) = AsyncStream.makeStream(of: FrameKind.self)
        let following = Task {
          try await client.feed(raw: JournalAPI.read, request) { messages in
            for try await bytes in messages { arrival.yield(try FrameHeader(parsing: bytes).kind) }
          }
        }
        for await kind in arrivals where kind == .heartbeat { break }
        try server.replaceList(by: reader.grant(streams: .only([.ranking])))
        bell.ring(words.append(5))
        let ended = await #expect(throws: Fault.self) { try await following.value }
        #expect(ended?.code == .permissionDenied)
        arrival.finish()
        for await kind in arrivals { #expect(kind != .records) }
      }
      calls.beginShutdown()
      try await group.waitForAll()
    }
    #expect(await server.thread.stop())
  }

  // MARK: Limits

  private func open(_ method: String) -> CallContent {
    .open(
      OpenRecord(method: method, remaining: nil, window: StreamCredit(messages: 9, bytes: 999), metadata: [:])
    )
  }

  @Test func callsBeyondTheRateAreRefused() async throws {
    let guest = try Player("guest")
    var limits = KeyLimits()
    limits.callsPerSecond = 2
    try await SecureServer.with([guest.grant(limits: limits)]) { server, endpoint in
      let peer = try await RawPeer.client(
        of: endpoint,
        on: server.thread,
        security: .curveClient(guest.pair, server: server.pair.publicKey)
      )
      // One frame, so one instant.
      let request = CallContent.message(Array(#"{"left":1,"right":2}"#.utf8), closes: true)
      peer.send(
        CallRecord(1, open("probe.v1/Add")),
        CallRecord(1, request),
        CallRecord(2, open("probe.v1/Add")),
        CallRecord(2, request),
        CallRecord(3, open("probe.v1/Add")),
        CallRecord(3, request)
      )
      var codes: [UInt64: Int] = [:]
      _ = try await peer.records { record in
        if case .status(let status, _) = record.content { codes[record.call] = status.code.rawValue }
        return codes.count == 3
      }
      #expect(codes == [1: 0, 2: 0, 3: 8])
      #expect(server.access.counts[.callLimited] == 1)
      await peer.vanish()
    }
  }

  @Test func callsUnderWayAreBoundedOverAllClientsOfAKey() async throws {
    let guest = try Player("guest")
    var limits = KeyLimits()
    limits.calls = 1
    try await SecureServer.with([guest.grant(limits: limits)]) { server, endpoint in
      try await server.calling(endpoint, as: guest) { client in
        let waiting = Task { try await client.call(ProbeAPI.wait, Sum(value: 1), .patient(.seconds(60))) }
        await server.recorder.wait(for: "waiting 1")
        try await server.calling(endpoint, as: guest) { second in
          let limited = try await fault {
            _ = try await second.call(ProbeAPI.add, Pair(left: 1, right: 2), .patient(.seconds(30)))
          }
          #expect(limited?.code == .resourceExhausted)
          waiting.cancel()
          _ = await waiting.result
          await server.recorder.wait(for: "waited 1")
          try await waitUntil("there is room for a call again") {
            try await fault { _ = try await second.call(ProbeAPI.add, Pair(left: 1, right: 2), .patient(.seconds(30))) }
              == nil
          }
        }
      }
    }
  }

  @Test func clientsOfAKeyAreBounded() async throws {
    let guest = try Player("guest")
    var limits = KeyLimits()
    limits.clients = 1
    try await SecureServer.with([guest.grant(limits: limits)]) { server, endpoint in
      try await server.calling(endpoint, as: guest) { client in
        _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 2), .patient(.seconds(30)))
        try await server.calling(endpoint, as: guest) { second in
          let limited = try await fault {
            _ = try await second.call(ProbeAPI.add, Pair(left: 1, right: 2), .patient(.seconds(30)))
          }
          #expect(limited?.code == .resourceExhausted)
          #expect(limited?.message.contains("1 clients of 'guest' are connected") == true)
          _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 2))
        }
      }
    }
  }

  @Test func handshakesOfAKeyAreBounded() async throws {
    let guest = try Player("guest")
    var limits = KeyLimits()
    limits.connectionsPerSecond = 1
    try await SecureServer.with([guest.grant(limits: limits)]) { server, endpoint in
      let security = SocketSecurity.curveClient(guest.pair, server: server.pair.publicKey)
      var peers: [RawPeer] = []
      for _ in 0..<20 { peers.append(try await RawPeer.client(of: endpoint, on: server.thread, security: security)) }
      try await waitUntil("a handshake was refused") { (server.access.counts[.connectionRefused] ?? 0) > 0 }
      // Refused for now: they come in one after the other.
      try await waitUntil("another was admitted") { (server.access.counts[.connectionAdmitted] ?? 0) > 1 }
      for peer in peers { await peer.vanish() }
    }
  }
}
