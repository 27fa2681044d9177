import Foundation
import ServiceRuntime

/// Where a running Groundswell is found again: its process id, its logs, its stores, all under the data directory.
struct RunFolder {
  let data: URL

  init(_ settings: Settings) {
    data = URL(filePath: settings[StandardSettings.data])
  }

  var processFile: URL { data.appending(component: "groundswell.pid") }

  func log(of name: String) -> URL { data.appending(components: "logs", "\(name).log") }

  func prepare() throws {
    try FileManager.default.createDirectory(
      at: data.appending(component: "logs"),
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  /// The supervisor that runs on this data, where one does.
  var supervisor: pid_t? {
    guard let text = try? String(contentsOf: processFile, encoding: .utf8),
      let process = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), kill(process, 0) == 0,
      // A process id is used again one day; only a supervisor counts.
      let command = try? String(contentsOf: URL(filePath: "/proc/\(process)/cmdline"), encoding: .utf8),
      command.contains("supervise")
    else { return nil }
    return process
  }
}
