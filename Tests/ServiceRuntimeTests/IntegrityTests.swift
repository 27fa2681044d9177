import Contracts
import Foundation
import FoundationNetworking
import GRDB
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

/// A store that fails its integrity check is no authority any more, and says so wherever somebody looks.
@Suite(.timeLimit(.minutes(2))) struct IntegrityTests {
  /// Takes a frame out of the middle of a running service's journal, where no reader would notice by its checksum.
  private func damage(_ service: RunningService) async throws {
    try await service.store.write { transaction in
      try transaction.database.execute(sql: #"DELETE FROM "journal/ingestion" WHERE position = 2"#)
    }
  }

  private func checkRefusals(of service: RunningService, _ harness: ServiceHarness) async throws {
    let client = try harness.client(of: .ingestion)
    #expect(try await client.call(HealthAPI.check, HealthRequest()).status == .notServing)
    let status = try await client.call(OperationsAPI.status, StatusRequest())
    #expect(status.problem?.contains("integrity check") == true, "\(String(describing: status.problem))")

    try await harness.start(reader())
    let follower = try harness.client(of: readerProfile)
    try await waitUntil("the reader has given up") {
      try await follower.call(OperationsAPI.status, StatusRequest()).upstreams.contains { $0.state == .failed }
    }
    let problem = try await follower.call(OperationsAPI.status, StatusRequest()).upstreams.first?.problem
    #expect(problem?.contains("integrity check") == true, "\(String(describing: problem))")
    #expect(try await follower.call(NotesAPI.count, Question()).number == 0, "nobody hands out what can't be trusted")
    let writing = await #expect(throws: Fault.self) {
      try await client.call(NotesAPI.take, TakeNote(key: "d", text: "x"))
    }
    #expect(writing?.code == .dataLoss)
    #expect(try await client.call(NotesAPI.count, Question()).number == 3, "what it holds can be asked for")

    let address = try #require(service.address(of: .admin))
    for path in ["readyz", "healthz"] {
      let url = try #require(URL(string: "http://\(address)/\(path)"))
      let (data, response) = try await URLSession.shared.data(from: url)
      #expect((response as? HTTPURLResponse)?.statusCode == 503)
      #expect(String(decoding: data, as: UTF8.self).contains("integrity check"), "\(path)")
    }
  }

  private func take(_ client: CallClient) async throws {
    for key in ["a", "b", "c"] { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: "x")) }
  }

  @Test func aCheckByCommandTakesADamagedStoreOutOfService() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--integrity-check-hours", "0"])
      let client = try harness.client(of: .ingestion)
      try await take(client)
      let sound = try await client.call(OperationsAPI.checkIntegrity, CheckIntegrity())
      #expect(sound.problems.isEmpty && sound.recordsChecked == 3)
      #expect(try await client.call(HealthAPI.check, HealthRequest()).status == .serving)
      try await damage(service)
      #expect(try await client.call(OperationsAPI.checkIntegrity, CheckIntegrity()).problems.count == 1)
      try await checkRefusals(of: service, harness)
    }
  }

  @Test func aDamagedStoreIsFoundAfterAStart() async throws {
    try await withServiceHarness { harness in
      let first = try await harness.start(notary(), ["--integrity-check-hours", "0"])
      try await take(harness.client(of: .ingestion))
      try await damage(first)
      try await first.stop()
      let service = try await harness.start(notary())
      let client = try harness.client(of: .ingestion)
      try await waitUntil("the damage is found") {
        try await client.call(HealthAPI.check, HealthRequest()).status == .notServing
      }
      try await checkRefusals(of: service, harness)
    }
  }

  @Test func aSoundStoreIsCheckedAgainInTime() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary(), ["--integrity-check-hours", "2"])
      let client = try harness.client(of: .ingestion)
      try await take(client)
      try await waitUntil("the first check is done") { harness.clock.sleeperCount == 2 }
      try await damage(service)
      #expect(try await client.call(HealthAPI.check, HealthRequest()).status == .serving)
      harness.clock.advance(by: .hours(2))
      try await waitUntil("the damage is found") {
        try await client.call(HealthAPI.check, HealthRequest()).status == .notServing
      }
    }
  }
}
