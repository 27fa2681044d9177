import Contracts
import Foundation
import GRPCCore
import Synchronization
import Testing

@testable import Messaging

/// What every transport of calls has to do.
@Suite(.timeLimit(.minutes(1)))
struct CallConformanceTests {
  @Test(arguments: CallCarrier.allCases)
  func queries(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let sum = try await fixture.client.call(ProbeAPI.add, Pair(left: 40, right: 2))
      #expect(sum == Sum(value: 42))
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func commandsCarryRequestIDPrincipalAndPosition(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      var settings = CallSettings()
      settings.requestID = "once"
      settings.principal = Principal(role: .manager, name: "Zoë \"Z\"")
      settings.after = ["ranking/1/9/3"]
      let reply = try await fixture.client.reply(to: ProbeAPI.keep, Note(text: "four"), settings)
      #expect(reply.output == Sum(value: 4))
      #expect(reply.positions == ["ranking/1/9/4"])
      #expect(fixture.recorder.events == ["keep once Zoë \"Z\" [\"ranking/1/9/3\"]"])
      _ = try await fixture.client.call(ProbeAPI.keep, Note(text: ""))
      let words = try #require(fixture.recorder.events.last).split(separator: " ")
      #expect(UUID(uuidString: String(words[1])) != nil, "a command without a request id gets one")
      #expect(words[2] == "probe")
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func feedsDeliverEverythingInOrder(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let values = try await fixture.client.feed(ProbeAPI.count, Sum(value: 3000)) { messages in
        try await messages.reduce(into: []) { $0.append($1.value) }
      }
      #expect(values == Array(0..<3000))
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func exchangesFlowBothWaysAtOnce(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let values = try await fixture.client.exchange(ProbeAPI.double) { writer in
        for value in 0..<2000 { try await writer.write(Sum(value: value)) }
      } receive: { messages in
        try await messages.reduce(into: []) { $0.append($1.value) }
      }
      #expect(values == (0..<2000).map { $0 * 2 })
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func rawFeedsCarryBytes(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      for size in [0, 1, 70_000, 1 << 20] {
        let bytes = try await fixture.client.feed(raw: ProbeAPI.bytes, Sum(value: size)) { messages in
          try await messages.reduce(into: []) { $0 += $1 }
        }
        #expect(bytes == [UInt8](repeating: 7, count: size))
      }
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func unknownMethodsAreUnimplemented(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let fault = await #expect(throws: Fault.self) { try await fixture.client.call(ProbeAPI.missing, Sum(value: 1)) }
      #expect(fault?.code == .unimplemented)
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func faultsArriveWhole(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let fault = await #expect(throws: Fault.self) {
        try await fixture.client.call(ProbeAPI.add, Pair(left: .max, right: 1))
      }
      #expect(fault == Fault(.outOfRange, reason: "tooLarge", "the sum overflows", field: "left"))
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func malformedRequestsAreToldWhere(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let json = Array(#"{"text": "x", "depth": [{"left": 1, "right": 2}, {"left": 1, "right": "two"}]}"#.utf8)
      let fault = await #expect(throws: Fault.self) {
        try await fixture.client.call(ProbeAPI.keep.name, json: json, isCommand: true)
      }
      #expect(fault?.code == .invalidArgument)
      #expect(fault?.field == "depth[1].right")
      #expect(fault?.message.contains("depth[1].right") == true)
      let missing = await #expect(throws: Fault.self) {
        try await fixture.client.call(ProbeAPI.add.name, json: Array(#"{"left": 1}"#.utf8), isCommand: false)
      }
      #expect(missing?.field == "right")
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func deadlinesEndTheCallOnBothSides(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let fault = await #expect(throws: Fault.self) {
        try await fixture.client.call(ProbeAPI.wait, Sum(value: 1), CallSettings(timeout: .seconds(1)))
      }
      #expect(fault?.code == .deadlineExceeded)
      // On a busy machine the deadline may pass before the handler starts, and then it never does.
      if fixture.recorder.events.contains("waiting 1") { await fixture.recorder.wait(for: "waited 1") }
    }
  }

  @Test(arguments: CallCarrier.overZeroMQ)
  func cancellingTheCallerCancelsTheHandler(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let call = Task { try await fixture.client.call(ProbeAPI.wait, Sum(value: 2)) }
      await fixture.recorder.wait(for: "waiting 2")
      call.cancel()
      await fixture.recorder.wait(for: "waited 2")
      let fault = await #expect(throws: Fault.self) { try await call.value }
      #expect(fault?.code == .cancelled)
    }
  }

  @Test(arguments: CallCarrier.overZeroMQ)
  func leavingAFeedCancelsTheHandler(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let first = try await fixture.client.feed(ProbeAPI.count, Sum(value: .max)) { messages in
        try await messages.first { _ in true }
      }
      #expect(first == Sum(value: 0))
      await fixture.recorder.wait(for: "count ended")
    }
  }

  @Test(arguments: CallCarrier.overZeroMQ)
  func aSlowReaderStopsTheWriter(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let recorder = fixture.recorder
      let client = fixture.client
      try await client.feed(ProbeAPI.count, Sum(value: 10_000)) { messages in
        var iterator = messages.makeAsyncIterator()
        _ = try await iterator.next()
        await recorder.wait(for: "counted 200")
        // Whole calls pass meanwhile: the server isn't stuck, only this feed is.
        for _ in 0..<50 { _ = try await client.call(ProbeAPI.add, Pair(left: 1, right: 1)) }
        #expect(!recorder.events.contains("counted 400"), "256 messages of credit, and none of it returned")
        var last = 0
        while let message = try await iterator.next() { last = message.value }
        #expect(last == 9999)
      }
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func racingCallsAllEnd(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let client = fixture.client
      try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<64 {
          group.addTask {
            for round in 0..<40 {
              switch (caller + round) % 4 {
              case 0:
                #expect(try await client.call(ProbeAPI.add, Pair(left: caller, right: round)).value == caller + round)
              case 1:
                let count = try await client.feed(ProbeAPI.count, Sum(value: round)) { messages in
                  try await messages.reduce(0) { sum, _ in sum + 1 }
                }
                #expect(count == round)
              case 2:
                let call = Task { try await client.call(ProbeAPI.add, Pair(left: 1, right: 2)) }
                if round.isMultiple(of: 2) { call.cancel() }
                _ = await call.result
              default:
                // Leaves the exchange at a random point of its life.
                _ = try await client.exchange(ProbeAPI.double) { writer in
                  for value in 0..<20 { try await writer.write(Sum(value: value)) }
                } receive: { messages in
                  try await messages.first { $0.value >= round % 20 }
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func healthIsAsked(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let whole = try await fixture.client.call(HealthAPI.check, HealthRequest())
      #expect(whole.status == .serving)
      #expect(try await fixture.client.call(HealthAPI.check, HealthRequest(service: "probe.v1")).status == .serving)
      let fault = await #expect(throws: Fault.self) {
        try await fixture.client.call(HealthAPI.check, HealthRequest(service: "nobody.v1"))
      }
      #expect(fault?.code == .notFound)
      let board = fixture.server.health
      let seen = try await fixture.client.feed(HealthAPI.watch, HealthRequest(service: "probe.v1")) { reports in
        var seen: [HealthStatus?] = []
        for try await report in reports {
          seen.append(report.status.known)
          if seen.count == 1 { board.set(.notServing, for: "probe.v1") }
          if seen.count == 2 { break }
        }
        return seen
      }
      #expect(seen == [.serving, .notServing])
    }
  }

  @Test(arguments: CallCarrier.allCases)
  func methodsDescribeThemselves(carrier: CallCarrier) async throws {
    try await CallFixture.with(carrier) { fixture in
      let report = try await fixture.client.call(ReflectionAPI.services, ReflectionRequest())
      let add = try #require(report.methods.first { $0.name == "probe.v1/Add" })
      #expect(add.kind == .query)
      #expect(add.input["type"]?.string == "object")
      #expect(report.methods.contains { $0.name == "reflection.v1/Services" })
      #expect(report.methods.contains { $0.name == "health.v1/Watch" && $0.kind == .feed })
    }
  }
}
