import ArgumentParser
import Foundation

/// Ends the supervisor, and with it the services.
struct Shutdown {
  private let folder: RunFolder

  init(_ folder: RunFolder) {
    self.folder = folder
  }

  /// - Parameter one: the only supervisor to be ended; whichever runs where none is given.
  /// - Returns: false where it wasn't running.
  /// - Throws: `ExitCode` where something is still running after half a minute.
  func run(only one: pid_t? = nil) async throws -> Bool {
    guard let process = folder.supervisor, one == nil || process == one else { return false }
    kill(process, SIGTERM)
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(30))
    while folder.supervisor == process {
      guard clock.now < deadline else {
        complain("process \(process) has not ended after 30 s; see \(folder.data.path)/logs")
        throw ExitCode(75)
      }
      try await clock.sleep(for: .milliseconds(50))
    }
    return true
  }
}
