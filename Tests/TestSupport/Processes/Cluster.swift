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
  /// Every process: `ranking`, and `ranking-1` where there is a second instance.
  package let members: [String]
  private let adminPorts: [String: Int]
  private let flags: [String: [String]]
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
  ///   - instances: how many instances a service has; one unless it is given.
  ///   - flags: what a member gets on its command line.
  package static func with<Value: Sendable>(
    over transport: Transport = .ipc,
    isEncrypted: Bool = false,
    settings: [String: String] = [:],
    instances: [String: Int] = [:],
    flags: [String: [String]] = [:],
    _ body: (Cluster) async throws -> Value
  ) async throws -> Value {
    let cluster = try Cluster(
      over: transport,
      isEncrypted: isEncrypted,
      settings: settings,
      instances: instances,
      flags: flags
    )
    do {
      if isEncrypted { try await cluster.makeKeys() }
      for member in cluster.members { try cluster.start(member) }
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
    settings extra: [String: String] = [:],
    instances: [String: Int] = [:],
    flags: [String: [String]] = [:]
  ) throws {
    let members = Cluster.services.flatMap { service in
      (0..<instances[service, default: 1]).map { $0 == 0 ? service : "\(service)-\($0)" }
    }
    self.members = members
    self.flags = flags
    // Paths of Unix sockets have to be short.
    folder = URL(filePath: "/tmp/gs-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let ports = FreePorts.take(members.count * 3 + 2)
    (intakePort, consolePort) = (ports[0], ports[1])
    var endpoints: [String: String] = [:]
    for (index, service) in members.enumerated() {
      for (offset, kind) in ["publish", "answer"].enumerated() {
        let port = ports[2 + members.count + 2 * index + offset]
        endpoints["\(service).\(kind)"] =
          transport == .ipc ? "ipc://\(folder.path)/\(service).\(kind)" : "tcp://127.0.0.1:\(port)"
      }
    }
    self.endpoints = endpoints
    adminPorts = Dictionary(uniqueKeysWithValues: zip(members, ports[2...]))
    let relays = transport == .relayed ? FreePorts.take(endpoints.count) : []
    relayPorts = Dictionary(uniqueKeysWithValues: zip(endpoints.keys, relays))
    // Instances in their order.
    func service(of member: String) -> String { Cluster.split(member).service }
    var settings: [String: Any] = [
      "data": folder.appending(component: "data").path, "log-format": "json", "log-level": "info",
      "upstream": members.map { "\(service(of: $0))=\(meetingPoint($0, "publish"))" },
      "peer": members.map { "\(service(of: $0))=\(meetingPoint($0, "answer"))" },
    ]
    settings.merge(extra) { $1 }
    for service in Cluster.services {
      var section: [String: Any] = [
        "publish": endpoint(service, "publish"), "answer": endpoint(service, "answer"),
        "admin": "127.0.0.1:\(adminPorts[service] ?? 0)",
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

  /// `ranking-1` is instance 1 of `ranking`; `loop-closure` is instance 0 of itself.
  package static func split(_ member: String) -> (service: String, instance: Int) {
    guard !services.contains(member), let dash = member.lastIndex(of: "-") else { return (member, 0) }
    return (String(member[..<dash]), Int(member[member.index(after: dash)...]) ?? 0)
  }

  package func start(_ service: String) throws {
    let process = Process()
    let (program, instance) = Cluster.split(service)
    process.executableURL = Binaries.folder.appending(component: "groundswell-\(program)")
    var arguments = ["--config", configuration.path]
    if instance > 0 {
      arguments += [
        "--instance", "\(instance)", "--publish", endpoint(service, "publish"), "--answer", endpoint(service, "answer"),
        "--admin", "127.0.0.1:\(adminPorts[service] ?? 0)",
      ]
      if program == "ingestion" { arguments += ["--http", "127.0.0.1:0"] }
    }
    try run(process, as: service, arguments + flags[service, default: []])
  }

  /// Starts a service beside the cluster that nobody knows of: it follows the others, with a store of its own.
  package func startOutsider(_ name: String, program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = Binaries.folder.appending(component: "groundswell-\(program)")
    let own = [
      "--config", configuration.path, "--publish", "ipc://\(folder.path)/\(name).publish", "--answer",
      "ipc://\(folder.path)/\(name).answer", "--admin", "127.0.0.1:0",
    ]
    try run(process, as: name, own + arguments)
  }

  private func run(_ process: Process, as service: String, _ arguments: [String]) throws {
    process.arguments = arguments
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
    for member in processes.withLock({ Array($0.keys) }) { kill(member) }
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
        $0["\($1["stream"] ?? "")/\($1["instance"] ?? 0)"] = $1["position"] as? Int
      }
      let upstreams = statuses.flatMap { $0["upstreams"] as? [[String: Any]] ?? [] }
      return !upstreams.isEmpty
        && upstreams.allSatisfy {
          ($0["position"] as? Int ?? 0) == heads["\($0["stream"] ?? "")/\($0["instance"] ?? 0)"]
        }
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
    members.map { service in
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
