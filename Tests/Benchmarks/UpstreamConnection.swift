import Contracts
import Messaging

/// A consumer's way to a publisher: its live events, and its journal by calls.
struct UpstreamConnection {
  private let thread: SocketThread
  private let client: CallClient
  private let connection: Task<Void, any Error>
  private let transport: ZeroMQEventTransport

  init(events: Endpoint, calls: Endpoint, security: ClientSecurity = .plain) throws {
    let thread = try SocketThread()
    let client = try CallClient(
      over: ZeroMQClientTransport(to: calls, on: thread, security: security),
      as: Principal(role: .program, name: "bench")
    )
    connection = Task { try await client.run() }
    let upstream = ZeroMQEventTransport.Upstream(events: events, journal: CallJournalSource(client), security: security)
    transport = ZeroMQEventTransport(
      on: thread,
      publishingAt: try Endpoint("tcp://127.0.0.1:*"),
      wallTime: wallTime,
      upstream: { _, _ in upstream }
    )
    self.thread = thread
    self.client = client
  }

  func runner(into sink: some RecordSink) -> SubscriptionRunner {
    SubscriptionRunner(to: BenchEvent.stream, over: transport, into: sink, wallTime: wallTime, logger: benchLogger)
  }

  func close() async throws {
    client.beginShutdown()
    try await connection.value
    await thread.stop()
  }
}
