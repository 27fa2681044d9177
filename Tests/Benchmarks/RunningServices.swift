import Contracts
import Foundation
import Messaging

/// The five services as they ship, started beside this program with stores and sockets of their own.
final class RunningServices: Sendable {
  /// One for each instance, in their order; likewise the others.
  let ingestion: [CallClient]
  let ranking: [CallClient]
  let loopClosure: [CallClient]
  private let gateway: CallClient
  private let processes: [(name: String, process: ChildProcess)]
  private let connections: [Task<Void, any Error>]
  private let thread: SocketThread
  private let workspace: Workspace

  private static let names = ["ingestion", "ranking", "goal-setting", "loop-closure", "gateway"]
  private static let http: Set<String> = ["ingestion", "gateway"]
  private static let divided: Set<String> = ["ranking", "loop-closure"]
  /// What runs as several instances.
  private static let multiplied = divided.union(["ingestion"])

  /// One process.
  private struct Member {
    let service: String
    let number: Int
    let count: Int

    var name: String { "\(service)-\(number)" }
    /// Its share of the 64 partitions.
    var partitions: String { "\(64 * number / count)-\(64 * (number + 1) / count - 1)" }
  }

  /// Starts the services, and waits until each answers.
  /// - Parameter instances: how many there are of Ingestion, Ranking and LoopClosure; each of the latter has as large a
  ///   share of the partitions.
  init(in workspace: Workspace, instances: Int) async throws {
    self.workspace = workspace
    thread = try SocketThread()
    let members = RunningServices.names.flatMap { name in
      let count = RunningServices.multiplied.contains(name) ? instances : 1
      return (0..<count).map { Member(service: name, number: $0, count: count) }
    }
    processes = try members.map { ($0.name, try RunningServices.start($0, among: members, in: workspace)) }
    let operators = Principal(role: .ops, name: "groundswell-bench")
    var clients: [String: [CallClient]] = [:]
    for member in members {
      let endpoint = try Endpoint(RunningServices.calls(member, in: workspace))
      let client = try CallClient(over: ZeroMQClientTransport(to: endpoint, on: thread), as: operators)
      clients[member.service, default: []].append(client)
    }
    let all = clients.values.flatMap(\.self)
    connections = all.map { client in Task { try await client.run() } }
    guard
      let ingestion = clients["ingestion"], let ranking = clients["ranking"],
      let loopClosure = clients["loop-closure"], let gateway = clients["gateway"]?.first
    else { throw BenchFailure("a service has no client") }
    (self.ingestion, self.ranking, self.loopClosure, self.gateway) = (ingestion, ranking, loopClosure, gateway)
    do {
      for client in all {
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

  /// The number of the instance of Ranking or LoopClosure that owns a programme's partition.
  func owner(of programme: ID<Programme>) -> Int {
    let partition = Int(Partition(of: programme).rawValue)
    return (0..<ranking.count).first { partition < 64 * ($0 + 1) / ranking.count } ?? 0
  }

  private static func events(_ member: Member, in workspace: Workspace) -> String {
    "ipc://\(workspace.path(of: "\(member.name).events"))"
  }

  private static func calls(_ member: Member, in workspace: Workspace) -> String {
    "ipc://\(workspace.path(of: "\(member.name).calls"))"
  }

  private static func start(
    _ member: Member,
    among members: [Member],
    in workspace: Workspace
  ) throws -> ChildProcess {
    let name = member.service
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let executable = folder.appending(path: "groundswell-\(name)")
    guard FileManager.default.isExecutableFile(atPath: executable.path) else {
      throw BenchFailure("\(executable.path) is missing: build it, or use deploy/bench")
    }
    var arguments = [
      "--publish", events(member, in: workspace), "--answer", calls(member, in: workspace), "--admin", "127.0.0.1:0",
      "--data", workspace.path(of: "data"), "--log-level", "warning", "--instance", "\(member.number)",
    ]
    if divided.contains(name) { arguments += ["--partitions", member.partitions] }
    if http.contains(name) { arguments += ["--http", "127.0.0.1:0"] }
    for other in members where other.service != name {
      arguments += ["--upstream", "\(other.service)=\(events(other, in: workspace))"]
      arguments += ["--peer", "\(other.service)=\(calls(other, in: workspace))"]
    }
    let log = workspace.path(of: "\(member.name).log")
    guard FileManager.default.createFile(atPath: log, contents: nil), let file = FileHandle(forWritingAtPath: log)
    else {
      throw BenchFailure("\(log) can't be written")
    }
    return try ChildProcess(executable, arguments, log: file)
  }

  /// Makes programmes known, and waits until the services have heard of them.
  func introduce(_ programmes: [ID<Programme>]) async throws {
    for programme in programmes { try await introduce(programme) }
  }

  private func introduce(_ programme: ID<Programme>) async throws {
    let value = Programme(id: programme, name: "Benchmark")
    let reply = try await gateway.reply(to: DirectoryAPI.setProgramme, SetProgramme(value: value))
    var settings = RunningServices.patient
    settings.after = reply.positions
    for client in ingestion {
      _ = try await client.call(IngestionAPI.coverage, CoverageRequest(programme: programme), settings)
    }
    let owner = owner(of: programme)
    _ = try await ranking[owner].call(RankingAPI.opportunities, OpportunitiesRequest(programme: programme), settings)
    _ = try await loopClosure[owner].call(LoopClosureAPI.cases, CasesRequest(programme: programme), settings)
  }

  func epoch(ofIngestion instance: Int) async throws -> String {
    let status = try await ingestion[instance].call(OperationsAPI.status, StatusRequest())
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
    for client in ingestion + ranking + loopClosure + [gateway] { client.beginShutdown() }
    for connection in connections { connection.cancel() }
    for (_, process) in processes { await process.end() }
    await thread.stop()
  }
}
