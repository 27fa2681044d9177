import Foundation
import TestSupport
import Testing

extension UnderLoadTests {
  /// A consumer that stops holds up nobody else, and has missed nothing when it goes on.
  @Suite(.serialized) struct StuckConsumerTests {
    private static func position(of stream: String, in service: String, _ cluster: Cluster) async throws -> Int {
      // What stands still answers nothing.
      let result = try await cluster.run("status", "--json", "--timeout", "1")
      let reports = try JSONSerialization.jsonObject(with: result.output) as? [[String: Any]] ?? []
      let status = reports.first { $0["service"] as? String == service }?["status"] as? [String: Any]
      let upstreams = status?["upstreams"] as? [[String: Any]] ?? []
      return upstreams.first { $0["stream"] as? String == stream }?["position"] as? Int ?? 0
    }

    @Test(.timeLimit(.minutes(3))) func aStoppedConsumerHoldsUpNobody() async throws {
      let rows = 4000
      try await Cluster.with { cluster in
        let file = cluster.folder.appending(component: "feedback.csv")
        let words = String(repeating: "My parcel never came, and nobody knows where it is. ", count: 40)
        let lines = (1...rows).map { "\($0),\"\($0): \(words)\"" }
        try Data(("id,text\n" + lines.joined(separator: "\n")).utf8).write(to: file)
        try await cluster.freeze("loop-closure")
        let imported = try await cluster.importFeedback(file, channel: "chat", columns: ["id", "text"])
        #expect(imported.status == 0, "\(imported.errors)")
        try await eventually("Ranking has it all while LoopClosure stands still") {
          try await Self.position(of: "ingestion", in: "ranking", cluster) >= rows
        }
        try cluster.thaw("loop-closure")
        try await cluster.waitUntilCaughtUp()
        for service in Cluster.services { #expect(cluster.stop(service) == 0) }
        #expect(try StoreChecker(data: cluster.data).problems() == [])
      }
    }
  }
}
