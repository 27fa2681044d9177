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

  /// The most memory that a process has taken so far, in MiB, by the kernel's count.
  package func peakMemoryMiB(of service: String) throws -> Double {
    let status = try String(contentsOfFile: "/proc/\(running(service))/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let kibibytes = line?.split(separator: " ").compactMap({ Double($0) }).first else {
      throw NeverHappened(what: "the kernel knew the memory of \(service)")
    }
    return kibibytes / 1024
  }

  private func running(_ service: String) throws -> Int32 {
    guard let process = processIdentifier(of: service) else { throw NeverHappened(what: "\(service) runs") }
    return process
  }
}
