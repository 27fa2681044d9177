import Contracts
import Foundation
import Records
import Synchronization
import Testing

@testable import Messaging

/// What a publisher and its subscribers need over ZeroMQ: two processes' socket threads in one, a call server with the
/// journal, and a client.
final class ZeroMQStage: Sendable {
  private let publishing: SocketThread
  private let subscribing: SocketThread
  private let client: CallClient
  private let endpoint: Mutex<Endpoint>

  private init(publishing: SocketThread, subscribing: SocketThread, client: CallClient, endpoint: Endpoint) {
    self.publishing = publishing
    self.subscribing = subscribing
    self.client = client
    self.endpoint = Mutex(endpoint)
  }

  static func with(_ service: JournalService, usesFiles: Bool, _ body: (ZeroMQStage) async throws -> Void) async throws
  {
    let directory = FileManager.default.temporaryDirectory.appending(path: "events-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let (publishing, subscribing) = (try SocketThread(), try SocketThread())
    func free(_ name: String) throws -> Endpoint {
      try Endpoint(usesFiles ? "ipc://\(directory.path())/\(name)" : "tcp://127.0.0.1:*")
    }
    var handlers = CallHandlers()
    handlers.journal(service)
    let serverTransport = ZeroMQServerTransport(at: [try free("calls")], on: publishing)
    let server = CallServer(over: serverTransport, handlers)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let calls = try #require(try await serverTransport.boundEndpoints.first)
      let clientTransport = ZeroMQClientTransport(to: calls, on: subscribing)
      let client = try CallClient(over: clientTransport, as: Principal(role: .program, name: "test"))
      group.addTask { try await client.run() }
      let stage = ZeroMQStage(
        publishing: publishing,
        subscribing: subscribing,
        client: client,
        endpoint: try free("events")
      )
      try await body(stage)
      client.beginShutdown()
      server.beginShutdown()
      try await group.waitForAll()
    }
    #expect(await publishing.stop(), "no publishing socket is left open")
    #expect(await subscribing.stop(), "no subscribing socket is left open")
    try FileManager.default.removeItem(at: directory)
  }

  /// Begins to publish, the second time where it did the first.
  func publisher(of heads: [HeadVector]) async throws -> EventPublisher {
    let deadline = MonotonicInstant.now + .seconds(10)
    let place = endpoint.withLock { $0 }
    var started: EventPublisher?
    while started == nil {
      do throws(ZeroMQError) {
        started = try await EventPublisher(heads: heads, on: publishing, at: place, wallTime: { .now })
      } catch {
        // libzmq gives a closed socket's port back a moment after the socket is gone.
        guard error.number == EADDRINUSE, MonotonicInstant.now < deadline else { throw error }
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    let publisher = try #require(started)
    endpoint.withLock { $0 = publisher.endpoint }
    return publisher
  }

  var transport: ZeroMQEventTransport {
    let upstream = ZeroMQEventTransport.Upstream(
      events: endpoint.withLock { $0 },
      journal: CallJournalSource(client)
    )
    return ZeroMQEventTransport(
      on: subscribing,
      publishingAt: upstream.events,
      wallTime: { .now },
      upstream: { _, _ in upstream }
    )
  }
}

/// What happens to live messages between a transport and its subscribers.
final class RelayFaults: Sendable {
  typealias Fate = @Sendable ([UInt8]) -> [[UInt8]]

  private let fate = Mutex<Fate?>(nil)

  /// `fate` says what becomes of each message: nothing, itself, copies of it, or something else.
  func set(_ fate: Fate?) {
    self.fate.withLock { $0 = fate }
  }

  func pass(_ messages: [[UInt8]]) -> [[UInt8]] {
    guard let fate = fate.withLock({ $0 }) else { return messages }
    return messages.flatMap(fate)
  }

  /// Loses, repeats and delays messages at random.
  func setRandom(seed: UInt64, drop: Double, duplicate: Double, reorder: Double) {
    let state = Mutex((generator: SplitMix64(seed: seed), held: [[UInt8]]()))
    set { message in
      state.withLock { state in
        func strikes(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &state.generator) < probability }
        if strikes(drop) { return [] }
        if strikes(reorder), state.held.count < 5 {
          state.held.append(message)
          return []
        }
        defer { state.held = [] }
        return (strikes(duplicate) ? [message, message] : [message]) + state.held
      }
    }
  }

  static func isRecords(_ message: [UInt8]) -> Bool { message[24] == FrameKind.records.rawValue }
}

/// A transport whose live feed passes through a relay.
struct RelayedTransport: EventTransport {
  let base: any EventTransport
  let faults: RelayFaults

  func publisher(of heads: [HeadVector]) async throws -> any EventPublishing { try await base.publisher(of: heads) }

  func liveFeed(
    of stream: StreamName,
    instance: UInt16,
    into inbox: SubscriptionInbox
  ) async throws -> any LiveFeed {
    let before = SubscriptionInbox()
    let feed = try await base.liveFeed(of: stream, instance: instance, into: before)
    let faults = self.faults
    let pump = Task {
      while true {
        let turn = await before.next()
        if turn.isStopping { return }
        if turn.isDisconnected { inbox.disconnect() }
        inbox.receive(faults.pass(turn.liveMessages))
      }
    }
    return RelayedFeed(base: feed, inbox: before, pump: pump)
  }

  func journal(of stream: StreamName, instance: UInt16) async throws -> any JournalSource {
    try await base.journal(of: stream, instance: instance)
  }
}

private struct RelayedFeed: LiveFeed {
  let base: any LiveFeed
  let inbox: SubscriptionInbox
  let pump: Task<Void, Never>

  func subscribe() { base.subscribe() }
  func unsubscribe() { base.unsubscribe() }
  func close() async {
    await base.close()
    inbox.stop()
    await pump.value
  }
}
