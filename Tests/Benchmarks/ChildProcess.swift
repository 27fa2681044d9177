import Foundation
import Synchronization

/// Another process of this program, which ends with it: its standard input is held open as long as this one lives.
final class ChildProcess: Sendable {
  private let process = Process()
  private let lifeline = Pipe()
  private let exit = Exit()

  private final class Exit: Sendable {
    private struct State {
      var status: Int32?
      var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Mutex(State())

    var status: Int32? { state.withLock { $0.status } }

    func record(_ status: Int32) {
      let waiters = state.withLock { state in
        state.status = status
        defer { state.waiters = [] }
        return state.waiters
      }
      for waiter in waiters { waiter.resume(returning: status) }
    }

    func wait() async -> Int32 {
      await withCheckedContinuation { continuation in
        let status = state.withLock { state in
          if state.status == nil { state.waiters.append(continuation) }
          return state.status
        }
        if let status { continuation.resume(returning: status) }
      }
    }
  }

  /// - Parameter executable: this program unless given.
  init(_ executable: URL? = nil, _ arguments: [String], environment: [String: String]? = nil, log: FileHandle? = nil)
    throws
  {
    process.executableURL = executable ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    if let environment { process.environment = environment }
    process.standardInput = lifeline
    if let log {
      process.standardOutput = log
      process.standardError = log
    }
    process.terminationHandler = { [exit] process in
      Leftovers.remove(process: process.processIdentifier)
      exit.record(process.terminationStatus)
    }
    try process.run()
    Leftovers.add(process: process.processIdentifier)
  }

  var processIdentifier: Int32 { process.processIdentifier }
  /// nil while it runs.
  var exitStatus: Int32? { exit.status }

  /// Waits for it to end by itself.
  func waitUntilExit() async -> Int32 { await exit.wait() }

  /// Ends it, politely at first.
  func end(within limit: Duration = .seconds(5)) async {
    guard exit.status == nil else { return }
    process.terminate()
    let killer = Task { [process] in
      try await Task.sleep(for: limit)
      Foundation.kill(process.processIdentifier, SIGKILL)
    }
    _ = await exit.wait()
    killer.cancel()
  }

  /// SIGKILL, and waits until it is gone.
  func kill() async {
    Foundation.kill(process.processIdentifier, SIGKILL)
    _ = await exit.wait()
  }

  /// SIGSTOP, and waits until the kernel has stopped it, which proc(5) says in `stat`: it stays connected and does
  /// nothing.
  func freeze() async throws {
    Foundation.kill(processIdentifier, SIGSTOP)
    try await wait(upTo: .seconds(5), for: "process \(processIdentifier) to stop") {
      let text = try String(contentsOfFile: "/proc/\(processIdentifier)/stat", encoding: .utf8)
      return text.split(separator: ")").last?.split(separator: " ").first == "T"
    }
  }

  func thaw() { Foundation.kill(processIdentifier, SIGCONT) }

  /// For the child: leaves as soon as the parent is gone.
  static func endWithParent() {
    let watcher = Thread {
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) > 0 {}
      _exit(1)
    }
    watcher.name = "parent-watcher"
    watcher.start()
  }
}

/// The most memory that a process had resident, in MiB, as the kernel counts it.
func peakMemoryMiB(of process: Int32? = nil) throws -> Double {
  let status = try String(contentsOfFile: "/proc/\(process.map { String($0) } ?? "self")/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
  return (kibibytes / 1024 * 10).rounded() / 10
}

/// Why a measurement could not be made.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Polls until `isTrue`, each millisecond. For conditions that another process brings about.
func wait(upTo limit: Duration, for what: String, until isTrue: () throws -> Bool) async throws {
  let deadline = ContinuousClock.now + limit
  while try !isTrue() {
    guard ContinuousClock.now < deadline else { throw BenchFailure("waited \(limit) for \(what)") }
    try await Task.sleep(for: .milliseconds(1))
  }
}

/// Runs `body` on a thread of its own, where it may block.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try body() }) }.start()
  }
}
