import Foundation
import TestSupport
import Testing

/// What a newcomer sees: the sample, loaded twice, and the lists over it.
@Suite(.serialized) struct SampleTests {
  @Test(.timeLimit(.minutes(5))) func theSampleTellsAWholeLoop() async throws {
    try await Cluster.with { cluster in
      for _ in 1...2 {
        let load = try await Command.run(
          Binaries.root.appending(components: "deploy", "sample", "load"),
          [],
          environment: [
            "PATH": "\(Binaries.folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")",
            "GROUNDSWELL_CONFIG": cluster.configuration.path,
          ]
        )
        #expect(load.status == 0, "\(load.text)\(load.errors)")
      }
      try await Self.checkOpportunities(cluster)
      try await Self.checkImprovements(cluster)
    }
  }

  private static func checkOpportunities(_ cluster: Cluster) async throws {
    let list = try await json(cluster, "opportunities", "--limit", "10")
    let titles = ((list["opportunities"] as? [[String: Any]]) ?? []).compactMap {
      ($0["opportunity"] as? [String: Any])?["title"] as? String
    }.joined(separator: "\n").lowercased()
    #expect(titles.contains("engineer"), "\(titles)")
    #expect(titles.contains("bill"), "\(titles)")
    #expect(list["items"] as? Int == 300)
  }

  private static func checkImprovements(_ cluster: Cluster) async throws {
    let tests = try await json(cluster, "experiments")["experiments"] as? [[String: Any]] ?? []
    let verdicts = tests.compactMap { ($0["verdict"] as? [String: Any])?["outcome"] as? String }.sorted()
    #expect(verdicts == ["confirmed", "refuted"])

    let graves = try await json(cluster, "graveyard")["graves"] as? [[String: Any]] ?? []
    #expect(graves.count == 1)
    #expect((graves.first?["lesson"] as? String)?.contains("Two questions") == true)

    let goals = try await json(cluster, "goals")["goals"] as? [[String: Any]] ?? []
    #expect(goals.count == 3)
    #expect(goals.contains { (($0["goal"] as? [String: Any])?["progress"] as? Int ?? 0) > 0 })

    // The refuted test earns what the confirmed one earns.
    let credits = try await json(cluster, "teams", "credits")["credits"] as? [[String: Any]] ?? []
    let tested = credits.filter { $0["reason"] as? String == "concludedTest" }
    #expect(Set(tested.compactMap { $0["team"] as? String }) == ["leeds-field", "gdansk-chat"])
    #expect(Set(tested.compactMap { ($0["amount"] as? NSNumber)?.doubleValue }) == [3])
  }

  private static func json(_ cluster: Cluster, _ arguments: String...) async throws -> [String: Any] {
    let result = try await Command.run(
      Binaries.folder.appending(component: "groundswell"),
      arguments + ["--programme", "northwind", "--json", "--config", cluster.configuration.path]
    )
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return try JSONSerialization.jsonObject(with: result.output) as? [String: Any] ?? [:]
  }
}
