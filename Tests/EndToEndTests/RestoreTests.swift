import Contracts
import Foundation
import TestSupport
import Testing

/// Backups of running services, and what everyone downstream makes of one that was restored.
@Suite(.serialized) struct RestoreTests {
  private struct Backups: Decodable {
    struct Copy: Decodable {
      var service: String
      var path: String
    }
    var backups: [Copy]
    var isConsistent: Bool

    func path(of service: String) -> String { backups.first { $0.service == service }?.path ?? "" }
  }

  private struct Report: Decodable {
    var service: String
    var status: ServiceStatus?
  }

  private func publish(_ words: [String], to cluster: Cluster) async throws {
    for text in words {
      let result = try await cluster.run("publish", text, "--programme", "northwind")
      #expect(result.status == 0, "\(result.errors)")
    }
  }

  private func backUp(_ cluster: Cluster, to name: String) async throws -> Backups {
    let result = try await cluster.run("backup", "--to", cluster.folder.appending(component: name).path, "--json")
    #expect(result.status == 0, "\(result.errors)")
    return try result.lastLine(as: Backups.self)
  }

  private func reports(_ cluster: Cluster) async throws -> [Report] {
    try await cluster.run("status", "--json").lastLine(as: [Report].self)
  }

  private func epoch(of stream: StreamName, _ cluster: Cluster) async throws -> String? {
    try await reports(cluster).compactMap(\.status).flatMap(\.heads).first { $0.stream == stream }?.epoch
  }

  /// Services that can't follow the stream any more.
  private func failures(of stream: StreamName, _ cluster: Cluster) async throws -> Set<String> {
    Set(
      try await reports(cluster).filter { report in
        report.status?.upstreams.contains { $0.stream == stream && $0.state == .failed } ?? false
      }.map(\.service)
    )
  }

  private func restore(_ service: String, from backup: String, _ cluster: Cluster) async throws {
    let result = try await cluster.run("restore", service, "--from", backup)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.text.contains("kept as"))
  }

  @Test(.timeLimit(.minutes(5))) func followersFindOutThatTheirPublisherWasRestored() async throws {
    try await Cluster.with { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.waitUntilCaughtUp()
      try await publish(["the bag was lost", "the bill is wrong"], to: cluster)
      try await cluster.waitUntilCaughtUp()
      let first = try await epoch(of: .ingestion, cluster)
      let set = try await backUp(cluster, to: "backups")
      #expect(set.isConsistent && set.backups.count == Cluster.services.count)

      // In use, it is not replaced.
      let refused = try await cluster.run("restore", "ingestion", "--from", set.path(of: "ingestion"))
      #expect(refused.status == 75 && refused.errors.contains("in use by process"), "\(refused.errors)")

      // Nobody had read more than the backup holds: all go on.
      #expect(cluster.stop("ingestion") == 0)
      let wrong = try await cluster.run("restore", "ingestion", "--from", set.path(of: "ranking"))
      #expect(wrong.status == 78 && wrong.errors.contains("another service's"), "\(wrong.errors)")
      try await restore("ingestion", from: set.path(of: "ingestion"), cluster)
      try cluster.start("ingestion")
      try await cluster.waitUntilReady()
      #expect(try await epoch(of: .ingestion, cluster) != first)
      try await publish(["the parcel came late"], to: cluster)
      try await cluster.waitUntilCaughtUp()

      // All had read one record more: none merges the other history, and all say so.
      cluster.kill("ingestion")
      try await restore("ingestion", from: set.path(of: "ingestion"), cluster)
      try cluster.start("ingestion")
      try await eventually("every follower has found out") {
        try await failures(of: .ingestion, cluster) == ["ranking", "loop-closure", "gateway"]
      }
      let status = try await cluster.run("status")
      #expect(status.status == 1 && status.text.contains("ranking can't follow ingestion any more"), "\(status.text)")

      // Copies of one run belong together.
      for service in Cluster.services { #expect(cluster.stop(service) == 0) }
      for service in Cluster.services { try await restore(service, from: set.path(of: service), cluster) }
      for service in Cluster.services { try cluster.start(service) }
      try await cluster.waitUntilReady()
      try await publish(["the seat was broken"], to: cluster)
      try await cluster.waitUntilCaughtUp()
      for service in Cluster.services { #expect(cluster.stop(service) == 0) }
      let problems = try StoreChecker(data: cluster.data).problems()
      #expect(problems == [])
    }
  }

  @Test(.timeLimit(.minutes(5))) func backupsOfOneRunBelongTogetherWhileEverythingMoves() async throws {
    try await Cluster.with { cluster in
      try await cluster.run("programmes", "set", "northwind")
      let file = cluster.folder.appending(component: "feedback.csv")
      let rows = (1...3000).map { "\($0),My parcel never arrived and this is time \($0)" }
      try Data(("id,text\n" + rows.joined(separator: "\n")).utf8).write(to: file)
      async let imported = cluster.importFeedback(file, columns: ["id", "text"])
      let set = try await backUp(cluster, to: "backups")
      #expect(set.isConsistent)
      #expect(try await imported.status == 0)
      for service in Cluster.services { cluster.kill(service) }
      for service in Cluster.services { try await restore(service, from: set.path(of: service), cluster) }
      for service in Cluster.services { try cluster.start(service) }
      try await cluster.waitUntilReady()
      try await cluster.waitUntilCaughtUp()
      #expect(try await failures(of: .ingestion, cluster) == [])
      let checked = try await cluster.run("check")
      #expect(checked.status == 0, "\(checked.errors)\(checked.text)")
      #expect(cluster.stop("ranking") == 0)
      let others = try await cluster.run("check", "--check-seconds", "60")
      #expect(others.status == 69, "\(others.errors)\(others.text)")
      #expect(others.text.contains("ranking: not checked"))
      #expect(others.text.components(separatedBy: " records checked").count == Cluster.services.count)
      for service in Cluster.services where service != "ranking" { #expect(cluster.stop(service) == 0) }
      let problems = try StoreChecker(data: cluster.data).problems()
      #expect(problems == [])
    }
  }
}
