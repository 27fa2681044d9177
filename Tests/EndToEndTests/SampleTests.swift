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
        for shown in ["CONTACT DUE", "No internet since Monday", "All three receipts: "] {
          #expect(load.text.contains(shown), "the output shows the loops: \(load.text)")
        }
      }
      try await Self.checkOpportunities(cluster)
      try await Self.checkImprovements(cluster)
      try await Self.checkLoops(cluster)
    }
  }

  private static func checkOpportunities(_ cluster: Cluster) async throws {
    let list = try await json(cluster, "opportunities", "--limit", "10")
    let titles = ((list["opportunities"] as? [[String: Any]]) ?? []).compactMap {
      ($0["opportunity"] as? [String: Any])?["title"] as? String
    }.joined(separator: "\n").lowercased()
    #expect(titles.contains("engineer"), "\(titles)")
    #expect(titles.contains("bill"), "\(titles)")
    let answered = ((list["opportunities"] as? [[String: Any]]) ?? []).filter {
      (($0["opportunity"] as? [String: Any])?["ideas"] as? [String])?.isEmpty == false
    }
    #expect(!answered.isEmpty, "some of what customers ask for is answered by an idea")
    #expect(list["items"] as? Int == 303)
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
    let terms = goals.compactMap { $0["goal"] as? [String: Any] }
    let early = try #require(terms.first { $0["kind"] as? String == "closeLoop" })
    let later = try #require(terms.first { $0["kind"] as? String == "suggest" })
    #expect("\(early["from"] ?? "")" < "\(later["from"] ?? "")", "one window began a week ago: \(terms)")
    #expect(goals.contains { (($0["goal"] as? [String: Any])?["progress"] as? Int ?? 0) > 0 })

    // The refuted test earns what the confirmed one earns.
    let credits = try await json(cluster, "teams", "credits")["credits"] as? [[String: Any]] ?? []
    let tested = credits.filter { $0["reason"] as? String == "concludedTest" }
    #expect(Set(tested.compactMap { $0["team"] as? String }) == ["leeds-field", "gdansk-chat"])
    #expect(Set(tested.compactMap { ($0["amount"] as? NSNumber)?.doubleValue }) == [3])
  }

  /// Customers' words opened three cases: one loop is closed, one is under way, one waits.
  private static func checkLoops(_ cluster: Cluster) async throws {
    let cases = try await json(cluster, "cases")["cases"] as? [[String: Any]] ?? []
    let states = cases.compactMap { $0["state"] as? String }.sorted()
    #expect(states == ["closed", "contacted", "open"], "\(cases)")
    let closed = try #require(cases.first { $0["state"] as? String == "closed" })
    #expect((closed["verbatim"] as? String)?.hasPrefix("No internet since Monday") == true)
    #expect(closed["rootCause"] as? String == "visits were moved without telling the customer")

    let report = try await json(cluster, "outer", "closures")
    let closures = report["closures"] as? [[String: Any]] ?? []
    let whole = closures.filter { closure in
      ["customerToldAt", "frontLinerToldAt", "systemChangedAt"].allSatisfy {
        closure[$0] is String
      }
    }
    #expect(whole.compactMap { $0["subject"] as? String } == [closed["id"] as? String], "\(closures)")

    let outer = try await json(cluster, "outer")["items"] as? [[String: Any]] ?? []
    #expect(outer.contains { $0["reason"] as? String == "beyondTeamControl" }, "\(outer)")
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
