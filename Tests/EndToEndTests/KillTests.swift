import Foundation
import TestSupport
import Testing

/// The last line of an import.
struct ImportLine: Codable {
  var rows, imported, duplicates, rejected: Int
  var rejectsFile: String?
}

extension UnderLoadTests {
  /// Whichever service is killed whenever: afterwards nothing is lost and nothing is doubled.
  @Suite(.serialized) struct KillTests {
    @Test(.timeLimit(.minutes(5))) func nothingIsLostWhenServicesAreKilledDuringAnImport() async throws {
      let seed = UInt64.random(in: .min ... .max)
      var random = SeededGenerator(seed: seed)
      let rows = 4000
      try await Cluster.with { cluster in
        let file = cluster.folder.appending(component: "feedback.csv")
        try Self.file(rows: rows, using: &random).write(to: file)
        async let imported = cluster.run(
          "import",
          file.path,
          "--programme",
          "northwind",
          "--create",
          "--channel",
          "call",
          "--map",
          "id=id",
          "--map",
          "text=text",
          "--map",
          "team=team",
          "--map",
          "customer=customer",
          "--json"
        )
        try await Self.killing(cluster, times: 12, using: &random)
        let result = try await imported
        #expect(result.status == 0, "seed \(seed): \(result.errors)")
        let summary = try result.lastLine(as: ImportLine.self)
        #expect(summary.rows == rows, "seed \(seed)")
        #expect(summary.imported + summary.duplicates + summary.rejected == rows, "seed \(seed)")
        #expect(summary.rejected == 0, "seed \(seed)")

        try await cluster.waitUntilCaughtUp()
        for service in Cluster.services {
          let status = cluster.stop(service)
          #expect(status == 0, "\(service) didn't stop well, seed \(seed)")
        }
        let problems = try StoreChecker(data: cluster.data).problems()
        #expect(problems == [], "seed \(seed)")
      }
    }

    /// SIGKILL to a service at random, and a new start, over and over.
    private static func killing(_ cluster: Cluster, times: Int, using random: inout SeededGenerator) async throws {
      let clock = ContinuousClock()
      for _ in 0..<times {
        let service = Cluster.services[Int.random(in: 0..<Cluster.services.count, using: &random)]
        // The moment is random on purpose; no condition is being waited for.
        try await clock.sleep(for: .milliseconds(Int.random(in: 20...400, using: &random)))
        cluster.kill(service)
        try await clock.sleep(for: .milliseconds(Int.random(in: 0...200, using: &random)))
        try cluster.start(service)
      }
      try await cluster.waitUntilReady()
    }

    private static func file(rows: Int, using random: inout SeededGenerator) -> Data {
      let subjects = ["bag", "flight", "bill", "router", "parcel", "agent", "line", "seat"]
      let pains = ["was lost", "came late", "is wrong", "never arrived", "keeps dropping", "was cancelled"]
      var text = "id,team,customer,text\n"
      for row in 1...rows {
        let subject = subjects[Int.random(in: 0..<subjects.count, using: &random)]
        let pain = pains[Int.random(in: 0..<pains.count, using: &random)]
        text += "\(row),team-\(row % 3),customer-\(row % 700),\"My \(subject) \(pain), and this is time \(row)\"\n"
      }
      return Data(text.utf8)
    }
  }
}
