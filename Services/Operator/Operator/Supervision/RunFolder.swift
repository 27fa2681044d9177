import Foundation
import ServiceRuntime

/// Where a running Groundswell is found again: its supervisor, what that says of the services, their logs and stores,
/// all under the data directory.
struct RunFolder: Sendable {
  let data: URL

  init(_ settings: Settings) {
    data = URL(filePath: settings[StandardSettings.data]).standardizedFileURL
  }

  /// Holds the supervisor's process id, and its lock as long as it runs.
  var lockFile: URL { data.appending(component: "groundswell.pid") }
  var reportFile: URL { data.appending(component: "groundswell.services.json") }

  func log(of name: String) -> URL { data.appending(components: "logs", "\(name).log") }

  func prepare() throws {
    try FileManager.default.createDirectory(
      at: data.appending(component: "logs"),
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  /// The supervisor that runs on this data, where one does.
  var supervisor: pid_t? { SupervisorLock.holder(of: lockFile.path) }

  /// What the supervisor that runs on this data says of its services; nil before it has said anything.
  func report() throws -> SupervisionReport? {
    guard let supervisor, let data = FileManager.default.contents(atPath: reportFile.path) else { return nil }
    let report = try JSONDecoder().decode(SupervisionReport.self, from: data)
    // One that was killed leaves its last word behind.
    return report.supervisor == supervisor ? report : nil
  }
}
