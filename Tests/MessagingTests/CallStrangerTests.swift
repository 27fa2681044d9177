import Contracts
import GRPCCore
import Testing

@testable import Messaging

/// Peers that aren't ours: other languages' clients, strangers with garbage, the frozen and the vanished.
@Suite(.timeLimit(.minutes(1)))
struct CallStrangerTests {
  private func open(_ method: String, window: StreamCredit = StreamCredit(messages: 256, bytes: 1 << 18)) -> CallContent
  {
    .open(OpenRecord(method: method, remaining: nil, window: window, metadata: [:]))
  }

  private func isStatus(_ record: CallRecord) -> Bool { record.content.kind == .status }

  @Test(arguments: CallCarrier.overZeroMQ)
  func aFewBytesMakeACall(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      let request = Array(#"{"left":1,"right":2}"#.utf8)
      peer.send(CallRecord(5, open("probe.v1/Add")), CallRecord(5, .message(request, closes: true)))
      let answer = try await peer.records(until: isStatus)
      #expect(
        answer == [
          CallRecord(5, .headers([:])), CallRecord(5, .message(Array(#"{"value":3}"#.utf8), closes: false)),
          CallRecord(5, .status(Status(code: .ok, message: ""), [:])),
        ]
      )
      await peer.vanish()
    }
  }

  /// Our own clients can't say it in any other way; others can.
  @Test(
    arguments: CallCarrier.overZeroMQ,
    [
      ("probe.v1/Add", #"{"left":1,"right":2}"#), ("probe.v1/Keep", #"{"text":"x"}"#),
      ("probe.v1/Count", #"{"value":1}"#),
    ]
  )
  func aMethodWithOneRequestTakesOne(carrier: CallCarrier, method: (name: String, request: String)) async throws {
    try await CallFixture.with(carrier) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      func fault(_ call: UInt64, _ contents: CallContent...) async throws -> Fault? {
        for content in [open(method.name)] + contents { peer.send(CallRecord(call, content)) }
        return try await peer.records { $0.call == call && isStatus($0) }.last?.fault
      }
      let request = Array(method.request.utf8)
      let (one, last) = (CallContent.message(request, closes: false), CallContent.message(request, closes: true))
      let none = try await fault(1, .end)
      #expect(none?.code == .invalidArgument && none?.reason == "missingRequest", "\(String(describing: none))")
      // The second is told at once, whether or not more would follow.
      for (call, second) in zip([2, 3] as [UInt64], [last, one]) {
        let two = try await fault(call, one, second)
        #expect(two?.code == .invalidArgument && two?.reason == "tooManyRequests", "\(String(describing: two))")
      }
      #expect(fixture.recorder.events == [], "no handler was asked")
      // Each of the two ways to end a request is right with one message.
      #expect(try await fault(4, last) == nil)
      #expect(try await fault(5, one, .end) == nil)
      await peer.vanish()
    }
  }

  @Test func aFeedStopsWhereCreditEnds() async throws {
    try await CallFixture.with(.tcp) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      let request = Array(#"{"value":5}"#.utf8)
      peer.send(
        CallRecord(1, open("probe.v1/Count", window: StreamCredit(messages: 2, bytes: 1000))),
        CallRecord(1, .message(request, closes: true))
      )
      let second = Array(#"{"value":1}"#.utf8)
      _ = try await peer.records { $0.content == .message(second, closes: false) }
      // PONG overtakes nothing: had a third message been sent before it, it would come first.
      peer.send(.connection(.ping))
      #expect(try await peer.records { $0.content == .pong } == [.connection(.pong)])
      peer.send(CallRecord(1, .credit(StreamCredit(messages: 10, bytes: 1000))))
      let rest = try await peer.records(until: isStatus)
      #expect(rest.count == 4, "three messages and the status")
      await peer.vanish()
    }
  }

  @Test func garbageHurtsNobody() async throws {
    try await CallFixture.with(.tcp) { fixture in
      let endpoint = try await fixture.transports.endpoint()
      let stranger = try await RawPeer.client(of: endpoint, on: fixture.transports.thread)
      var random = SeededGenerator(seed: 7)
      for round in 0..<3000 {
        let noise = (0..<Int.random(in: 0..<60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        stranger.send(parts: round % 5 == 0 ? [[], noise] : [noise])
        // A pong now and then keeps the stranger's own queue below its high-water mark, where it would drop.
        if round % 100 == 99 {
          stranger.send(.connection(.ping))
          _ = try await stranger.records { $0.content == .pong }
        }
      }
      stranger.send(CallRecord(1, open("no-slash")))
      stranger.send(CallRecord(2, .message([1], closes: true)), CallRecord(3, .cancel), CallRecord(4, .end))
      stranger.send(CallRecord(9, open("probe.v1/Add")), CallRecord(9, .message(Array("{".utf8), closes: true)))
      let answers = try await stranger.records { $0.call == 9 && isStatus($0) }
      #expect(answers.compactMap(\.status?.code) == [.unimplemented, .invalidArgument])
      let sum = try await fixture.client.call(ProbeAPI.add, Pair(left: 1, right: 1))
      #expect(sum == Sum(value: 2))
      await stranger.vanish()
    }
  }

  @Test func aClientThatIgnoresCreditIsCutOff() async throws {
    try await CallFixture.with(.tcp) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      // One answer allowed, so the handler soon stops reading.
      peer.send(CallRecord(1, open("probe.v1/Double", window: StreamCredit(messages: 1, bytes: 1000))))
      let message = CallRecord(1, .message(Array(#"{"value":1}"#.utf8), closes: false))
      for _ in 0..<600 { peer.send(message) }
      let status = try #require(try await peer.records(until: isStatus).last?.status)
      #expect(status.code == .resourceExhausted)
      await peer.vanish()
    }
  }

  @Test func aClientsUnreadBytesAreBounded() async throws {
    var limits = CallLimits()
    limits.bufferedBytesPerPeer = 10_000
    try await CallFixture.with(.tcp, limits: limits) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      peer.send(CallRecord(1, open("probe.v1/Double", window: StreamCredit(messages: 1, bytes: 1000))))
      let padded = Array(#"{"value":1\#(String(repeating: " ", count: 4000))}"#.utf8)
      for _ in 0..<10 { peer.send(CallRecord(1, .message(padded, closes: false))) }
      let status = try #require(try await peer.records(until: isStatus).last?.status)
      #expect(status.code == .resourceExhausted)
      #expect(status.message.contains("10000 bytes"))
      await peer.vanish()
    }
  }

  @Test func aFrozenClientLosesItsCalls() async throws {
    var limits = CallLimits()
    limits.lease = .milliseconds(300)
    try await CallFixture.with(.tcp, limits: limits) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      peer.send(.connection(.hello(version: 1)))
      _ = try await peer.records { $0.content.kind == .welcome }
      peer.send(
        CallRecord(1, open("probe.v1/Wait")),
        CallRecord(1, .message(Array(#"{"value":1}"#.utf8), closes: true))
      )
      let status = try #require(try await peer.records(until: isStatus).last?.status)
      #expect(status.code == .cancelled)
      await peer.vanish()
    }
  }

  @Test(arguments: CallCarrier.overZeroMQ)
  func aVanishedClientIsNoticed(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      peer.send(
        CallRecord(1, open("probe.v1/Wait")),
        CallRecord(1, .message(Array(#"{"value":1}"#.utf8), closes: true))
      )
      await fixture.recorder.wait(for: "waiting 1")
      await peer.vanish()
      await fixture.recorder.wait(for: "waited 1")
    }
  }

  @Test func helloVoidsWhatCameBefore() async throws {
    try await CallFixture.with(.tcp) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      peer.send(
        CallRecord(1, open("probe.v1/Wait")),
        CallRecord(1, .message(Array(#"{"value":1}"#.utf8), closes: true))
      )
      await fixture.recorder.wait(for: "waiting 1")
      peer.send(.connection(.hello(version: 1)))
      await fixture.recorder.wait(for: "waited 1")
      await peer.vanish()
    }
  }

  /// A client of a server that says only what `body` has it say.
  private func withRawServer(_ body: (RawPeer, CallClient) async throws -> Void) async throws {
    let thread = try SocketThread()
    let (server, endpoint) = try await RawPeer.server(on: thread)
    let client = try CallClient(
      over: ZeroMQClientTransport(to: endpoint, on: thread),
      as: Principal(role: .program, name: "probe")
    )
    let run = Task { try await client.run() }
    try await body(server, client)
    client.beginShutdown()
    try await run.value
    await server.vanish()
    #expect(await thread.stop())
  }

  /// What was sent last must have been read before the connection may end.
  @Test func aServerStaysUntilItsClientsHaveReadEverything() async throws {
    var limits = CallLimits()
    limits.drain = .seconds(600)
    limits.farewell = .seconds(600)
    try await CallFixture.with(.tcp, limits: limits) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      peer.send(.connection(.hello(version: 1)))
      _ = try await peer.records { $0.content.kind == .welcome }
      fixture.server.beginShutdown()
      _ = try await peer.records { $0.content == .goodbye }
      peer.send(.connection(.ping))
      _ = try await peer.records { $0.content == .pong }
      // Who comes now hears the same.
      let late = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      late.send(.connection(.hello(version: 1)))
      _ = try await late.records { $0.content == .goodbye }
      late.send(.connection(.goodbye))
      peer.send(.connection(.goodbye))
      // The fixture waits for the server's end.
      await peer.vanish()
      await late.vanish()
    }
  }

  @Test func whoGreetsAServerThatStopsHearsSo() async throws {
    try await CallFixture.with(.tcp) { fixture in
      let call = Task { try await fixture.client.call(ProbeAPI.wait, Sum(value: 1), .once) }
      await fixture.recorder.wait(for: "waiting 1")
      fixture.server.beginShutdown()
      // The client has heard of it, so that who comes now comes later.
      var refused: Fault?
      while refused == nil {
        do throws(Fault) {
          _ = try await fixture.client.call(ProbeAPI.add, Pair(left: 1, right: 1), .once)
        } catch {
          refused = error
        }
      }
      let late = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      late.send(.connection(.hello(version: 1)))
      _ = try await late.records { $0.content == .goAway }
      late.send(.connection(.goodbye))
      call.cancel()
      _ = await call.result
      await late.vanish()
    }
  }

  @Test func aServerWaitsNotForEverForAGoodbye() async throws {
    var limits = CallLimits()
    limits.drain = .seconds(600)
    limits.farewell = .milliseconds(50)
    try await CallFixture.with(.tcp, limits: limits) { fixture in
      let peer = try await RawPeer.client(of: try await fixture.transports.endpoint(), on: fixture.transports.thread)
      peer.send(.connection(.hello(version: 1)))
      _ = try await peer.records { $0.content.kind == .welcome }
      // The fixture waits for the server's end, and the peer stays as silent as it is.
    }
  }

  /// A call that waits for a raw server and is made once. Where it fails before the server has read it, the test fails
  /// with it.
  private func ask<Result: Sendable>(
    _ server: RawPeer,
    _ call: @escaping @Sendable (CallSettings) async throws -> Result
  ) -> Task<Result, any Error> {
    Task {
      var settings = CallSettings.endless
      (settings.waitsForReady, settings.retries) = (true, false)
      do {
        return try await call(settings)
      } catch {
        server.stopListening()
        throw error
      }
    }
  }

  /// The last answer of a server that shuts down often shares its frame with GOODBYE.
  @Test func anAnswerBeforeGoodbyeCounts() async throws {
    try await withRawServer { server, client in
      let call = ask(server) { try await client.call(ProbeAPI.add, Pair(left: 1, right: 2), $0) }
      let (identity, records) = try await server.request()
      let id = try #require(records.last?.call)
      server.send(
        CallRecord(id, .headers([:])),
        CallRecord(id, .message(Array(#"{"value":3}"#.utf8), closes: false)),
        CallRecord(id, .status(Status(code: .ok, message: ""), [:])),
        .connection(.goodbye),
        to: identity
      )
      #expect(try await call.value == Sum(value: 3))
    }
  }

  /// What the server may send is said in OPEN: by the call where it says anything, else by the transport's limits.
  @Test(arguments: [nil, StreamCredit(messages: 7, bytes: 4 << 20)])
  func aFeedSaysHowMuchMayBeSent(_ window: StreamCredit?) async throws {
    try await withRawServer { server, client in
      let call = ask(server) { settings in
        var settings = settings
        settings.window = window
        try await client.feed(ProbeAPI.count, Sum(value: 1), settings) { messages in
          for try await _ in messages {}
        }
      }
      let (identity, records) = try await server.request()
      let opened = records.lazy.compactMap { record in
        if case .open(let open) = record.content { (call: record.call, window: open.window) } else { nil }
      }.first
      let (id, said) = try #require(opened)
      #expect(said == window ?? CallLimits().window)
      server.send(CallRecord(id, .status(Status(code: .ok, message: ""), [:])), to: identity)
      try await call.value
    }
  }

  /// The way there dies right after the handshake, so that HELLO gets lost and nothing closes the connection.
  @Test func aGreetingThatGetsLostIsMadeAgain() async throws {
    try await withRawServer { server, client in
      let call = ask(server) { try await client.call(ProbeAPI.add, Pair(left: 1, right: 2), $0) }
      let first = try #require(await server.receive().first)
      let (next, records) = try await server.request()
      #expect(next != first)
      let id = try #require(records.last?.call)
      server.send(
        CallRecord(id, .message(Array(#"{"value":3}"#.utf8), closes: false)),
        CallRecord(id, .status(Status(code: .ok, message: ""), [:])),
        to: next
      )
      #expect(try await call.value == Sum(value: 3))
    }
  }

  @Test func aFrozenServerIsGivenUp() async throws {
    try await withRawServer { server, client in
      // On a machine that is busy the welcome may come later than calls that don't wait for it are refused.
      var settings = CallSettings.patient(.seconds(50))
      settings.retries = false
      let call = Task { [settings] in try await client.call(ProbeAPI.add, Pair(left: 1, right: 1), settings) }
      var terms = WelcomeRecord.assumed
      terms.lease = .milliseconds(300)
      let first = await server.receive()
      server.send(.connection(.welcome(terms)), to: first[0])
      let fault = await #expect(throws: Fault.self) { try await call.value }
      #expect(fault?.code == .unavailable)
      #expect(fault?.message.contains("silent") == true)
      // It comes back under another identity, so nothing of the old connection reaches it when it thaws.
      var next = await server.receive()
      while next[0] == first[0] { next = await server.receive() }
      let greeting = try next[1].withUnsafeBytes { try FrameCodec.decode($0) }
      #expect(greeting == [.connection(.hello(version: 1))])
    }
  }
}

extension CallRecord {
  fileprivate var status: Status? {
    if case .status(let status, _) = content { status } else { nil }
  }

  /// What a STATUS other than OK reports.
  fileprivate var fault: Fault? {
    guard case .status(let status, let metadata) = content, let code = RPCError.Code(status.code) else { return nil }
    return Fault(reporting: RPCError(code: code, message: status.message, metadata: metadata))
  }
}
