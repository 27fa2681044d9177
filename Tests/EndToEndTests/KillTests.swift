import Foundation
import TestSupport
import Testing

extension UnderLoadTests {
  /// Whichever service is killed whenever: afterwards nothing is lost and nothing is doubled.
  @Suite(.serialized) struct KillTests {
    @Test(.timeLimit(.minutes(5))) func nothingIsLostWhenServicesAreKilledDuringAnImport() async throws {
      let seed = UInt64.random(in: .min ... .max)
      var random = SeededGenerator(seed: seed)
      let rows = 4000
      try await Cluster.with { cluster in
        let file = cluster.folder.appending(component: "feedback.csv")
        try FeedbackFile.complaints(rows: rows, using: &random).write(to: file)
        async let imported = cluster.importFeedback(file, columns: ["id", "text", "team", "customer"])
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
  }
}
