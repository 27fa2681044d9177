import Contracts
import Foundation
import Logging
import Storage

/// A directory for one measurement, removed afterwards.
struct Workspace {
  let path: String

  /// - Parameter parent: where to make it; a memory file system unless given, where there is one.
  init(in parent: String?) throws {
    let memory = "/dev/shm"
    let parent =
      parent
      ?? (FileManager.default.isWritableFile(atPath: memory) ? memory : FileManager.default.temporaryDirectory.path)
    path = "\(parent)/groundswell-bench-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    Leftovers.add(directory: path)
  }

  func remove() throws {
    try FileManager.default.removeItem(atPath: path)
    Leftovers.remove(directory: path)
  }

  func path(of name: String) -> String { "\(path)/\(name)" }

  /// Runs `body` in a workspace, and removes that however `body` ends.
  static func with<Value>(in parent: String?, _ body: (Workspace) async throws -> Value) async throws -> Value {
    Leftovers.clearOnSignals()
    let workspace = try Workspace(in: parent)
    do {
      let value = try await body(workspace)
      try workspace.remove()
      return value
    } catch {
      try workspace.remove()
      throw error
    }
  }
}

/// Errors only: what is measured should be what is printed.
let benchLogger: Logger = {
  var logger = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
  logger.logLevel = .error
  return logger
}()

/// A store as a service opens it.
func storeConfiguration(at path: String) -> StoreConfiguration {
  StoreConfiguration(path: path, logger: benchLogger)
}

/// The time in UTC.
@Sendable func wallTime() -> Timestamp {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}
