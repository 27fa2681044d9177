import Contracts
import Foundation
import TestSupport
import Testing

/// Copies off the machine by Litestream, by the configuration in `deploy/litestream`.
@Suite(.serialized) struct LitestreamTests {
  /// What `deploy/test` installs, or what is on the PATH.
  static let program: URL? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders =
      [Binaries.root.appending(path: ".build/litestream/bin")]
      + path.split(separator: ":").map {
        URL(filePath: String($0))
      }
    return folders.map { $0.appending(component: "litestream") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  /// A running `litestream replicate`.
  private struct Replication {
    let process: Process
    let program: URL
    let environment: [String: String]
    let cluster: Cluster

    static let configuration = Binaries.root.appending(path: "deploy/litestream/litestream.yml")

    init(of cluster: Cluster, with program: URL) throws {
      self.cluster = cluster
      self.program = program
      environment = [
        "GROUNDSWELL_DATA": cluster.data.path,
        "LITESTREAM_REPLICA": "file://\(cluster.folder.appending(component: "elsewhere").path)",
        "LITESTREAM_SOCKET": cluster.folder.appending(component: "litestream.sock").path,
      ]
      process = Process()
      process.executableURL = program
      process.arguments = ["replicate", "-config", Self.configuration.path]
      process.environment = Binaries.environment.merging(environment) { $1 }
      let log = cluster.folder.appending(component: "litestream.log")
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
      let output = try FileHandle(forWritingTo: log)
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = output
      try process.run()
    }

    func kill() {
      guard process.isRunning else { return }
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    @discardableResult
    func run(_ arguments: String...) async throws -> CommandResult {
      try await Command.run(program, arguments, environment: environment)
    }

    /// Until what is committed now is in the copy.
    func sync(_ store: URL) async throws {
      let socket = environment["LITESTREAM_SOCKET"] ?? ""
      try await eventually("\(store.lastPathComponent) is copied") {
        try await run("sync", "-wait", "-socket", socket, store.path).status == 0
      }
    }
  }

  private func feedback(_ cluster: Cluster) async throws -> [Substring] {
    try await cluster.run("tap", "ingestion", "--once", "--json").text.split(separator: "\n")
  }

  private func importFeedback(_ rows: ClosedRange<Int>, _ cluster: Cluster) async throws {
    let file = cluster.folder.appending(component: "feedback-\(rows.lowerBound).csv")
    let lines = rows.map { "\($0),My parcel never arrived and this is time \($0)" }
    try Data(("id,text\n" + lines.joined(separator: "\n")).utf8).write(to: file)
    let result = try await cluster.importFeedback(file, columns: ["id", "text"])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test(
    .enabled(if: LitestreamTests.program != nil, "litestream isn't installed; deploy/test installs it"),
    .timeLimit(.minutes(5))
  )
  func aDestroyedStoreComesBackFromItsCopy() async throws {
    let program = try #require(Self.program)
    try await Cluster.with(settings: ["checkpoints": "external"]) { cluster in
      let replication = try Replication(of: cluster, with: program)
      defer { replication.kill() }
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.waitUntilCaughtUp()
      try await importFeedback(1...2000, cluster)
      try await cluster.waitUntilCaughtUp()
      let store = cluster.data.appending(component: "ingestion.sqlite")
      try await replication.sync(store)
      let before = try await feedback(cluster)
      #expect(before.count == 2000)

      cluster.kill("ingestion")
      replication.kill()
      let destroyed = try FileManager.default.contentsOfDirectory(atPath: cluster.data.path)
        .filter { $0.contains("ingestion.sqlite") }
      #expect(destroyed.contains("ingestion.sqlite"))
      for name in destroyed { try FileManager.default.removeItem(at: cluster.data.appending(component: name)) }

      let copy = cluster.folder.appending(component: "copy.sqlite")
      let restored = try await replication.run(
        "restore",
        "-config",
        Replication.configuration.path,
        "-o",
        copy.path,
        store.path
      )
      #expect(restored.status == 0, "\(restored.errors)")
      let result = try await cluster.run("restore", "ingestion", "--from", copy.path)
      #expect(result.status == 0, "\(result.errors)")
      try cluster.start("ingestion")
      try await cluster.waitUntilReady()
      #expect(try await feedback(cluster).count == before.count)

      // Followers go on, and so does the copying.
      let again = try Replication(of: cluster, with: program)
      defer { again.kill() }
      try await importFeedback(2001...2100, cluster)
      try await cluster.waitUntilCaughtUp()
      try await again.sync(store)
      let checked = try await cluster.run("check")
      #expect(checked.status == 0, "\(checked.text)")
      again.kill()
      for service in Cluster.services { #expect(cluster.stop(service) == 0) }
      #expect(try StoreChecker(data: cluster.data).problems() == [])
    }
  }
}
