import Foundation

/// Which thread runs the caller.
package enum RunningThread {
  /// `process/task/thread` as proc(5) has it. Unlike a name it is nobody else's: a thread of the pool inherits the name
  /// of whoever started it.
  package static func id() -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? "unknown"
  }

  package static func name() -> String {
    FileManager.default.contents(atPath: "/proc/thread-self/comm")
      .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) } ?? "unknown"
  }

  /// Whether a thread sleeps now, and how often it has gone to sleep by itself so far, proc_pid_status(5).
  /// - Parameter id: as `id` returns it.
  /// - Throws: where there is no such thread.
  package static func sleep(of id: String) throws -> (isAsleep: Bool, count: Int) {
    let lines = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8).split(separator: "\n")
    func field(_ name: String) -> Substring? {
      lines.first { $0.hasPrefix("\(name):\t") }?.dropFirst(name.count + 2)
    }
    guard let state = field("State"), let count = field("voluntary_ctxt_switches").flatMap({ Int($0) }) else {
      throw ConditionNotMet(description: "what thread \(id) does: \(lines)")
    }
    return (state.hasPrefix("S"), count)
  }
}
