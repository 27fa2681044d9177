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
  private let state: Mutex<State>

  private struct State {
    var isStopping = false
    var children: [String: Process] = [:]
    var report: SupervisionReport
  }

  /// - Parameters:
  ///   - binaries: the directory of the services' executables.
  ///   - arguments: settings that all services get, e.g. `--data`.
  init(_ folder: RunFolder, binaries: URL, arguments: [String]) {
    self.folder = folder
    self.binaries = binaries
    self.arguments = arguments
    state = Mutex(State(report: SupervisionReport(supervisor: getpid())))
  }

  /// Runs until `stop`, then ends every child and returns.
  func run(_ services: [ServiceProfile]) async {
    await withDiscardingTaskGroup { group in
      for service in services { group.addTask { await self.keepRunning(service) } }
    }
  }

  func stop() {
    state.withLock { state in
      state.isStopping = true
      for child in state.children.values { child.terminate() }
    }
  }

  private var isStopping: Bool { state.withLock { $0.isStopping } }

  private func keepRunning(_ service: ServiceProfile) async {
    var failures = 0
    while !isStopping {
      let startedAt = ContinuousClock.now
      let ended: Ended
      do {
        ended = try await runOnce(service)
      } catch {
        note(.init(state: .failed, problem: "its program can't be run: \(error.localizedDescription)"), of: service)
        return complain("\(service.name) can't be started: \(error)")
      }
      guard !isStopping else { return }
      var run = SupervisionReport.Run(state: .restarting, exitStatus: ended.status, problem: ended.problem)
      // Wrong settings, a port that is taken, a store that is locked: starting again would not help.
      if (64...78).contains(ended.status), startedAt.duration(to: .now) < .seconds(5) {
        run.state = .failed
        note(run, of: service)
        return complain(
          "\(service.name) could not start (exit code \(ended.status)): "
            + (ended.problem ?? "see \(folder.log(of: service.name).path)")
        )
      }
      note(run, of: service)
      failures = startedAt.duration(to: .now) > .seconds(30) ? 0 : failures + 1
      let pause = Duration.milliseconds(min(10_000, 100 << min(failures, 7)))
      complain("\(service.name) ended (\(ended.status)); starting it again")
      do { try await Task.sleep(for: pause) } catch { return }
    }
  }

  private struct Ended {
    /// The exit code, or the signal that ended it as a negative number.
    let status: Int32
    /// Its last sentence.
    let problem: String?
  }

  /// Starts a service and waits for its end.
  private func runOnce(_ service: ServiceProfile) async throws -> Ended {
    let process = Process()
    process.executableURL = binaries.appending(component: "groundswell-\(service.name)")
    process.arguments = arguments
    let log = try ServiceLog(folder.log(of: service.name), service: service.name)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log.handle
    process.standardError = log.handle
    let (ended, signal) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { process in
      signal.yield(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
      signal.finish()
    }
    try process.run()
    note(.running(process.processIdentifier), of: service, child: process)
    defer { state.withLock { $0.children[service.name] = nil } }
    for await status in ended { return Ended(status: status, problem: log.lastSentence()) }
    return Ended(status: 0, problem: nil)
  }

  /// Writes down how a service is run, for others to read.
  private func note(_ run: SupervisionReport.Run, of service: ServiceProfile, child: Process? = nil) {
    state.withLock { state in
      if let child {
        state.children[service.name] = child
        if state.isStopping { child.terminate() }
      }
      state.report.services[service.name] = run
      do {
        try JSONEncoder().encode(state.report).write(to: folder.reportFile, options: .atomic)
      } catch {
        complain("\(folder.reportFile.path) can't be written: \(error.localizedDescription)")
      }
    }
  }
}

/// Where a service's output goes, from one start on.
struct ServiceLog {
  let handle: FileHandle
  private let url: URL
  private let start: UInt64
  private let service: String

  /// How much of its end is looked at for a last sentence.
  private static let mostBytes: UInt64 = 64 << 10

  /// Opens the log at its end, and makes it where it isn't there.
  init(_ url: URL, service: String) throws {
    if !FileManager.default.fileExists(atPath: url.path) {
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    }
    handle = try FileHandle(forWritingTo: url)
    start = try handle.seekToEnd()
    self.url = url
    self.service = service
  }

  /// Why the service ended, as it said itself since this start: `groundswell-ranking: …`.
  func lastSentence() -> String? {
    do {
      let reading = try FileHandle(forReadingFrom: url)
      let end = try reading.seekToEnd()
      try reading.seek(toOffset: max(start, end > Self.mostBytes ? end - Self.mostBytes : 0))
      let prefix = "groundswell-\(service): "
      let lines = String(decoding: try reading.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n")
      return lines.last { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    } catch {
      // The log is where the reason would be; whoever asks is told to look there.
      return nil
    }
  }
}
