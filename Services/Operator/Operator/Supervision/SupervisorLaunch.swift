import Foundation

/// The supervisor of a data directory as `up` finds it: one that it has started, or somebody else's.
struct FoundSupervisor {
  let process: pid_t
  /// Whether it was started here. Nobody else's is stopped without being asked to.
  let isOwn: Bool
}

/// Starts a supervisor, of which there may be one on a data directory.
struct SupervisorLaunch {
  let folder: RunFolder
  let config: String?

  /// How long a supervisor may take to come up.
  private static let limit = Duration.seconds(10)

  /// Starts one, and returns once it has the lock of the data directory, or another one has.
  ///
  /// Two that are started at the same time both find the directory free; the lock decides, and the one that doesn't get
  /// it ends by itself.
  /// - Returns: nil where it has ended, and there is no other.
  /// - Throws: `POSIXError` where it can't be started at all.
  func start() async throws -> FoundSupervisor? {
    let launched = try DetachedProcess(
      running: Executable.current,
      ["supervise", "--data", folder.data.path] + (config.map { ["--config", $0] } ?? []),
      output: folder.log(of: "supervisor")
    )
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: Self.limit)
    while folder.supervisor != launched.identifier {
      if launched.hasEnded() { return folder.supervisor.map { FoundSupervisor(process: $0, isOwn: false) } }
      guard clock.now < deadline else {
        // It would take the lock when nobody waits for it any more; what it may have started it ends.
        kill(launched.identifier, SIGTERM)
        return nil
      }
      try await clock.sleep(for: .milliseconds(10))
    }
    return FoundSupervisor(process: launched.identifier, isOwn: true)
  }
}

/// This program's own file, beside which the services lie.
enum Executable {
  static var current: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
  }
}
