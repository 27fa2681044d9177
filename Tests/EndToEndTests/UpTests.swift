import Foundation
import TestSupport
import Testing

/// `groundswell up` on one machine: it starts everything, starts again what dies, says what keeps it from starting, and
/// `down` leaves nothing behind.
@Suite(.serialized) struct UpTests {
  /// Runs `body` with a cluster that `up` is to start; whatever happens, nothing is left running.
  private func withCluster(
    over transport: Cluster.Transport = .ipc,
    _ body: (Cluster) async throws -> Void
  ) async throws {
    let cluster = try Cluster(over: transport)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: cluster.folder) } }
    do {
      try await body(cluster)
    } catch {
      _ = try await cluster.run("down")
      throw error
    }
    _ = try await cluster.run("down")
  }

  @Test(.timeLimit(.minutes(3))) func downLeavesNoProcessBehind() async throws {
    try await withCluster { cluster in
      let up = try await cluster.run("up", "--detach")
      #expect(up.status == 0, "\(up.errors)")
      #expect(up.text.contains("is running: http://127.0.0.1:\(cluster.consolePort)"), "\(up.text)")
      let first = try processes(of: cluster)
      #expect(first.count == 6, "a supervisor and five services: \(first)")

      let ranking = try #require(first.first { $0.value.contains("groundswell-ranking") }).key
      kill(ranking, SIGKILL)
      try await eventually("Ranking is started again") {
        try processes(of: cluster).contains { $0.key != ranking && $0.value.contains("groundswell-ranking") }
      }
      try await cluster.waitUntilReady()

      for detached in [["--detach"], []] {
        let again = try await cluster.run(["up"] + detached)
        #expect(again.status == 0, "a second up finds the first: \(again.errors)")
        #expect(again.text.contains("is running already: http://127.0.0.1:\(cluster.consolePort)"), "\(again.text)")
      }
      #expect(try processes(of: cluster).count == 6)

      let down = try await cluster.run("down")
      #expect(down.status == 0, "\(down.errors)")
      #expect(try processes(of: cluster) == [:])
      let nothing = try await cluster.run("down")
      #expect(nothing.status == 0)
      #expect(nothing.text.contains("isn't running"))
    }
  }

  @Test(.timeLimit(.minutes(3))) func ofSeveralAtOnceOneStartsTheServices() async throws {
    try await withCluster { cluster in
      let results = try await withThrowingTaskGroup(of: CommandResult.self) { group in
        for _ in 0..<4 { group.addTask { try await cluster.run("up", "--detach") } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for result in results { #expect(result.status == 0, "\(result.errors)") }
      let first = "is running: http://127.0.0.1:\(cluster.consolePort)"
      #expect(results.filter { $0.text.contains(first) }.count == 1, "\(results)")
      #expect(results.filter { $0.text.contains("is running already: ") }.count == 3, "\(results)")
      #expect(try processes(of: cluster).count == 6)
      #expect(try await cluster.run("status").status == 0)
    }
  }

  /// The one that finds the data free, and is overtaken before its own supervisor has the lock.
  @Test(.timeLimit(.minutes(3))) func theOneThatIsOvertakenSaysSoAndLeavesTheServicesAlone() async throws {
    try await withCluster { cluster in
      // Nothing can be written there before somebody reads: the supervisor of the slow one waits for that.
      let log = cluster.data.appending(components: "logs", "supervisor.log")
      try FileManager.default.createDirectory(at: log.deletingLastPathComponent(), withIntermediateDirectories: true)
      try #require(mkfifo(log.path, 0o600) == 0)
      let slow = Task { try await cluster.run("up") }
      try await eventually("the slow one has begun to start a supervisor") {
        try processes(of: cluster).count == 2
      }
      let fast = Task { try await cluster.run("supervise") }
      try await cluster.waitUntilReady()
      let running = try processes(of: cluster).filter { !$0.value.contains(" up ") }
      let supervisor = try #require(running.first { $0.value.contains(" supervise ") }).key
      #expect(running.count == 6)

      let said = await String(decoding: try FileHandle(forReadingFrom: log).everything(), as: UTF8.self)
      let overtaken = "another supervisor, process \(supervisor), runs on \(cluster.data.path)"
      #expect(said.contains("\(overtaken); this one ends"), "\(said)")
      let result = try await slow.value
      #expect(result.status == 0 && result.errors.contains(overtaken), "\(result.errors)")
      #expect(result.text.contains("is running already: "), "\(result.text)")
      #expect(try processes(of: cluster) == running, "nothing was ended, and nothing more started")

      #expect(try await cluster.run("down").status == 0)
      #expect(try await fast.value.status == 0)
    }
  }

  @Test(.timeLimit(.minutes(3)), arguments: [Cluster.Transport.tcp, .ipc])
  func anotherInstanceAtTheSameAddressesIsNamed(_ transport: Cluster.Transport) async throws {
    try await withCluster(over: transport) { cluster in
      #expect(try await cluster.run("up", "--detach").status == 0)
      let first = try processes(of: cluster)
      let other = cluster.folder.appending(component: "other")

      let second = try await cluster.run("up", "--detach", "--data", other.path)
      #expect(second.status == 69, "\(second.text)")
      #expect(second.text == "", "it must not say that it runs: \(second.text)")
      for service in Cluster.services {
        #expect(second.errors.contains("\(service) could not start: "), "\(second.errors)")
        #expect(second.errors.contains(cluster.endpoint(service, "publish")), "\(second.errors)")
        let holder = try #require(first.first { $0.value.contains("groundswell-\(service)") }).key
        #expect(
          second.errors.contains(
            "process \(holder) (groundswell-\(service)) of the Groundswell on \(cluster.data.path)"
          )
        )
      }
      #expect(second.errors.contains("groundswell down --data \(cluster.data.path)"), "\(second.errors)")
      #expect(try processes(of: cluster) == first, "nothing was started, and the first goes on")
      #expect(try await cluster.run("status").status == 0)
    }
  }

  @Test(.timeLimit(.minutes(3))) func oneTakenPortStopsEverything() async throws {
    try await withCluster { cluster in
      let listener = try Listener(port: cluster.consolePort)
      defer { listener.close() }
      let up = try await cluster.run("up", "--detach")
      #expect(up.status == 69)
      #expect(up.errors.contains("gateway could not start: 127.0.0.1:\(cluster.consolePort) is held by process "))
      #expect(up.errors.contains("process \(ProcessInfo.processInfo.processIdentifier) "), "\(up.errors)")
      #expect(!up.errors.contains("ranking could not start"), "\(up.errors)")
      #expect(up.errors.contains("nothing was left running"), "\(up.errors)")
      #expect(try processes(of: cluster) == [:])
    }
  }

  @Test(.timeLimit(.minutes(3))) func aServiceThatCannotStartStopsTheOthers() async throws {
    try await withCluster { cluster in
      try FileManager.default.createDirectory(at: cluster.data, withIntermediateDirectories: true)
      let store = cluster.data.appending(component: "ranking.sqlite")
      try Data("this is no database, but some other file that is longer than a header".utf8).write(to: store)
      let up = try await cluster.run("up", "--detach")
      #expect(up.status == 69)
      #expect(up.errors.contains("ranking could not start: the store at \(store.path)"), "\(up.errors)")
      #expect(up.errors.contains("nothing was left running on \(cluster.data.path)"), "\(up.errors)")
      #expect(!up.errors.contains("gateway could not start"), "\(up.errors)")
      #expect(try processes(of: cluster) == [:])

      try FileManager.default.removeItem(at: store)
      #expect(try await cluster.run("up", "--detach").status == 0, "once that is mended, it starts")
    }
  }

  /// Running programs of this cluster by process id: their command lines name its folder.
  private func processes(of cluster: Cluster) throws -> [pid_t: String] {
    let own = ProcessInfo.processInfo.processIdentifier
    var found: [pid_t: String] = [:]
    for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let process = pid_t(entry), process != own,
        // A process may end while the list is read.
        let line = try? String(contentsOfFile: "/proc/\(entry)/cmdline", encoding: .utf8),
        line.contains(cluster.folder.path), line.contains("groundswell")
      else { continue }
      found[process] = line.replacing("\0", with: " ")
    }
    return found
  }
}

/// Listens at a port of the loopback interface, and takes no connection.
private struct Listener {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let descriptor = descriptor
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isBound && listen(descriptor, 1) == 0, "port \(port) was free a moment ago")
  }

  func close() { _ = Foundation.close(descriptor) }
}
