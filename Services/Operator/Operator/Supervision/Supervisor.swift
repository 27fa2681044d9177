import Foundation
import ServiceRuntime
import Synchronization

/// Runs the services as child processes, and starts again those that end by themselves.
///
/// For one machine and for trying things out; systemd units and the like do this in production.
final class Supervisor: Sendable {
  private let folder: RunFolder
  private let binaries: URL
  private let arguments: [String]
  private let stopping = Mutex(false)

  /// - Parameters:
  ///   - binaries: the directory of the services' executables.
  ///   - arguments: settings that all services get, e.g. `--data`.
  init(_ folder: RunFolder, binaries: URL, arguments: [String]) {
    self.folder = folder
    self.binaries = binaries
    self.arguments = arguments
  }

  /// Runs until `stop`, then ends every child and returns.
  func run(_ services: [ServiceProfile]) async {
    await withDiscardingTaskGroup { group in
      for service in services { group.addTask { await self.keepRunning(service) } }
    }
  }

  func stop() {
    stopping.withLock { $0 = true }
    children.withLock { $0.values.forEach { $0.terminate() } }
  }

  private let children = Mutex<[String: Process]>([:])

  private func keepRunning(_ service: ServiceProfile) async {
    var failures = 0
    while !stopping.withLock({ $0 }) {
      let startedAt = ContinuousClock.now
      let status: Int32
      do {
        status = try await runOnce(service)
      } catch {
        complain("\(service.name) can't be started: \(error)")
        return
      }
      guard !stopping.withLock({ $0 }) else { return }
      // Wrong settings, a port that is taken, a store that is locked: starting again would not help.
      if (64...78).contains(status), startedAt.duration(to: .now) < .seconds(5) {
        complain("\(service.name) could not start (exit code \(status)); see \(folder.log(of: service.name).path)")
        return
      }
      failures = startedAt.duration(to: .now) > .seconds(30) ? 0 : failures + 1
      let pause = Duration.milliseconds(min(10_000, 100 << min(failures, 7)))
      complain("\(service.name) ended (\(status)); starting it again")
      do { try await Task.sleep(for: pause) } catch { return }
    }
  }

  /// Starts a service, waits for its end, and returns its exit code, or the signal that ended it as a negative number.
  private func runOnce(_ service: ServiceProfile) async throws -> Int32 {
    let process = Process()
    process.executableURL = binaries.appending(component: "groundswell-\(service.name)")
    process.arguments = arguments
    let path = folder.log(of: service.name).path
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    guard let log = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteNoPermission) }
    defer { try? log.close() }
    try log.seekToEnd()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log
    process.standardError = log
    let (ended, signal) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { process in
      signal.yield(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
      signal.finish()
    }
    try process.run()
    children.withLock { $0[service.name] = process }
    if stopping.withLock({ $0 }) { process.terminate() }
    defer { children.withLock { $0[service.name] = nil } }
    for await status in ended { return status }
    return 0
  }
}
