import Contracts
import Foundation
import TestSupport
import Testing

/// The README is true: each command in it that can be run against a cluster is run, as it stands there.
@Suite(.serialized) struct ReadmeTests {
  /// Indented command lines that begin with `program`, with their continuation lines.
  private static func commands(of program: String = "groundswell ") throws -> [String] {
    try Document.readme().text.replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("    \(program)") }.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test(.timeLimit(.minutes(4))) func everyExampleRuns() async throws {
    // Its section on several instances moves partitions to a second one, and what is forgotten is so everywhere.
    try await Cluster.with(instances: ["ranking": 2, "ingestion": 2]) { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.run("teams", "set", "gdansk-chat", "--programme", "northwind")
      try await cluster.waitUntilCaughtUp()

      let shell = try Document.readme().blocks("sh")
      #expect(shell.count == 1)
      for script in shell {
        let result = try await Self.bash(script.replacing("8081", with: "\(cluster.intakePort)"), cluster)
        #expect(result.text.contains("accepted"), "\(script)\n\(result.text)\(result.errors)")
      }
      let python = try Document.readme().blocks("python")
      #expect(python.count == 1)
      for script in python {
        let text = script.replacing("tcp://127.0.0.1:7411", with: cluster.endpoint("ingestion", "answer"))
        let result = try await Command.run(PythonClient.interpreter, ["-c", text])
        #expect(result.text.contains("accepted") && result.text.contains("status 0"), "\(result.text)\(result.errors)")
      }
      try await Self.runCommands(cluster)
      try await Self.forgetAFollower(cluster)
      try await Self.restoreAStore(cluster)
    }
  }

  /// They would listen at fixed ports; what they are told is read all the same.
  @Test func servicesUnderstandTheirCommandLines() async throws {
    let commands = try Self.commands(of: "groundswell-")
    #expect(commands.count > 3)
    for command in commands {
      let result = try await Command.run(
        URL(filePath: "/bin/bash"),
        ["-c", command.replacing(" --print-config", with: "") + " --print-config"],
        environment: ["PATH": "\(Binaries.folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
      )
      #expect(result.status == 0, "\(command)\n\(result.text)\(result.errors)")
    }
  }

  private static func runCommands(_ cluster: Cluster) async throws {
    try Data("ResponseId,Comment,Team,Date\n1,Nobody called back,porto,2026-01-31\n".utf8)
      .write(to: cluster.folder.appending(component: "feedback.csv"))
    let commands = try commands()
    #expect(commands.count > 6)
    for command in commands {
      let result = try await bash("cd '\(cluster.folder.path)' && \(command)", cluster)
      #expect(result.status == 0, "\(command)\n\(result.text)\(result.errors)")
    }
  }

  // MARK: Commands that only a sentence mentions

  /// The one mention of a command with its arguments.
  private static func mention(of command: String) throws -> String {
    let mentions = try Document.readme().text.split(separator: "`").filter { $0.hasPrefix("\(command) ") }
    #expect(mentions.count == 1, "\(mentions)")
    return String(try #require(mentions.first).replacing("\n", with: " "))
  }

  private static func forgetAFollower(_ cluster: Cluster) async throws {
    let command = try mention(of: "groundswell forget")
    /// The instances of Ingestion that know of it.
    func keepers() async throws -> [Int] {
      let reports = try await cluster.run("status", "--json").lastLine(as: [Report].self)
      return reports.filter { report in
        report.service == "ingestion" && report.status?.followers?.contains { $0.follower == "ranking/1" } == true
      }.map(\.instance)
    }
    try await eventually("ranking/1 has told Ingestion how far it is") { try await keepers() == [0, 1] }
    // It is gone for good.
    cluster.kill("ranking-1")
    let result = try await bash(command, cluster)
    #expect(result.status == 0, "\(command)\n\(result.text)\(result.errors)")
    #expect(try await keepers() == [])
    try cluster.start("ranking-1")
  }

  private static func restoreAStore(_ cluster: Cluster) async throws {
    let copies = try FileManager.default.contentsOfDirectory(
      atPath: cluster.folder.appending(component: "copies").path
    )
    let copy = try #require(copies.first { $0.hasPrefix("ranking-") && !$0.hasPrefix("ranking-1-") }, "\(copies)")
    let restore = try mention(of: "groundswell restore").replacing("FILE", with: copy)
      .replacing("--data DIR", with: "--data '\(cluster.data.path)'")
    let command = "cd '\(cluster.folder.path)' && \(restore)"
    let early = try await bash(command, cluster)
    #expect(early.status == 75 && early.errors.contains("stop ranking first"), "\(early.text)\(early.errors)")
    #expect(cluster.stop("ranking") == 0)
    let result = try await bash(command, cluster)
    #expect(result.status == 0, "\(command)\n\(result.text)\(result.errors)")
    #expect(result.text.contains("ranking is restored to") && result.text.contains("is kept as"), "\(result.text)")
    try await restoreAnotherInstance(copies, cluster)
    try cluster.start("ranking")
    try await eventually("Ranking serves what was restored") {
      let reports = try await cluster.run("status", "--json").lastLine(as: [Report].self)
      return reports.filter { $0.service == "ranking" && $0.answers }.map(\.instance) == [0, 1]
    }
  }

  private static func restoreAnotherInstance(_ copies: [String], _ cluster: Cluster) async throws {
    let copy = try #require(copies.first { $0.hasPrefix("ranking-1-") }, "\(copies)")
    let command = try mention(of: "groundswell-ranking").replacing("FILE", with: copy)
      .replacing("--data DIR", with: "--data '\(cluster.data.path)'")
    #expect(cluster.stop("ranking-1") == 0)
    let result = try await bash("cd '\(cluster.folder.path)' && \(command)", cluster)
    #expect(result.status == 0, "\(command)\n\(result.text)\(result.errors)")
    #expect(result.text.contains("ranking-1.sqlite"), "\(result.text)")
    try cluster.start("ranking-1")
  }

  /// What `groundswell status --json` says of one instance.
  private struct Report: Decodable {
    var service: String
    var instance: Int
    var answers: Bool
    var status: ServiceStatus?
  }

  private static func bash(_ script: String, _ cluster: Cluster) async throws -> CommandResult {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await Command.run(
      URL(filePath: "/bin/bash"),
      ["-c", script],
      environment: ["PATH": "\(Binaries.folder.path):\(path)", "GROUNDSWELL_CONFIG": cluster.configuration.path]
    )
  }
}
