import Contracts
import Foundation
import Messaging

/// The five services as they ship, started beside this program with stores and sockets of their own.
final class RunningServices: Sendable {
  let ingestion: CallClient
  let ranking: CallClient
  let loopClosure: CallClient
  private let gateway: CallClient
  private let processes: [(name: String, process: ChildProcess)]
  private let connections: [Task<Void, any Error>]
  private let thread: SocketThread
  private let workspace: Workspace

  private static let names = ["ingestion", "ranking", "goal-setting", "loop-closure", "gateway"]
  private static let http: Set<String> = ["ingestion", "gateway"]

  /// Starts the services, and waits until each answers.
  init(in workspace: Workspace) async throws {
    self.workspace = workspace
    thread = try SocketThread()
    processes = try RunningServices.names.map { ($0, try RunningServices.start($0, in: workspace)) }
    let operators = Principal(role: .ops, name: "groundswell-bench")
    var clients: [String: CallClient] = [:]
    for name in RunningServices.names {
      let endpoint = try Endpoint(RunningServices.calls(name, in: workspace))
      clients[name] = try CallClient(over: ZeroMQClientTransport(to: endpoint, on: thread), as: operators)
    }
    connections = clients.values.map { client in Task { try await client.run() } }
    guard
      let ingestion = clients["ingestion"], let ranking = clients["ranking"],
      let loopClosure = clients["loop-closure"], let gateway = clients["gateway"]
    else { throw BenchFailure("a service has no client") }
    (self.ingestion, self.ranking, self.loopClosure, self.gateway) = (ingestion, ranking, loopClosure, gateway)
    do {
      for client in clients.values {
        _ = try await client.call(OperationsAPI.status, StatusRequest(), RunningServices.patient)
      }
    } catch {
      printLogs()
      try await end()
      throw error
    }
  }

  private static var patient: CallSettings {
    var settings = CallSettings(timeout: .seconds(30))
    settings.waitsForReady = true
    return settings
  }

  private static func events(_ name: String, in workspace: Workspace) -> String {
    "ipc://\(workspace.path(of: "\(name).events"))"
  }

  private static func calls(_ name: String, in workspace: Workspace) -> String {
    "ipc://\(workspace.path(of: "\(name).calls"))"
  }

  private static func start(_ name: String, in workspace: Workspace) throws -> ChildProcess {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let executable = folder.appending(path: "groundswell-\(name)")
    guard FileManager.default.isExecutableFile(atPath: executable.path) else {
      throw BenchFailure("\(executable.path) is missing: build it, or use deploy/bench")
    }
    var arguments = [
      "--publish", events(name, in: workspace), "--answer", calls(name, in: workspace), "--admin", "127.0.0.1:0",
      "--data", workspace.path(of: "data"), "--log-level", "warning",
    ]
    if http.contains(name) { arguments += ["--http", "127.0.0.1:0"] }
    for other in names where other != name {
      arguments += ["--upstream", "\(other)=\(events(other, in: workspace))"]
      arguments += ["--peer", "\(other)=\(calls(other, in: workspace))"]
    }
    let log = workspace.path(of: "\(name).log")
    guard FileManager.default.createFile(atPath: log, contents: nil), let file = FileHandle(forWritingAtPath: log)
    else {
      throw BenchFailure("\(log) can't be written")
    }
    return try ChildProcess(executable, arguments, log: file)
  }

  /// Makes a programme known, and waits until the services have heard of it.
  func introduce(_ programme: ID<Programme>) async throws {
    let value = Programme(id: programme, name: "Benchmark")
    let reply = try await gateway.reply(to: DirectoryAPI.setProgramme, SetProgramme(value: value))
    var settings = RunningServices.patient
    settings.after = reply.positions
    _ = try await ingestion.call(IngestionAPI.coverage, CoverageRequest(programme: programme), settings)
    _ = try await ranking.call(RankingAPI.opportunities, OpportunitiesRequest(programme: programme), settings)
    _ = try await loopClosure.call(LoopClosureAPI.cases, CasesRequest(programme: programme), settings)
  }

  func epochOfIngestion() async throws -> String {
    let status = try await ingestion.call(OperationsAPI.status, StatusRequest())
    guard let head = status.heads.first(where: { $0.stream == .ingestion }) else {
      throw BenchFailure("Ingestion has no stream of its name")
    }
    return head.epoch
  }

  func peakMemories() throws -> [String: Double] {
    var memory: [String: Double] = [:]
    for (name, process) in processes {
      memory[name] = try peakMemoryMiB(of: process.processIdentifier)
    }
    return memory
  }

  /// What the services had to say, for when something went wrong.
  func printLogs() {
    for (name, _) in processes {
      let log = FileManager.default.contents(atPath: workspace.path(of: "\(name).log")) ?? Data()
      FileHandle.standardError.write(Data("--- \(name)\n".utf8) + log.suffix(4096))
    }
  }

  func end() async throws {
    for client in [ingestion, ranking, loopClosure, gateway] { client.beginShutdown() }
    for connection in connections { connection.cancel() }
    for (_, process) in processes { await process.end() }
    await thread.stop()
  }
}
