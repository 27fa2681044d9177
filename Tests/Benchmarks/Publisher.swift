import Contracts
import Foundation
import Messaging
import Records
import Storage
import Synchronization

/// The publishing end as a service has it: a store whose commits are published, and its journal to be read by calls.
final class Publisher: Sendable {
  let store: Store
  let events: Endpoint
  let calls: Endpoint
  private let thread: SocketThread
  private let publisher: EventPublisher
  private let server: CallServer
  private let serving: Task<Void, any Error>

  /// Commits that happen before the socket is there are in the journal, which is where a subscriber finds them.
  private final class Relay: Sendable {
    private let publisher = Mutex<EventPublisher?>(nil)
    let bell = JournalBell()

    func attach(_ publisher: EventPublisher) { self.publisher.withLock { $0 = publisher } }

    func didCommit(_ frames: [RecordFrame]) {
      publisher.withLock { $0 }?.publish(frames)
      bell.ring(frames)
    }
  }

  /// - Parameters:
  ///   - events: where to publish; any free port of the loopback interface unless given.
  ///   - calls: where the journal is read; any free port of the loopback interface unless given.
  ///   - keys: for CURVE; nil for publishing in the clear.
  init(
    storingAt path: String,
    events: Endpoint? = nil,
    calls: Endpoint? = nil,
    keys: BenchKeys? = nil
  ) async throws {
    let anyPort = try Endpoint("tcp://127.0.0.1:*")
    let relay = Relay()
    store = try Store.open(
      storeConfiguration(at: path),
      streams: [BenchEvent.stream],
      migrations: [SubjectTable.migration],
      onCommit: { relay.didCommit($0) },
      now: wallTime
    )
    thread = try SocketThread()
    let security = try await keys?.serverSecurity(on: thread) ?? .plain
    publisher = try await EventPublisher(
      heads: store.heads(),
      on: thread,
      at: events ?? anyPort,
      security: security,
      wallTime: wallTime
    )
    relay.attach(publisher)
    self.events = publisher.endpoint
    var handlers = CallHandlers()
    let journal = StoreJournal(reader: try store.journal(of: BenchEvent.stream))
    handlers.journal(JournalService(journals: [journal], bell: relay.bell, wallTime: wallTime) { _, _ in true })
    let transport = ZeroMQServerTransport(at: [calls ?? anyPort], on: thread, security: security)
    let server = CallServer(over: transport, handlers)
    self.server = server
    serving = Task { try await server.run() }
    self.calls = try await transport.boundEndpoints[0]
  }

  func close() async throws {
    server.beginShutdown()
    try await serving.value
    await publisher.close()
    await store.close()
    await thread.stop()
  }

  /// What a service does with an event that it accepts: the fact and the state that it changes, in one transaction.
  static func accept(_ bodies: [UInt8], in transaction: Transaction) throws {
    let upsert = try SubjectTable.upsert(in: transaction)
    try bodies.withUnsafeBytes { bodies in
      for offset in stride(from: 0, to: bodies.count, by: BenchEvent.byteCount) {
        let body = UnsafeRawBufferPointer(rebasing: bodies[offset..<offset + BenchEvent.byteCount])
        let index = BenchEvent.stamp(of: body).index
        try transaction.appendRaw(
          to: BenchEvent.stream,
          type: BenchEvent.type,
          programme: BenchEvent.programmes[index % BenchEvent.programmes.count],
          key: BenchEvent.keys[BenchEvent.key(of: index)],
          schemaVersion: 1,
          body: body
        )
        try SubjectTable.count(index, with: upsert)
      }
    }
  }
}
