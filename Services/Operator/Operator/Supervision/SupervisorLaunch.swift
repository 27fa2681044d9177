import Foundation

/// Starts a supervisor in a session of its own, so that it outlives this process and its terminal.
struct SupervisorLaunch {
  let folder: RunFolder
  let config: String?

  func start() throws {
    let log = folder.log(of: "supervisor")
    if !FileManager.default.fileExists(atPath: log.path) {
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    }
    let output = try FileHandle(forWritingTo: log)
    try output.seekToEnd()
    let supervisor = Process()
    supervisor.executableURL = URL(filePath: "/usr/bin/env")
    supervisor.arguments =
      ["setsid", Executable.current.path, "supervise", "--data", folder.data.path]
      + (config.map { ["--config", $0] } ?? [])
    supervisor.standardInput = FileHandle.nullDevice
    supervisor.standardOutput = output
    supervisor.standardError = output
    try supervisor.run()
  }
}

/// This program's own file, beside which the services lie.
enum Executable {
  static var current: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
  }
}
