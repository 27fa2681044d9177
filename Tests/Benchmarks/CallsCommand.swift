import ArgumentParser
import Contracts
import Foundation
import GRPCCore
import Messaging
import Synchronization

/// Calls over loopback TCP, between two processes.
struct CallsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls",
    abstract: "Round trips and streams between two processes over loopback TCP, 300 bytes each way."
  )

  @Option(help: "Round trips for each kind of call.")
  var calls = 20_000
  @Option(help: "Messages for each stream.")
  var messages = 200_000
  @Option(help: "Only measurements whose names begin like this, e.g. calls.unary.raw.")
  var only = "calls"
  @Flag(help: "With CURVE between the processes.")
  var curve = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard calls >= 100, messages > 0 else { throw ValidationError("calls are at least 100, messages at least 1") }
  }

  func run() async throws {
    try await Workspace.with(in: nil) { workspace in
      let announcement = workspace.path(of: "endpoint")
      let keys = curve ? try BenchKeys.create(in: workspace.path(of: "keys")) : nil
      let server = try ChildProcess(
        nil,
        ["calls-server", "--announce", announcement] + (keys.map { ["--keys", $0.directory] } ?? [])
      )
      try await wait(upTo: .seconds(20), for: "the server") {
        if let status = server.exitStatus { throw BenchFailure("the server ended with status \(status)") }
        return FileManager.default.fileExists(atPath: announcement)
      }
      let thread = try SocketThread()
      let endpoint = try Endpoint(try String(contentsOfFile: announcement, encoding: .utf8))
      let security = try keys?.clientSecurity() ?? .plain
      let client = try CallClient(
        over: ZeroMQClientTransport(to: endpoint, on: thread, security: security),
        as: Principal(role: .program, name: "bench")
      )
      let connection = Task { try await client.run() }
      try await measure(client, ZeroMQClientTransport(to: endpoint, on: thread, security: security))
      client.beginShutdown()
      try await connection.value
      await thread.stop()
      await server.end()
    }
  }

  private func measure(_ client: CallClient, _ transport: ZeroMQClientTransport) async throws {
    let body = BenchEvent.bodies(1) { _ in .init(index: 1, dueNanoseconds: 0) }
    for callers in [1, 32] {
      try await unary("calls.unary.raw", callers, client) { client, _ in
        let reply = try await client.call(BenchAPI.echoRaw.name, json: body, isCommand: false)
        guard reply.output == body else { throw BenchFailure("the echo differs from what was sent") }
      }
      try await unary("calls.unary.json", callers, client) { client, index in
        let reply = try await client.call(BenchAPI.echo, BenchPayload(index: index))
        guard reply.index == index else { throw BenchFailure("the echo differs from what was sent") }
      }
    }
    try await rawServerStream(client)
    try await stream("calls.serverStream.json", client) { client, count, note in
      try await client.feed(BenchAPI.produce, StreamRequest(count: count)) { messages in
        for try await message in messages { note(message.index, message.sentNanoseconds) }
      }
    }
    try await clientStream(client)
    try await rawClientStream(client, transport)
  }

  // MARK: Round trips

  private func unary(
    _ name: String,
    _ callers: Int,
    _ client: CallClient,
    _ call: @escaping @Sendable (CallClient, Int) async throws -> Void
  ) async throws {
    let name = callers == 1 ? name : "\(name).callers\(callers)"
    guard name.hasPrefix(only) else { return }
    for index in 0..<calls / 20 { try await call(client, index) }
    let start = MonotonicInstant.now
    let latencies = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for _ in 0..<callers {
        group.addTask {
          var latencies: [Int64] = []
          for index in 0..<calls / callers {
            let start = MonotonicInstant.now.nanoseconds
            try await call(client, index)
            latencies.append(MonotonicInstant.now.nanoseconds - start)
          }
          return latencies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let report = LatencyReport(nanoseconds: latencies, over: .now - start)
    try await print(name, "callers=\(callers)", report, lost: calls / callers * callers - report.events, client)
  }

  // MARK: Streams

  private typealias Note = @Sendable (_ index: Int, _ sentNanoseconds: Int64) -> Void

  private func stream(
    _ name: String,
    _ client: CallClient,
    _ follow: (CallClient, Int, @escaping Note) async throws -> Void
  ) async throws {
    guard name.hasPrefix(only) else { return }
    let arrivals = Arrivals(capacity: messages)
    let start = MonotonicInstant.now
    try await follow(client, messages) { arrivals.note($0, sent: $1) }
    let report = LatencyReport(nanoseconds: arrivals.latencies, over: .now - start)
    try await print(name, "streams=1", report, lost: messages - arrivals.inOrder, client)
  }

  /// The same bytes again and again, and counted: what the peer does. Order is looked at where each message has a number.
  private func rawServerStream(_ client: CallClient) async throws {
    let name = "calls.serverStream.raw"
    guard name.hasPrefix(only) else { return }
    let count = messages
    let start = MonotonicInstant.now
    let received = try await client.feed(raw: BenchAPI.produceRaw, StreamRequest(count: count)) { messages in
      var received = 0
      for try await _ in messages { received += 1 }
      return received
    }
    let span = MonotonicInstant.now - start
    let report = LatencyReport(nanoseconds: [Int64](repeating: span.wholeNanoseconds, count: received), over: span)
    try await print(name, "streams=1", report, lost: count - received, client)
  }

  /// The server counts, and answers with the count; so all latencies are that of the whole.
  private func clientStream(_ client: CallClient) async throws {
    let name = "calls.clientStream.json"
    guard name.hasPrefix(only) else { return }
    let count = messages
    let start = MonotonicInstant.now
    let received = try await client.exchange(
      BenchAPI.consume,
      send: { writer in
        for index in 1...count { try await writer.write(BenchPayload(index: index)) }
      },
      receive: { messages in
        var received = 0
        for try await message in messages { received += message.count }
        return received
      }
    )
    let span = MonotonicInstant.now - start
    let report = LatencyReport(nanoseconds: [Int64](repeating: span.wholeNanoseconds, count: received), over: span)
    try await print(name, "streams=1", report, lost: count - received, client)
  }

  /// Bytes instead of JSON: the transport by itself, under GRPCCore's own client.
  private func rawClientStream(_ client: CallClient, _ transport: ZeroMQClientTransport) async throws {
    let name = "calls.clientStream.raw"
    guard name.hasPrefix(only) else { return }
    let body = BenchEvent.bodies(1) { _ in .init(index: 1, dueNanoseconds: 0) }
    let method = BenchAPI.consumeRaw.name
    let count = messages
    let (received, span) = try await withGRPCClient(transport: transport) { client in
      let start = MonotonicInstant.now
      let received = try await client.clientStreaming(
        request: StreamingClientRequest { writer in
          for _ in 0..<count { try await writer.write(body) }
        },
        descriptor: MethodDescriptor(
          fullyQualifiedService: method.service,
          method: method.method,
          type: .bidirectionalStreaming
        ),
        serializer: RawSerializer(),
        deserializer: RawSerializer(),
        options: .defaults
      ) { Int(String(decoding: try $0.message, as: UTF8.self)) ?? 0 }
      return (received, MonotonicInstant.now - start)
    }
    let report = LatencyReport(nanoseconds: [Int64](repeating: span.wholeNanoseconds, count: received), over: span)
    try await print(name, "streams=1", report, lost: count - received, client)
  }

  private func print(
    _ name: String,
    _ what: String,
    _ report: LatencyReport,
    lost: Int,
    _ client: CallClient
  ) async throws {
    let server = try await client.call(BenchAPI.memory, StreamRequest(count: 0))
    let measurement = Measurement(
      curve ? "\(name).curve" : name,
      .flat,
      report,
      lost: lost,
      peakMemoryMiB: ["client": try peakMemoryMiB(), "server": server.peakMiB]
    )
    try measurement.print(what, report, json: output.json)
  }
}

/// Messages of a stream as they come.
private final class Arrivals: Sendable {
  private struct State {
    var latencies: [Int64] = []
    var inOrder = 0
  }

  private let state: Mutex<State>

  init(capacity: Int) {
    var state = State()
    state.latencies.reserveCapacity(capacity)
    self.state = Mutex(state)
  }

  func note(_ index: Int, sent: Int64) {
    let now = MonotonicInstant.now.nanoseconds
    state.withLock { state in
      state.latencies.append(now - sent)
      if index == state.inOrder + 1 { state.inOrder = index }
    }
  }

  var latencies: [Int64] { state.withLock { $0.latencies } }
  /// How many came in order without a gap.
  var inOrder: Int { state.withLock { $0.inOrder } }
}
