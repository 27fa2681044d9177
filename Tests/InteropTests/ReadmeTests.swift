import Foundation
import TestSupport
import Testing

/// The README is true: each command in it that can be run against a cluster is run, as it stands there.
@Suite(.serialized) struct ReadmeTests {
  private static func readme() throws -> String {
    try String(contentsOf: Binaries.root.appending(component: "README.md"), encoding: .utf8)
  }

  /// The code blocks of a language.
  private static func blocks(_ language: String) throws -> [String] {
    try readme().components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }

  /// Indented command lines that begin with `program`, with their continuation lines.
  private static func commands(of program: String = "groundswell ") throws -> [String] {
    try readme().replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("    \(program)") }.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test(.timeLimit(.minutes(4))) func everyExampleRuns() async throws {
    // Its section on several instances moves partitions to a second one.
    try await Cluster.with(instances: ["ranking": 2]) { cluster in
      try await cluster.run("programmes", "set", "northwind")
      try await cluster.run("teams", "set", "gdansk-chat", "--programme", "northwind")
      try await cluster.waitUntilCaughtUp()

      let shell = try Self.blocks("sh")
      #expect(shell.count == 1)
      for script in shell {
        let result = try await Self.bash(script.replacing("8081", with: "\(cluster.intakePort)"), cluster)
        #expect(result.text.contains("accepted"), "\(script)\n\(result.text)\(result.errors)")
      }
      let python = try Self.blocks("python")
      #expect(python.count == 1)
      for script in python {
        let text = script.replacing("tcp://127.0.0.1:7411", with: cluster.endpoint("ingestion", "answer"))
        let result = try await Command.run(PythonClient.interpreter, ["-c", text])
        #expect(result.text.contains("accepted") && result.text.contains("status 0"), "\(result.text)\(result.errors)")
      }
      try await Self.runCommands(cluster)
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

  private static func bash(_ script: String, _ cluster: Cluster) async throws -> CommandResult {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await Command.run(
      URL(filePath: "/bin/bash"),
      ["-c", script],
      environment: ["PATH": "\(Binaries.folder.path):\(path)", "GROUNDSWELL_CONFIG": cluster.configuration.path]
    )
  }
}
