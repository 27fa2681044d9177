package import Foundation
import Synchronization

/// All five services as real processes, on sockets and stores of their own, ended by process id.
package final class Cluster: Sendable {
  package static let services = ["ingestion", "ranking", "goal-setting", "loop-closure", "gateway"]

  package let folder: URL
  package let intakePort: Int
  package let consolePort: Int
  private let endpoints: [String: String]
  private let relayPorts: [String: Int]
  private let adminPorts: [String: Int]
  private let processes = Mutex<[String: Process]>([:])

  package var configuration: URL { folder.appending(component: "groundswell.json") }
  package var data: URL { folder.appending(component: "data") }
  package var keys: URL { folder.appending(component: "keys") }
  package var allowList: URL { keys.appending(component: "allow-list.json") }
  package func secretKeyFile(of name: String) -> String { keys.appending(component: "\(name).key_secret").path }
  package func endpoint(_ service: String, _ kind: String) -> String { endpoints["\(service).\(kind)"] ?? "" }
  /// Where the others look for what listens at `endpoint(service, kind)`, in a cluster whose transport is relayed.
  package func relayPort(_ service: String, _ kind: String) -> Int? { relayPorts["\(service).\(kind)"] }

  /// How services reach each other.
  package enum Transport: Sendable {
    case ipc, tcp
    /// TCP, and services look for each other at ports where a test has to relay: see `relayPort`. The command line
    /// reaches them without.
    case relayed
  }

  /// Runs `body` with a started cluster; whatever happens, no process and no file is left behind.
  /// - Parameters:
  ///   - isEncrypted: whether the services speak CURVE, with keys made by `groundswell keys cluster`.
  ///   - settings: what all services get beside their addresses.
  package static func with<Value: Sendable>(
    over transport: Transport = .ipc,
    isEncrypted: Bool = false,
    settings: [String: String] = [:],
    _ body: (Cluster) async throws -> Value
  ) async throws -> Value {
    let cluster = try Cluster(over: transport, isEncrypted: isEncrypted, settings: settings)
    do {
      if isEncrypted { try await cluster.makeKeys() }
      for service in services { try cluster.start(service) }
      try await cluster.waitUntilReady()
      let value = try await body(cluster)
      await cluster.end()
      return value
    } catch {
      print(cluster.logs())
      await cluster.end()
      throw error
    }
  }

  package init(
    over transport: Transport = .ipc,
    isEncrypted: Bool = false,
    settings extra: [String: String] = [:]
  ) throws {
    // Paths of Unix sockets have to be short.
    folder = URL(filePath: "/tmp/gs-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let ports = FreePorts.take(Cluster.services.count * 3 + 2)
    (intakePort, consolePort) = (ports[0], ports[1])
    adminPorts = Dictionary(uniqueKeysWithValues: zip(Cluster.services, ports[2...]))
    var endpoints: [String: String] = [:]
    for (index, service) in Cluster.services.enumerated() {
      for (offset, kind) in ["publish", "answer"].enumerated() {
        let port = ports[2 + Cluster.services.count + 2 * index + offset]
        endpoints["\(service).\(kind)"] =
          transport == .ipc ? "ipc://\(folder.path)/\(service).\(kind)" : "tcp://127.0.0.1:\(port)"
      }
    }
    self.endpoints = endpoints
    let relays = transport == .relayed ? FreePorts.take(endpoints.count) : []
    relayPorts = Dictionary(uniqueKeysWithValues: zip(endpoints.keys, relays))
    var settings: [String: Any] = [
      "data": folder.appending(component: "data").path, "log-format": "json", "log-level": "info",
      "upstream": Cluster.services.map { "\($0)=\(meetingPoint($0, "publish"))" },
      "peer": Cluster.services.map { "\($0)=\(meetingPoint($0, "answer"))" },
    ]
    settings.merge(extra) { $1 }
    for (index, service) in Cluster.services.enumerated() {
      var section: [String: Any] = [
        "publish": endpoint(service, "publish"), "answer": endpoint(service, "answer"),
        "admin": "127.0.0.1:\(ports[index + 2])",
      ]
      if service == "ingestion" { section["http"] = "127.0.0.1:\(intakePort)" }
      if isEncrypted { section["secret-key-file"] = secretKeyFile(of: service) }
      if service == "gateway" { section["http"] = "127.0.0.1:\(consolePort)" }
      settings[service] = section
    }
    if isEncrypted {
      settings["allow-list"] = allowList.path
      settings["operator"] = ["secret-key-file": secretKeyFile(of: "operator")]
    } else if transport == .relayed {
      settings["operator"] = ["peer": Cluster.services.map { "\($0)=\(endpoint($0, "answer"))" }]
    }
    try JSONSerialization.data(withJSONObject: settings, options: [.prettyPrinted, .sortedKeys]).write(
      to: configuration
    )
  }

  /// Where other services look for one.
  private func meetingPoint(_ service: String, _ kind: String) -> String {
    relayPort(service, kind).map { "tcp://127.0.0.1:\($0)" } ?? endpoint(service, kind)
  }

  /// Makes another pair beside those of the services.
  /// - Returns: the public key.
  package func makeKey(_ name: String) async throws -> String {
    let groundswell = Binaries.folder.appending(component: "groundswell")
    let result = try await Command.run(groundswell, ["keys", "new", name, "--out", keys.path])
    guard result.status == 0 else { throw NeverHappened(what: "a key was made: \(result.errors)") }
    return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func makeKeys() async throws {
    let groundswell = Binaries.folder.appending(component: "groundswell")
    let result = try await Command.run(groundswell, ["keys", "cluster", "--out", keys.path])
    guard result.status == 0 else { throw NeverHappened(what: "keys were made: \(result.errors)") }
  }

  package func start(_ service: String) throws {
    let process = Process()
    process.executableURL = Binaries.folder.appending(component: "groundswell-\(service)")
    process.arguments = ["--config", configuration.path]
    process.environment = Binaries.environment
    let log = folder.appending(component: "\(service).log")
    if !FileManager.default.fileExists(atPath: log.path) {
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    }
    let output = try FileHandle(forWritingTo: log)
    try output.seekToEnd()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    processes.withLock { $0[service] = process }
  }

  /// SIGKILL, and waits until the process is gone.
  package func kill(_ service: String) {
    guard let process = processes.withLock({ $0.removeValue(forKey: service) }) else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// SIGTERM, and the exit code.
  package func stop(_ service: String) -> Int32? {
    guard let process = processes.withLock({ $0.removeValue(forKey: service) }) else { return nil }
    process.terminate()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : nil
  }

  /// Starts another process of a service that is expected to end by itself.
  package func attempt(_ service: String, _ arguments: [String] = []) async throws -> CommandResult {
    try await Command.run(
      Binaries.folder.appending(component: "groundswell-\(service)"),
      ["--config", configuration.path] + arguments,
      within: .seconds(20)
    )
  }

  /// Where a service has `/healthz` and `/metrics`.
  package func adminPort(of service: String) -> Int? { adminPorts[service] }

  /// nil where it doesn't run.
  package func processIdentifier(of service: String) -> Int32? {
    processes.withLock { $0[service].flatMap { $0.isRunning ? $0.processIdentifier : nil } }
  }

  package func isRunning(_ service: String) -> Bool { processes.withLock { $0[service]?.isRunning ?? false } }

  private func end() async {
    for service in Cluster.services { kill(service) }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Until every service answers.
  package func waitUntilReady() async throws {
    try await eventually("all services answer") {
      try await self.run("status", "--json").status == 0
    }
  }

  /// Until no service lags behind another.
  package func waitUntilCaughtUp() async throws {
    try await eventually("no service lags") {
      let result = try await self.run("status", "--json")
      guard result.status == 0, let reports = try JSONSerialization.jsonObject(with: result.output) as? [[String: Any]]
      else { return false }
      let statuses = reports.compactMap { $0["status"] as? [String: Any] }
      let heads = statuses.flatMap { $0["heads"] as? [[String: Any]] ?? [] }.reduce(into: [String: Int]()) {
        $0[$1["stream"] as? String ?? ""] = $1["position"] as? Int
      }
      let upstreams = statuses.flatMap { $0["upstreams"] as? [[String: Any]] ?? [] }
      return !upstreams.isEmpty
        && upstreams.allSatisfy { ($0["position"] as? Int ?? 0) == heads[$0["stream"] as? String ?? ""] }
    }
  }

  /// Runs the command line against this cluster.
  @discardableResult
  package func run(_ arguments: String..., input: Data? = nil) async throws -> CommandResult {
    try await run(arguments, input: input)
  }

  @discardableResult
  package func run(_ arguments: [String], input: Data? = nil) async throws -> CommandResult {
    try await Command.run(
      Binaries.folder.appending(component: "groundswell"),
      arguments + ["--config", configuration.path],
      input: input
    )
  }

  /// The last lines of every service's log, for a failure's report.
  package func logs() -> String {
    Cluster.services.map { service in
      let text = (try? String(contentsOf: folder.appending(component: "\(service).log"), encoding: .utf8)) ?? ""
      return "== \(service)\n" + text.split(separator: "\n").suffix(15).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}

/// Polls a condition that other processes make true; the deadline is for when they never do.
package func eventually(
  _ what: String,
  within limit: Duration = .seconds(60),
  _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now.advanced(by: limit)
  while true {
    if try await condition() { return }
    guard clock.now < deadline else { throw NeverHappened(what: what) }
    try await clock.sleep(for: .milliseconds(50))
  }
}

package struct NeverHappened: Error, CustomStringConvertible {
  let what: String
  package var description: String { "it never came true that \(what)" }
}
