import Foundation
import TestSupport
import Testing

/// `groundswell up` on one machine: it starts everything, starts again what dies, and `down` leaves nothing behind.
@Suite(.serialized) struct UpTests {
  @Test(.timeLimit(.minutes(3))) func downLeavesNoProcessBehind() async throws {
    let cluster = try Cluster()
    defer { try? FileManager.default.removeItem(at: cluster.folder) }
    let up = try await cluster.run("up", "--detach")
    #expect(up.status == 0, "\(up.errors)")
    #expect(up.text.contains("127.0.0.1:\(cluster.consolePort)"), "\(up.text)")
    let first = try processes(of: cluster)
    #expect(first.count == 6, "a supervisor and five services: \(first)")

    let ranking = try #require(first.first { $0.value.contains("groundswell-ranking") }).key
    kill(ranking, SIGKILL)
    try await eventually("Ranking is started again") {
      try processes(of: cluster).contains { $0.key != ranking && $0.value.contains("groundswell-ranking") }
    }
    try await cluster.waitUntilReady()

    let again = try await cluster.run("up", "--detach")
    #expect(again.status == 0, "a second up finds the first")
    #expect(try processes(of: cluster).count == 6)

    let down = try await cluster.run("down")
    #expect(down.status == 0, "\(down.errors)")
    #expect(try processes(of: cluster) == [:])
    let nothing = try await cluster.run("down")
    #expect(nothing.status == 0)
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
