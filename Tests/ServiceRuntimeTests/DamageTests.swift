import Contracts
import Foundation
import FoundationNetworking
import GRDB
import Messaging
import Records
import ServiceRuntime
import Storage
import Synchronization
import TestSupport
import Testing

/// A service that can't read what it follows stops there, says so wherever somebody looks, and goes on answering.
@Suite(.timeLimit(.minutes(2))) struct DamageTests {
  private func take(_ keys: [String], _ client: CallClient) async throws {
    for key in keys { _ = try await client.call(NotesAPI.take, TakeNote(key: key, text: "x")) }
  }

  /// Waits until the reader can't follow the notary any more, and returns what it says of that.
  private func failure(_ client: CallClient) async throws -> UpstreamStatus {
    try await waitUntil("the reader has given up") {
      try await client.call(OperationsAPI.status, StatusRequest()).upstreams.contains { $0.state == .failed }
    }
    return try #require(try await client.call(OperationsAPI.status, StatusRequest()).upstreams.first)
  }

  private func get(_ path: String, of service: RunningService) async throws -> String {
    let address = try #require(service.address(of: .admin))
    let url = try #require(URL(string: "http://\(address)/\(path)"))
    return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
  }

  /// Flips a bit of the last record in a stopped service's journal.
  private func damageJournal(in directory: TemporaryDirectory) throws {
    let database = try DatabaseQueue(path: "\(directory.path)/ingestion.sqlite")
    try database.write { database in
      let table = "\"journal/ingestion\""
      let frames = try Row.fetchAll(
        database,
        sql: "SELECT position, frame FROM \(table) ORDER BY position DESC LIMIT 1"
      )
      let row = try #require(frames.first)
      var frame: Data = row["frame"]
      frame[frame.count - 1] ^= 1
      let position: Int64 = row["position"]
      try database.execute(sql: "UPDATE \(table) SET frame = ? WHERE position = ?", arguments: [frame, position])
    }
    try database.close()
  }

  @Test func aDamagedRecordIsNeitherAppliedNorPassedOver() async throws {
    try await withServiceHarness { harness in
      let publisher = try await harness.start(notary())
      try await take(["a", "b", "c"], harness.client(of: .ingestion))
      try await publisher.stop()
      try damageJournal(in: harness.directory)
      // Whoever is read before a check finds the damage hands out what is sound.
      try await harness.start(notary(), ["--integrity-check-hours", "0"])
      let follower = try await harness.start(reader())
      let client = try harness.client(of: readerProfile)

      let upstream = try await failure(client)
      #expect(upstream.problem?.contains("damaged") == true, "\(String(describing: upstream.problem))")
      #expect(upstream.problem?.contains("estore the latest backup") == true, "\(String(describing: upstream.problem))")
      let ready = try await get("readyz", of: follower)
      #expect(ready.contains(#""state":"failed""#) && ready.contains("damaged"), "\(ready)")
      let metrics = try await get("metrics", of: follower)
      #expect(metrics.contains("groundswell_upstream_failed{instance=\"0\",stream=\"ingestion\"} 1\n"))
      #expect(try await client.call(NotesAPI.count, Question()).number == 2, "what came before the damage is applied")
      #expect(try await client.call(OperationsAPI.status, StatusRequest()).deadLetters == 0)
      let cursors = try await follower.store.read { try Records.Cursor.fetchAll($0) }
      #expect(cursors.map(\.position) == [2], "the cursor stands before the damage")
    }
  }

  @Test func aBatchThatCanNeverBeReadEndsTheSubscription() async throws {
    try await withServiceHarness { harness in
      let orders = Orders()
      orders.contents.withLock { $0.lastingFailure = Records.FrameError.chain(firstPosition: 1) }
      try await harness.start(notary())
      let follower = try await harness.start(reader(orders))
      let client = try harness.client(of: readerProfile)
      try await take(["a"], harness.client(of: .ingestion))
      let upstream = try await failure(client)
      #expect(upstream.problem?.contains("chain hash") == true, "\(String(describing: upstream.problem))")
      #expect(orders.contents.withLock { $0.batches } == 5, "it is tried five times")
      #expect(try await client.call(NotesAPI.count, Question()).number == 0)

      // A restart begins where the cursor stands, and nothing was lost.
      orders.contents.withLock { $0.lastingFailure = nil }
      try await follower.stop()
      try await harness.start(reader(orders))
      try await waitUntil("the note is there") {
        try await client.call(NotesAPI.count, Question()).number == 1
      }
    }
  }
}
