import ArgumentParser
import Contracts
import Foundation
import Messaging
import ServiceRuntime

/// `groundswell up`: everything on this machine, on loopback.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Run all services on this machine; Ctrl-C stops them."
  )
  @OptionGroup var options: ConnectionOptions
  @Flag(name: .long, help: "Leave them running; groundswell down stops them.") var detach = false
  @Option(name: .long, help: "How many seconds the services may take to be ready.") var startSeconds = 60

  func run() async throws {
    let folder = try await reportingFailures { RunFolder(try await options.settings()) }
    try folder.prepare()
    if folder.supervisor == nil { try start(folder) }
    guard try await isReady(folder) else {
      complain("not all services are ready after \(startSeconds) s; see \(folder.data.path)/logs")
      throw ExitCode(69)
    }
    let address = try await reportingFailures { try await consoleAddress() }
    print("Groundswell is running: http://\(address) (logs and stores in \(folder.data.path))")
    guard !detach else { return }
    await Signals.first(of: [SIGINT, SIGTERM])
    try await Shutdown(folder).run()
  }

  /// Where the gateway's console is, by the gateway's own settings.
  private func consoleAddress() async throws -> String {
    let settings = try await Settings.load(
      for: .gateway,
      arguments: ["groundswell"] + options.settingArguments,
      environment: ProcessInfo.processInfo.environment
    )
    return StandardSettings(.gateway).http.map { "\(settings[$0])" } ?? ""
  }

  /// Starts the supervisor in a session of its own, so that it outlives this process and its terminal.
  private func start(_ folder: RunFolder) throws {
    let log = folder.log(of: "supervisor")
    if !FileManager.default.fileExists(atPath: log.path) {
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    }
    guard let output = FileHandle(forWritingAtPath: log.path) else { throw CocoaError(.fileWriteNoPermission) }
    try output.seekToEnd()
    let supervisor = Process()
    supervisor.executableURL = URL(filePath: "/usr/bin/env")
    supervisor.arguments =
      ["setsid", Executable.current.path, "supervise", "--data", folder.data.path]
      + (options.config.map { ["--config", $0] } ?? [])
    supervisor.standardInput = FileHandle.nullDevice
    supervisor.standardOutput = output
    supervisor.standardError = output
    try supervisor.run()
  }

  private func isReady(_ folder: RunFolder) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(startSeconds))
    return try await options.withConnection { connection in
      var wasRunning = false
      while clock.now < deadline {
        let isRunning = folder.supervisor != nil
        if wasRunning, !isRunning { return false }
        wasRunning = isRunning
        if isRunning, await Readiness(connection).allAnswer() { return true }
        try await clock.sleep(for: .milliseconds(100))
      }
      return false
    }
  }
}

/// Whether the services answer.
struct Readiness {
  private let connection: Connection

  init(_ connection: Connection) {
    self.connection = connection
  }

  func allAnswer() async -> Bool {
    for service in ServiceProfile.all where await status(of: service) == nil { return false }
    return true
  }

  func status(of service: ServiceProfile) async -> ServiceStatus? {
    var settings = CallSettings(timeout: .seconds(2))
    settings.retries = false
    do {
      return try await connection.client(of: service).call(OperationsAPI.status, StatusRequest(), settings)
    } catch {
      return nil
    }
  }
}

/// `groundswell supervise`: what `up` leaves running.
struct SuperviseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supervise",
    abstract: "Run all services as children of this process.",
    shouldDisplay: false
  )
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    let folder = try await reportingFailures { RunFolder(try await options.settings()) }
    try folder.prepare()
    try Data("\(ProcessInfo.processInfo.processIdentifier)\n".utf8).write(to: folder.processFile, options: .atomic)
    let supervisor = Supervisor(
      folder,
      binaries: Executable.current.deletingLastPathComponent(),
      arguments: options.settingArguments
    )
    await withDiscardingTaskGroup { group in
      group.addTask { await supervisor.run(ServiceProfile.all) }
      group.addTask {
        await Signals.first(of: [SIGTERM, SIGINT])
        supervisor.stop()
      }
    }
    try FileManager.default.removeItem(at: folder.processFile)
  }
}

/// `groundswell down`: stops what `up --detach` left running.
struct DownCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Stop what up --detach left running, and wait until it has ended."
  )
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    let folder = try await reportingFailures { RunFolder(try await options.settings()) }
    try await Shutdown(folder).run()
  }
}

/// Ends the supervisor, and with it the services.
struct Shutdown {
  private let folder: RunFolder

  init(_ folder: RunFolder) {
    self.folder = folder
  }

  /// - Throws: `ExitCode` where something is still running after half a minute.
  func run() async throws {
    guard let process = folder.supervisor else { return print("Groundswell isn't running on \(folder.data.path).") }
    kill(process, SIGTERM)
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(30))
    while kill(process, 0) == 0 {
      guard clock.now < deadline else {
        complain("process \(process) has not ended after 30 s; see \(folder.data.path)/logs")
        throw ExitCode(75)
      }
      try await clock.sleep(for: .milliseconds(50))
    }
    print("Groundswell has stopped.")
  }
}

/// This program's own file, beside which the services lie.
enum Executable {
  static var current: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
  }
}

/// Waiting for a signal instead of being ended by it.
enum Signals {
  static func first(of signals: [Int32]) async {
    let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
    let sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        arrival.yield()
        arrival.finish()
      }
      source.resume()
      return source
    }
    for await _ in arrived { break }
    sources.forEach { $0.cancel() }
  }
}
