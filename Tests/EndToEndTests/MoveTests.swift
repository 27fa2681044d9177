import Foundation
import FoundationNetworking
import TestSupport
import Testing

extension UnderLoadTests {
  /// Partitions change hands under load, whoever is killed meanwhile: nothing is lost, nothing doubled, and each programme
  /// is somebody's.
  @Suite(.serialized) struct MoveTests {
    /// What commands of the test come to.
    private struct Submitted: Decodable {
      struct Idea: Decodable { var id: String }
      var idea: Idea
    }

    private static let movers = ["ranking", "loop-closure"]

    @Test(.timeLimit(.minutes(5))) func halfOfThePartitionsMoveDuringAnImportWhileInstancesAreKilled() async throws {
      let seed = UInt64.random(in: .min ... .max)
      var random = SeededGenerator(seed: seed)
      let names = programmes(inPartitions: 0...31, count: 2) + programmes(inPartitions: 32...63, count: 2)
      try await Cluster.with(instances: ["ranking": 2, "loop-closure": 2]) { cluster in
        var files: [(programme: String, file: URL)] = []
        for name in names {
          let file = cluster.folder.appending(component: "\(name).csv")
          try FeedbackFile.complaints(rows: 1200, using: &random).write(to: file)
          files.append((name, file))
        }
        let ideas = try await withThrowingTaskGroup(of: [String].self) { group in
          for (programme, file) in files {
            group.addTask { try await Self.load(file, as: programme, into: cluster, seed) }
          }
          for service in Self.movers {
            group.addTask { try await Self.move("32-63", of: service, from: 0, to: 1, in: cluster, seed) }
          }
          let kills = Self.movers.flatMap { [$0, "\($0)-1"] }.map { member in
            (
              member, Duration.milliseconds(Int.random(in: 0...4000, using: &random)),
              Duration.milliseconds(Int.random(in: 0...300, using: &random))
            )
          }
          for (member, moment, pause) in kills {
            group.addTask {
              // The moment is random on purpose; no condition is being waited for.
              try await ContinuousClock().sleep(for: moment)
              cluster.kill(member)
              try await ContinuousClock().sleep(for: pause)
              try cluster.start(member)
              return []
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        try await cluster.waitUntilReady()
        try await cluster.waitUntilCaughtUp()
        try await Self.compareWithOneInstance(cluster, seed)
        for member in cluster.members { #expect(cluster.stop(member) == 0, "\(member) didn't stop well, seed \(seed)") }
        try Self.check(cluster, ideas, seed)
      }
    }

    @Test(.timeLimit(.minutes(3))) func aMoveThatCouldNotBeginIsBegunAgain() async throws {
      try await Cluster.with(instances: ["ranking": 2]) { cluster in
        let moving = programmes(inPartitions: 32...63, count: 1)[0]
        let file = cluster.folder.appending(component: "feedback.csv")
        var random = SeededGenerator(seed: 1)
        try FeedbackFile.complaints(rows: 300, using: &random).write(to: file)
        _ = try await Self.load(file, as: moving, into: cluster, 1, ideas: 0)
        try await eventually("followers have reported to both") {
          try await cluster.run("move", "ranking", "--partitions", "63", "--from", "0", "--to", "1", "--json").status
            == 0
        }
        // Where the new owner isn't there, nothing is fenced in the first place.
        cluster.kill("ranking-1")
        let failed = try await cluster.run(
          "move",
          "ranking",
          "--partitions",
          "32-62",
          "--from",
          "0",
          "--to",
          "1",
          "--move-seconds",
          "1",
          "--json"
        )
        #expect(failed.status == 69, "\(failed.errors)")
        #expect(try await Self.health(cluster) == ["ranking/0": true, "ranking/1": false])
        try cluster.start("ranking-1")
        try await cluster.waitUntilReady()
        try await eventually("the gateway has both again") {
          try await Self.health(cluster) == ["ranking/0": true, "ranking/1": true]
        }
        let list = ["opportunities", "--programme", moving, "--json"]
        let before = try await cluster.run(list)
        #expect(before.status == 0, "\(before.errors)")
        _ = try await Self.move("32-62", of: "ranking", from: 0, to: 1, in: cluster, 1)
        let after = try await cluster.run(list)
        #expect(after.status == 0, "\(after.errors)")
        #expect(try Self.items(after) == 300)
        // Again changes nothing, and what is done can't be taken back by halves.
        let again = try await cluster.run("move", "ranking", "--partitions", "32-62", "--from", "0", "--to", "1")
        #expect(again.errors.contains("nothingLeft"), "\(again.errors)")
        let undone = try await cluster.run(
          "move",
          "ranking",
          "--partitions",
          "32-62",
          "--from",
          "0",
          "--to",
          "1",
          "--undo",
          "--json"
        )
        #expect(undone.status == 0 && undone.text.contains("\"none\""), "\(undone.text)")
      }
    }

    // MARK: Steps

    /// Whether Ranking's instances answer, as the gateway says.
    private static func health(_ cluster: Cluster) async throws -> [String: Bool] {
      struct Health: Decodable {
        struct Instance: Decodable {
          var service: String
          var instance: Int
          var isAnswering: Bool
        }
        var services: [Instance]
      }
      let url = try #require(URL(string: "http://127.0.0.1:\(cluster.consolePort)/api/v1/health"))
      let (data, _) = try await URLSession.shared.data(from: url)
      return try JSONDecoder().decode(Health.self, from: data).services.filter { $0.service == "ranking" }
        .reduce(into: [:]) { $0["\($1.service)/\($1.instance)"] = $1.isAnswering }
    }

    private static func items(_ result: CommandResult) throws -> Int? {
      let list = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
      return list?["items"] as? Int
    }

    /// Imports a file, and submits ideas beside it, again and again under one id until each is taken.
    /// - Returns: the ideas' ids.
    private static func load(
      _ file: URL,
      as programme: String,
      into cluster: Cluster,
      _ seed: UInt64,
      ideas count: Int = 8
    ) async throws -> [String] {
      async let imported = cluster.importFeedback(
        file,
        as: programme,
        columns: ["id", "text", "team", "customer"],
        source: "/\(programme)"
      )
      try await eventually("\(programme) is known") {
        try await cluster.run("ideas", "--programme", programme, "--json").status == 0
      }
      var ideas: [String] = []
      for number in 0..<count {
        var result: CommandResult?
        try await eventually("idea \(number) of \(programme) is taken, seed \(seed)") {
          result = try await cluster.run(
            "ideas",
            "submit",
            "Idea \(number)",
            "Something else that helps, \(number) \(programme) \(number * 7919)",
            "--programme",
            programme,
            "--request-id",
            "idea-\(programme)-\(number)",
            "--json"
          )
          return result?.status == 0
        }
        ideas.append(try JSONDecoder().decode(Submitted.self, from: result?.output ?? Data()).idea.id)
      }
      let result = try await imported
      #expect(result.status == 0, "seed \(seed): \(result.errors)")
      return ideas
    }

    private static func move(
      _ partitions: String,
      of service: String,
      from: Int,
      to: Int,
      in cluster: Cluster,
      _ seed: UInt64
    ) async throws -> [String] {
      // Refused until everyone who follows the old owner has reported to the new one.
      try await eventually("\(partitions) of \(service) have moved, seed \(seed)", within: .seconds(120)) {
        let result = try await cluster.run(
          "move",
          service,
          "--partitions",
          partitions,
          "--from",
          "\(from)",
          "--to",
          "\(to)",
          "--json"
        )
        return result.status == 0
      }
      return []
    }

    private static func check(_ cluster: Cluster, _ ideas: [String], _ seed: UInt64) throws {
      let checker = StoreChecker(data: cluster.data, members: cluster.members)
      #expect(try checker.problems() == [], "seed \(seed)")
      let loops = ["loop-closure", "loop-closure-1"]
      #expect(try checker.rows("SELECT id FROM idea", of: loops) == ideas.sorted(), "seed \(seed)")
      #expect(Set(ideas).count == ideas.count)
      // A case is opened once for what asks for one.
      let cases = try checker.rows("SELECT feedback FROM serviceCase", of: loops)
      #expect(Set(cases).count == cases.count, "seed \(seed)")
      for table in ["feedback", "idea", "opportunity"] {
        let rows = try checker.rows("SELECT programme FROM \(table)", of: ["ranking-1"])
        #expect(!rows.isEmpty || table == "opportunity", "nothing of \(table) has moved, seed \(seed)")
      }
    }

    /// Another Ranking, which nobody knows of, works out alone what the two have divided among them.
    private static func compareWithOneInstance(_ cluster: Cluster, _ seed: UInt64) async throws {
      try cluster.startOutsider("control", program: "ranking", ["--instance", "9", "--partitions", "all"])
      let checker = StoreChecker(data: cluster.data, members: ["ranking", "ranking-1", "ranking-9"])
      let questions = [
        "SELECT programme || '/' || id || ' ' || coalesce(home, '') || ' ' || coalesce(theme, '') FROM feedback",
        "SELECT programme || '/' || number || ' ' || isLive || ' ' || items FROM theme",
        "SELECT programme || '/' || id || ' ' || items || ' ' || state FROM opportunity",
        "SELECT programme || '/' || id || ' ' || canonical FROM idea",
      ]
      for question in questions {
        try await eventually("one instance has worked out the same, seed \(seed): \(question)") {
          guard FileManager.default.fileExists(atPath: cluster.data.appending(component: "ranking-9.sqlite").path)
          else {
            return false
          }
          guard let alone = try? checker.rows(question, of: ["ranking-9"]) else { return false }
          return try !alone.isEmpty && alone == checker.rows(question, of: ["ranking", "ranking-1"])
        }
      }
      _ = cluster.stop("control")
    }
  }
}
