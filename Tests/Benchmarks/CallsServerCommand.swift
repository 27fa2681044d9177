import ArgumentParser
import Contracts
import Foundation
import GRPCCore
import Messaging

/// What the measured server answers.
enum BenchAPI {
  static let echo = Query<BenchPayload, BenchPayload>("bench.v1", "Echo")
  static let echoRaw = Query<BenchPayload, BenchPayload>("bench.v1", "EchoRaw")
  static let produce = Feed<StreamRequest, BenchPayload>("bench.v1", "Produce")
  static let produceRaw = Feed<StreamRequest, [UInt8]>("bench.v1", "ProduceRaw")
  static let consume = Exchange<BenchPayload, StreamRequest>("bench.v1", "Consume")
  static let consumeRaw = Exchange<[UInt8], [UInt8]>("bench.v1", "ConsumeRaw")
  static let memory = Query<StreamRequest, ServerMemory>("bench.v1", "Memory")
}

/// Some 300 bytes of JSON.
struct BenchPayload: Codable, Sendable {
  var index: Int
  /// When it was sent, in nanoseconds of CLOCK_MONOTONIC.
  var sentNanoseconds: Int64
  var programme = "bench-programme"
  var subject = "subject-of-ordinary-length"
  var text = String(repeating: "x", count: 170)

  init(index: Int, sentNanoseconds: Int64 = MonotonicInstant.now.nanoseconds) {
    self.index = index
    self.sentNanoseconds = sentNanoseconds
  }
}

struct StreamRequest: Codable, Sendable {
  var count: Int
}

struct ServerMemory: Codable, Sendable {
  var peakMiB: Double
}

/// The answering process.
struct CallsServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "calls-server", shouldDisplay: false)

  @Option(help: "The file to write the endpoint to.") var announce: String
  @Option(help: "The directory of the keys, for CURVE.") var keys: String?

  func run() async throws {
    ChildProcess.endWithParent()
    let thread = try SocketThread()
    let security = try await keys.map(BenchKeys.init)?.serverSecurity(on: thread) ?? .plain
    let transport = ZeroMQServerTransport(at: [try Endpoint("tcp://127.0.0.1:*")], on: thread, security: security)
    let server = CallServer(over: transport, CallsServerCommand.handlers)
    let serving = Task { try await server.run() }
    let endpoint = try await transport.boundEndpoints[0]
    try Data(endpoint.description.utf8).write(to: URL(filePath: announce), options: .atomic)
    try await serving.value
  }

  private static var handlers: CallHandlers {
    var handlers = CallHandlers()
    handlers.query(BenchAPI.echo) { payload, _ in payload }
    handlers.raw(
      BenchAPI.echoRaw.name,
      .query,
      input: BenchPayload.self,
      output: BenchPayload.self
    ) { message, _ in CallReply(message) }
    handlers.feed(BenchAPI.produce) { request, _, writer in
      for index in 1...request.count { try await writer.write(BenchPayload(index: index)) }
    }
    handlers.feed(raw: BenchAPI.produceRaw) { request, _, writer in
      let body = BenchEvent.bodies(1) { _ in .init(index: 1, dueNanoseconds: 0) }
      for _ in 0..<request.count { try await writer.write(body) }
    }
    handlers.exchange(BenchAPI.consume) { messages, _, writer in
      var count = 0
      for try await message in messages {
        count += 1
        guard message.index == count else { throw Fault(.dataLoss, reason: "gap", "\(message.index) came as \(count)") }
      }
      try await writer.write(StreamRequest(count: count))
    }
    handlers.exchange(raw: BenchAPI.consumeRaw) { messages, _, writer in
      var count = 0
      for try await _ in messages { count += 1 }
      try await writer.write(Array("\(count)".utf8))
    }
    handlers.query(BenchAPI.memory) { _, _ in ServerMemory(peakMiB: try peakMemoryMiB()) }
    return handlers
  }
}
