import Contracts
import Foundation
import FoundationNetworking
import Messaging
import ServiceRuntime
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct LifecycleTests {
  private func get(_ path: String, of service: RunningService) async throws -> (status: Int, body: String) {
    let address = try #require(service.address(of: .admin))
    let url = try #require(URL(string: "http://\(address)/\(path)"))
    let (data, response) = try await URLSession.shared.data(from: url)
    let status = try #require(response as? HTTPURLResponse).statusCode
    return (status, String(decoding: data, as: UTF8.self))
  }

  @Test func healthReadinessAndMetricsAreServed() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(reader())
      let health = try await get("healthz", of: service)
      #expect(health.status == 200 && health.body.contains(#""status":"ok""#))
      let ready = try await get("readyz", of: service)
      #expect(ready.status == 200 && ready.body.contains(#""status":"ready""#))
      #expect(ready.body.contains(#""stream":"ingestion""#), "an upstream that is down is listed, and no obstacle")
      _ = try await harness.client(of: readerProfile).call(NotesAPI.count, Question())
      let metrics = try await get("metrics", of: service)
      #expect(
        metrics.body.contains("groundswell_call_duration_seconds_count{code=\"OK\",method=\"notes.v1/Count\"} 1\n")
      )
      #expect(metrics.body.contains("groundswell_upstream_lag_records{instance=\"0\",stream=\"ingestion\"} 0\n"))
      #expect(metrics.body.contains("groundswell_dead_letters_pending 0\n"))
      #expect(metrics.body.contains("# TYPE groundswell_store_queue_depth gauge\n"))
    }
  }

  @Test func aStopFinishesWhatWasAccepted() async throws {
    try await withServiceHarness { harness in
      let door = Door()
      let service = try await harness.start(notary(door: door))
      let client = try harness.client(of: .ingestion)
      async let answer = client.call(NotesAPI.wait, Question())
      try await waitUntil("the call is being handled") { door.arrivals.withLock { $0 } == 1 }
      async let stopped: Void = service.stop()
      try await waitUntil("the service is stopping") { service.assembly.state.phase == .stopping }
      door.open()
      #expect(try await answer.number == 1)
      try await stopped
      var settings = CallSettings()
      settings.retries = false
      let fault = await #expect(throws: Fault.self) {
        try await client.call(NotesAPI.count, Question(), settings)
      }
      #expect(fault?.code == .unavailable)
      await #expect(throws: StoreError.self) { try await service.store.write { _ in } }
    }
  }

  @Test func aStopHasADeadline() async throws {
    try await withServiceHarness { harness in
      let door = Door()
      let service = try await harness.start(notary(door: door), ["--shutdown-seconds", "0"])
      let client = try harness.client(of: .ingestion)
      let call = Task { try await client.call(NotesAPI.wait, Question()) }
      try await waitUntil("the call is being handled") { door.arrivals.withLock { $0 } == 1 }
      try await service.stop()
      door.open()
      _ = await call.result
    }
  }

  private func failure(_ body: () async throws -> Void) async throws -> StartupFailure {
    do {
      try await body()
    } catch let failure as StartupFailure {
      return failure
    }
    throw ConditionNotMet.unexpectedStart
  }

  @Test func aSecondInstanceFindsTheStoreLocked() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      let failure = try await failure { try await harness.start(notary()) }
      #expect(failure.reason == .storeLocked && failure.exitCode == 75)
      #expect(failure.message.contains("in use by process"))
    }
  }

  @Test func aStoreOfANewerVersionIsRefused() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary()).stop()
      let failure = try await failure { try await harness.start(notary(migrations: [])) }
      #expect(failure.reason == .storeTooNew && failure.exitCode == 76)
    }
  }

  @Test func aTakenPortIsNamed() async throws {
    try await withServiceHarness { harness in
      let first = try await harness.start(notary())
      let address = try #require(first.address(of: .admin))
      let failure = try await failure { try await harness.start(reader(), ["--admin", address]) }
      #expect(failure.reason == .addressUnavailable && failure.exitCode == 69)
      #expect(failure.message.contains(address) && failure.message.contains("taken"))
    }
  }

  @Test func whoeverMayNotHearScoresDoesNotStart() async throws {
    try await withServiceHarness { harness in
      let eavesdropper = ServiceDefinition(.ranking) { _ in
        ServiceBlueprint(migrations: [], consumers: [EventConsumer(.scores)])
      }
      let failure = try await failure { try await harness.start(eavesdropper) }
      #expect(failure.message.contains("may not follow ingestion.scores"))
    }
  }
}

extension ConditionNotMet {
  fileprivate static let unexpectedStart = ConditionNotMet(description: "the service started all the same")
}
