import Contracts
import Foundation
import GRPCCore
import Synchronization
import Testing

@testable import Messaging

/// What only a transport with a network in it can do wrong.
@Suite(.timeLimit(.minutes(1)))
struct CallZeroMQTests {
  @Test(arguments: CallCarrier.overZeroMQ)
  func requestsAndResponsesAreLimited(carrier: CallCarrier) async throws {
    var limits = CallLimits()
    limits.largestRequestBytes = 1000
    limits.largestResponseBytes = 1000
    try await CallFixture.with(carrier, limits: limits) { fixture in
      let large = Note(text: String(repeating: "x", count: 2000))
      let request = await #expect(throws: Fault.self) { try await fixture.client.call(ProbeAPI.keep, large) }
      #expect(request?.code == .resourceExhausted)
      let response = await #expect(throws: Fault.self) {
        try await fixture.client.feed(raw: ProbeAPI.bytes, Sum(value: 2000)) { messages in
          for try await _ in messages {}
        }
      }
      #expect(response?.code == .resourceExhausted)
      let sum = try await fixture.client.call(ProbeAPI.add, Pair(left: 1, right: 1))
      #expect(sum == Sum(value: 2))
    }
  }

  @Test func aClientRefusesWhatItDidNotBargainFor() async throws {
    var clientLimits = CallLimits()
    clientLimits.largestResponseBytes = 1000
    try await CallFixture.with(.tcp, clientLimits: clientLimits) { fixture in
      let fault = await #expect(throws: Fault.self) {
        try await fixture.client.feed(raw: ProbeAPI.bytes, Sum(value: 2000)) { messages in
          for try await _ in messages {}
        }
      }
      #expect(fault?.code == .resourceExhausted)
    }
  }

  @Test func tooManyCallsAreRefusedNotQueued() async throws {
    var limits = CallLimits()
    limits.callsPerPeer = 3
    try await CallFixture.with(.tcp, limits: limits) { fixture in
      let client = fixture.client
      let waiting = (0..<3).map { number in Task { try await client.call(ProbeAPI.wait, Sum(value: number)) } }
      for number in 0..<3 { await fixture.recorder.wait(for: "waiting \(number)") }
      let fault = await #expect(throws: Fault.self) { try await client.call(ProbeAPI.add, Pair(left: 1, right: 1)) }
      #expect(fault?.code == .resourceExhausted)
      for call in waiting { call.cancel() }
      for call in waiting { _ = await call.result }
      for number in 0..<3 { await fixture.recorder.wait(for: "waited \(number)") }
      let sum = try await client.call(ProbeAPI.add, Pair(left: 1, right: 1))
      #expect(sum == Sum(value: 2))
    }
  }

  @Test(arguments: CallCarrier.overZeroMQ)
  func acceptedCallsFinishWhileTheServerDrains(carrier: CallCarrier) async throws {
    var limits = CallLimits()
    // What is shown is that accepted calls finish, not how fast 5000 messages go on a machine that is busy.
    limits.drain = .seconds(60)
    try await CallFixture.with(carrier, limits: limits) { fixture in
      let (server, recorder, client) = (fixture.server, fixture.recorder, fixture.client)
      let values = try await client.feed(ProbeAPI.count, Sum(value: 5000)) { messages in
        var values: [Int] = []
        for try await message in messages {
          values.append(message.value)
          guard values.count == 10 else { continue }
          server.beginShutdown()
          var refused: Fault?
          while refused == nil {
            do throws(Fault) {
              _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 1), .once)
            } catch {
              refused = error
            }
          }
          #expect(refused?.code == .unavailable)
        }
        return values
      }
      #expect(values == Array(0..<5000))
      await recorder.wait(for: "count ended")
    }
  }

  @Test func drainingEndsInTimeWhateverHandlersDo() async throws {
    var limits = CallLimits()
    limits.drain = .milliseconds(100)
    try await CallFixture.with(.tcp, limits: limits) { fixture in
      let client = fixture.client
      let call = Task { try await client.call(ProbeAPI.wait, Sum(value: 1), .once) }
      await fixture.recorder.wait(for: "waiting 1")
      fixture.server.beginShutdown()
      let fault = await #expect(throws: Fault.self) { try await call.value }
      #expect(fault?.code == .unavailable)
    }
  }

  @Test(arguments: CallCarrier.overZeroMQ)
  func callsThatWaitForReadySurviveARestart(carrier: CallCarrier) async throws {
    let transports = try CallTransports(carrier)
    let recorder = ProbeRecorder()
    let first = try transports.server(recorder.handlers, limits: CallLimits())
    let firstRun = Task { try await first.run() }
    let endpoint = try await transports.endpoint()
    let client = try await transports.client()
    let clientRun = Task { try await client.run() }
    let sum = try await client.call(ProbeAPI.add, Pair(left: 1, right: 1))
    #expect(sum == Sum(value: 2))

    firstRun.cancel()
    _ = await firstRun.result
    // The first call may be the one that finds out that the connection is lost; the second is told at once.
    for isKnown in [false, true] {
      let fault = await #expect(throws: Fault.self) {
        try await client.call(ProbeAPI.add, Pair(left: 1, right: 1), .once)
      }
      #expect(fault?.code == .unavailable)
      if isKnown { #expect(fault?.message.contains("is the service running?") == true) }
    }

    let waiting = Task { try await client.call(ProbeAPI.add, Pair(left: 2, right: 2), .patient(.seconds(20))) }
    let second = try transports.server(recorder.handlers, limits: CallLimits(), at: endpoint)
    let secondRun = Task { try await second.run() }
    #expect(try await waiting.value == Sum(value: 4))

    client.beginShutdown()
    second.beginShutdown()
    try await clientRun.value
    try await secondRun.value
    #expect(await transports.close())
  }

  @Test func aCallWithoutAServerEndsByItsDeadline() async throws {
    let thread = try SocketThread()
    let transport = ZeroMQClientTransport(to: try Endpoint("ipc:///tmp/nobody-\(UUID().uuidString)"), on: thread)
    let client = try CallClient(over: transport, as: Principal(role: .program, name: "probe"))
    let run = Task { try await client.run() }
    let fault = await #expect(throws: Fault.self) {
      try await client.call(ProbeAPI.add, Pair(left: 1, right: 1), .patient(.milliseconds(800)))
    }
    #expect(fault?.code == .deadlineExceeded)
    #expect(transport.callCount == 0)
    client.beginShutdown()
    try await run.value
    #expect(await thread.stop())
  }

  @Test func aTakenPortIsReportedByRun() async throws {
    let transports = try CallTransports(.tcp)
    let first = try transports.server(CallHandlers(), limits: CallLimits())
    let firstRun = Task { try await first.run() }
    let endpoint = try await transports.endpoint()
    let second = try transports.server(CallHandlers(), limits: CallLimits(), at: endpoint)
    let error = await #expect(throws: ZeroMQError.self) { try await second.run() }
    #expect(error?.description.contains("is taken") == true)
    first.beginShutdown()
    try await firstRun.value
    #expect(await transports.close())
  }

  @Test func noCallIsLeftOpenAfterARace() async throws {
    let transports = try CallTransports(.tcp)
    let recorder = ProbeRecorder()
    let server = try transports.server(recorder.handlers, limits: CallLimits())
    let serverRun = Task { try await server.run() }
    let transport = ZeroMQClientTransport(to: try await transports.endpoint(), on: transports.thread)
    let client = try CallClient(over: transport, as: Principal(role: .program, name: "probe"))
    let clientRun = Task { try await client.run() }
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<128 {
        group.addTask {
          for round in 0..<25 {
            let call = Task {
              try await client.exchange(ProbeAPI.double) { writer in
                for value in 0..<10 { try await writer.write(Sum(value: value)) }
              } receive: { messages in
                try await messages.first { $0.value >= (caller + round) % 12 }
              }
            }
            if (caller ^ round) % 3 == 0 { call.cancel() }
            _ = await call.result
          }
        }
      }
    }
    #expect(transport.callCount == 0)
    client.beginShutdown()
    server.beginShutdown()
    try await clientRun.value
    // The drain ends early only because no handler is left.
    try await serverRun.value
    #expect(transports.zeroMQServer?.runningHandlers == 0)
    #expect(await transports.close())
  }
}
