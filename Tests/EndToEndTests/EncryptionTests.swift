import Foundation
import TestSupport
import Testing

/// All services with keys of their own, as real processes.
@Suite(.serialized) struct EncryptionTests {
  @Test(.timeLimit(.minutes(5))) func servicesAndCommandLineMeetByTheirKeys() async throws {
    try await Cluster.with(over: .tcp, isEncrypted: true) { cluster in
      try await importRows(into: cluster)
      try await cluster.waitUntilCaughtUp()
      let opportunities = try await cluster.run("opportunities", "--json")
      #expect(opportunities.status == 0)
      #expect(opportunities.text.contains("parcel"))

      try await strangersAreRefused(by: cluster)
      try await theListIsReadAgain(by: cluster)
      try secretsStayInTheirFiles(of: cluster)
      for service in Cluster.services { #expect(cluster.stop(service) == 0, "\(service) didn't stop well") }
    }
  }

  private func importRows(into cluster: Cluster) async throws {
    let file = cluster.folder.appending(component: "feedback.csv")
    let rows = (1...300).map { "\($0),team-\($0 % 3),My parcel never came and this is time \($0)" }
    try Data((["id,team,text"] + rows).joined(separator: "\n").utf8).write(to: file)
    let result = try await cluster.importFeedback(file, columns: ["id", "text", "team"])
    #expect(result.status == 0, "\(result.errors)")
  }

  private func strangersAreRefused(by cluster: Cluster) async throws {
    let groundswell = Binaries.folder.appending(component: "groundswell")
    let peers = Cluster.services.flatMap { ["--peer", "\($0)=\(cluster.endpoint($0, "answer"))"] }
    let plain = try await Command.run(groundswell, ["teams", "--programme", "northwind"] + peers)
    #expect(plain.status == 69, "\(plain.errors)")
    let strangers = cluster.folder.appending(component: "strangers").path
    _ = try await Command.run(groundswell, ["keys", "new", "operator", "--out", strangers])
    let stranger = try await Command.run(
      groundswell,
      [
        "teams", "--programme", "northwind", "--secret-key-file", "\(strangers)/operator.key_secret", "--allow-list",
        cluster.allowList.path,
      ] + peers
    )
    #expect(stranger.status == 69)
    #expect(stranger.errors.contains("refuses this program's key"), "\(stranger.errors)")
  }

  /// The command line's key is taken off the list and put back, while the services run on.
  private func theListIsReadAgain(by cluster: Cluster) async throws {
    let original = try Data(contentsOf: cluster.allowList)
    var list = try #require(try JSONSerialization.jsonObject(with: original) as? [String: [[String: Any]]])
    for index in list["keys", default: []].indices where list["keys"]?[index]["name"] as? String == "operator" {
      list["keys"]?[index]["publicKeys"] = [String]()
    }
    try JSONSerialization.data(withJSONObject: list).write(to: cluster.allowList, options: .atomic)
    try await eventually("the command line is refused") {
      try await cluster.run("teams", "--programme", "northwind").status == 69
    }
    // A list that can't be read changes nothing.
    try Data("{".utf8).write(to: cluster.allowList, options: .atomic)
    try await eventually("the log says that the list can't be used") {
      cluster.logs().contains("the allow-list can't be used")
    }
    try original.write(to: cluster.allowList, options: .atomic)
    try await eventually("the command line is served again") {
      try await cluster.run("teams", "--programme", "northwind").status == 0
    }
  }

  /// No secret is in a log or in printed settings; what the services have written is for their owner only.
  private func secretsStayInTheirFiles(of cluster: Cluster) throws {
    let secrets = try (Cluster.services + ["operator"]).map { name in
      let text = try String(contentsOfFile: cluster.secretKeyFile(of: name), encoding: .utf8)
      let line = try #require(text.split(separator: "\n").first { $0.contains("secret-key =") })
      return try #require(line.split(separator: "\"").last.map(String.init))
    }
    #expect(secrets.allSatisfy { $0.count == 40 })
    let files = FileManager.default
    for service in Cluster.services {
      let log = cluster.folder.appending(component: "\(service).log")
      let text = try String(contentsOf: log, encoding: .utf8)
      #expect(!secrets.contains { text.contains($0) }, "\(service)")
    }
    let data = cluster.data.path
    #expect(try files.attributesOfItem(atPath: data)[.posixPermissions] as? Int == 0o700)
    for name in try files.contentsOfDirectory(atPath: data) {
      let permissions = try files.attributesOfItem(atPath: "\(data)/\(name)")[.posixPermissions] as? Int
      #expect((permissions ?? 0o777) & 0o077 == 0, "\(name)")
    }
  }
}
