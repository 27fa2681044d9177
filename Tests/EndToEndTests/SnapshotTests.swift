import Foundation
import TestSupport
import Testing

extension UnderLoadTests {
  /// Whoever comes when a journal's beginning is gone ends up with the same feedback as those who were there.
  @Suite(.serialized) struct SnapshotTests {
    private static let rows = 4000
    /// Nobody else knows of it.
    private static let late = "ranking-9"
    private static let bounds = ["--journal-most-megabytes", "1", "--integrity-check-hours", "0"]

    @Test(.timeLimit(.minutes(8))) func aLateFollowerIsKilledWhileItTakesWhatIsKeptAndComesToTheSame() async throws {
      try await Cluster.with(flags: ["ingestion": Self.bounds]) { cluster in
        let file = cluster.folder.appending(component: "feedback.csv")
        try Self.file().write(to: file)
        let imported = try await cluster.importFeedback(file, columns: ["id", "text", "team"])
        #expect(imported.status == 0, "\(imported.errors)")
        try await Self.publish("secret-1", ["text": "The secret word is plumbago"], to: cluster)
        try await Self.publish("edited-1", ["text": "The bill was rong"], to: cluster)
        try await Self.publish("edited-1", ["text": "The bill was wrong", "revision": 2], to: cluster)
        try await Self.withdraw("secret-1", from: cluster)
        try await cluster.waitUntilCaughtUp()
        let checker = StoreChecker(data: cluster.data, members: ["ingestion", "ranking", Self.late])
        try await eventually("the journal is trimmed", within: .seconds(180)) {
          try checker.rows("SELECT stream FROM trims WHERE stream = 'ingestion'", of: ["ingestion"]) == ["ingestion"]
        }

        try Self.startLate(cluster)
        try await eventually("some of what is kept has been applied") {
          // There is no store, or no such table, at first.
          let begun = try? checker.rows(
            "SELECT id FROM feedback, snapshots WHERE head IS NOT NULL LIMIT 1",
            of: [Self.late]
          )
          return begun?.isEmpty == false
        }
        cluster.kill(Self.late)
        let cursors = "SELECT stream FROM cursors WHERE stream = 'ingestion'"
        #expect(try checker.rows(cursors, of: [Self.late]) == [], "it was killed too late to show anything")
        let applied = try checker.rows("SELECT id FROM feedback", of: [Self.late]).count
        #expect((1..<Self.rows).contains(applied), "\(applied) were applied when it was killed")

        try Self.startLate(cluster)
        try await Self.expectTheSame(checker, count: Self.rows + 1)
        // From there on it hears what everybody hears.
        try await Self.publish("later-1", ["text": "The router keeps dropping"], to: cluster)
        try await Self.expectTheSame(checker, count: Self.rows + 2)
        let texts = try checker.rows("SELECT text FROM feedback", of: [Self.late])
        #expect(texts.contains("The bill was wrong") && !texts.contains { $0.contains("plumbago") })
        #expect(try checker.rows("SELECT error FROM dead_letters", of: [Self.late]) == [])
        #expect(
          try checker.rows("SELECT stream FROM snapshots UNION SELECT stream FROM snapshot_frames", of: [Self.late])
            == []
        )
        #expect(cluster.stop(Self.late) == 0)
      }
    }

    // MARK: Steps

    private static func startLate(_ cluster: Cluster) throws {
      try cluster.startOutsider(late, program: "ranking", ["--instance", "9", "--partitions", "all"])
    }

    private static func expectTheSame(_ checker: StoreChecker, count: Int) async throws {
      let question = "SELECT programme || '/' || id || ' ' || revision || ' ' || text FROM feedback"
      try await eventually("the late one has the same \(count) pieces of feedback", within: .seconds(120)) {
        let feedback = try checker.rows(question, of: [late])
        return try feedback.count == count && feedback == checker.rows(question, of: ["ranking"])
      }
    }

    private static func publish(_ id: String, _ data: [String: Any], to cluster: Cluster) async throws {
      let whole = data.merging(["programme": "northwind", "channel": "call", "occurredAt": "2026-11-20T10:00:00Z"]) {
        $1
      }
      try await send("\(id)-\(data["revision"] ?? 1)", "groundswell.feedback.v1", id, whole, to: cluster)
    }

    private static func withdraw(_ id: String, from cluster: Cluster) async throws {
      let data = ["programme": "northwind", "sourceRecordID": id]
      try await send("w-\(id)", "groundswell.feedback.withdrawn.v1", "w-\(id)", data, to: cluster)
    }

    /// - Parameter name: of the file.
    private static func send(
      _ name: String,
      _ type: String,
      _ id: String,
      _ data: [String: Any],
      to cluster: Cluster
    ) async throws {
      let event: [String: Any] = [
        "specversion": "1.0", "type": type, "source": "/till", "id": id, "datacontenttype": "application/json",
        "data": data,
      ]
      let file = cluster.folder.appending(component: "\(name).json")
      try JSONSerialization.data(withJSONObject: event).write(to: file)
      try await succeed(cluster, ["publish", "--file", file.path, "--programme", "northwind"])
    }

    private static func succeed(_ cluster: Cluster, _ arguments: [String]) async throws {
      let result = try await cluster.run(arguments)
      try #require(result.status == 0, "\(arguments): \(result.errors)")
    }

    /// Some 3 MB in the journal.
    private static func file() -> Data {
      let subjects = ["bag", "flight", "bill", "router", "parcel", "agent", "line", "seat"]
      let pains = ["was lost", "came late", "is wrong", "never arrived", "keeps dropping", "was cancelled"]
      let rest = String(repeating: "and nobody told me why or when it would be over, ", count: 4)
      var text = "id,team,text\n"
      for row in 1...rows {
        text += "\(row),team-\(row % 3),\"My \(subjects[row % 8]) \(pains[row % 6]), \(rest)and this is time \(row)\"\n"
      }
      return Data(text.utf8)
    }
  }
}
