import Foundation

extension Cluster {
  /// SIGSTOP, and waits until the kernel has stopped it: it stays connected and does nothing, until it is thawed.
  package func freeze(_ service: String) async throws {
    let process = try running(service)
    Foundation.kill(process, SIGSTOP)
    try await eventually("\(service) is frozen") {
      let line = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      // The state stands after the name, which ends with the last closing parenthesis.
      return line.split(separator: ")").last?.hasPrefix(" T") ?? false
    }
  }

  /// SIGCONT.
  package func thaw(_ service: String) throws {
    Foundation.kill(try running(service), SIGCONT)
  }

  private func running(_ service: String) throws -> Int32 {
    guard let process = processIdentifier(of: service) else { throw NeverHappened(what: "\(service) runs") }
    return process
  }
}
