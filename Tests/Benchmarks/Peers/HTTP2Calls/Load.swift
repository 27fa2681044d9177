import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// Calls a server and takes the time, as `groundswell-bench calls` does for ours.
struct Load {
  let client: GRPCClient<HTTP2ClientTransport.Posix>
  let calls: Int
  let messages: Int

  func run() async throws {
    for callers in [1, 32] { try await unary(callers) }
    try await serverStream()
    try await clientStream()
  }

  private func unary(_ callers: Int) async throws {
    for _ in 0..<calls / 20 { try await call() }
    let start = ContinuousClock.now
    let latencies = try await withThrowingTaskGroup(of: [Duration].self) { group in
      for _ in 0..<callers {
        group.addTask {
          var latencies: [Duration] = []
          for _ in 0..<calls / callers {
            let start = ContinuousClock.now
            try await call()
            latencies.append(.now - start)
          }
          return latencies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    report(callers == 1 ? "http2.unary.raw" : "http2.unary.raw.callers\(callers)", latencies, over: .now - start)
  }

  private func call() async throws {
    let body = [UInt8](repeating: UInt8(ascii: "x"), count: EchoAPI.messageByteCount)
    let echo = try await client.unary(
      request: ClientRequest(message: body),
      descriptor: EchoAPI.echo,
      serializer: Bytes(),
      deserializer: Bytes(),
      options: .defaults
    ) { try $0.message }
    guard echo == body else { throw RPCError(code: .dataLoss, message: "the echo differs from what was sent") }
  }

  private func serverStream() async throws {
    let start = ContinuousClock.now
    let count = try await client.serverStreaming(
      request: ClientRequest(message: Array("\(messages)".utf8)),
      descriptor: EchoAPI.produce,
      serializer: Bytes(),
      deserializer: Bytes(),
      options: .defaults
    ) { response in
      var count = 0
      for try await _ in response.messages { count += 1 }
      return count
    }
    try check(count)
    report("http2.serverStream.raw", [.now - start], of: count, over: .now - start)
  }

  private func clientStream() async throws {
    let start = ContinuousClock.now
    let count = try await client.clientStreaming(
      request: StreamingClientRequest { writer in
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: EchoAPI.messageByteCount)
        for _ in 0..<messages { try await writer.write(body) }
      },
      descriptor: EchoAPI.consume,
      serializer: Bytes(),
      deserializer: Bytes(),
      options: .defaults
    ) { Int(String(decoding: try $0.message, as: UTF8.self)) ?? 0 }
    try check(count)
    report("http2.clientStream.raw", [.now - start], of: count, over: .now - start)
  }

  private func check(_ count: Int) throws {
    guard count == messages else { throw RPCError(code: .dataLoss, message: "\(count) of \(messages) came") }
  }

  private func report(_ name: String, _ latencies: [Duration], of events: Int? = nil, over span: Duration) {
    let sorted = latencies.sorted()
    func percentile(_ share: Double) -> Double {
      sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] / .microseconds(1)
    }
    let events = events ?? latencies.count
    print(
      #"{"name":"\#(name)","mode":"flat","events":\#(events),"eventsPerSecond":\#(Int(Double(events) / (span / .seconds(1))))"#
        + #","p50Microseconds":\#(percentile(0.5)),"p99Microseconds":\#(percentile(0.99)),"lost":0,"duplicated":0}"#
    )
  }
}
