import ArgumentParser
import Foundation
import ServiceRuntime
import UnixSignals

/// `groundswell up`: everything on this machine, on loopback.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Run all services on this machine; Ctrl-C stops them.",
    discussion: """
      Where they run on this data already, it says so and ends. What can't start is named with its reason, and then \
      nothing is left running.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Flag(name: .long, help: "Leave them running; groundswell down stops them.") var detach = false
  @Flag(name: .long, help: "Where they run already, stay with them; Ctrl-C stops them.") var attach = false
  @Option(name: .long, help: "How many seconds the services may take to be ready.") var startSeconds = 60

  private enum Ending: Sendable {
    case obstructed([Obstacle])
    /// It was left running.
    case left
    /// Somebody else has stopped it.
    case stopped
    case interrupted
  }

  func run() async throws {
    let folder = try await reportingFailures { RunFolder(try await options.settings()) }
    // From here on Ctrl-C doesn't end this process, but what it has started.
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let addresses = AddressCheck(addresses: try await reportingFailures { try await listeningAddresses() })
    let supervisor = try await supervisor(folder, addresses)
    let ending = try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask { try await watch(folder, addresses, supervisor) }
      group.addTask {
        for await _ in signals { break }
        return .interrupted
      }
      defer { group.cancelAll() }
      return try await group.next() ?? .interrupted
    }
    switch ending {
    case .left: return
    case .obstructed(let obstacles):
      if supervisor.isOwn { _ = try await Shutdown(folder).run(only: supervisor.process) }
      try giveUp(folder, obstacles, leaves: !supervisor.isOwn)
    case .interrupted where !supervisor.isOwn && !attach: throw ExitCode(130)
    case .interrupted, .stopped:
      _ = try await Shutdown(folder).run(only: supervisor.process)
      print("Groundswell has stopped.")
    }
  }

  /// The supervisor that runs on the data, or one that is started now.
  /// - Throws: `ExitCode`, and then none was started here that runs.
  private func supervisor(_ folder: RunFolder, _ addresses: AddressCheck) async throws -> FoundSupervisor {
    if let process = folder.supervisor { return FoundSupervisor(process: process, isOwn: false) }
    let obstacles = addresses.obstacles
    // Another `up` on the same data may just have got ahead of this one, and its services hold the addresses.
    if let process = folder.supervisor { return FoundSupervisor(process: process, isOwn: false) }
    guard obstacles.isEmpty else { try giveUp(folder, obstacles, leaves: false) }
    let supervisor: FoundSupervisor?
    do {
      try folder.prepare()
      supervisor = try await SupervisorLaunch(folder: folder, config: options.config).start()
    } catch let error as POSIXError {
      let reason = "it can't be run (\(error.localizedDescription))"
      try giveUp(folder, [.supervisor(reason, folder)], leaves: false)
    }
    guard let supervisor else { try giveUp(folder, [.supervisor("it has ended", folder)], leaves: false) }
    if !supervisor.isOwn {
      complain(
        "another supervisor, process \(supervisor.process), runs on \(folder.data.path), started at the same time; "
          + "its services are left to it"
      )
    }
    return supervisor
  }

  /// Waits until everything serves and says so; then stays, where that is wanted, for as long as it runs.
  private func watch(
    _ folder: RunFolder,
    _ addresses: AddressCheck,
    _ supervisor: FoundSupervisor
  ) async throws -> Ending {
    let obstacles = try await options.withConnection { connection in
      try await StartWatch(
        folder: folder,
        supervisor: supervisor.process,
        readiness: Readiness(connection),
        addresses: addresses
      ).obstacles(within: .seconds(startSeconds))
    }
    guard obstacles.isEmpty else { return .obstructed(obstacles) }
    let state = supervisor.isOwn ? "is running" : "is running already"
    let address = try await reportingFailures { try await consoleAddress() }
    print("Groundswell \(state): http://\(address) (logs and stores in \(folder.data.path))")
    fflush(nil)
    guard attach || !detach && supervisor.isOwn else { return .left }
    while folder.supervisor == supervisor.process { try await Task.sleep(for: .milliseconds(200)) }
    return .stopped
  }

  /// Says what is in the way.
  /// - Parameter leaves: whether somebody else's services run on the data, and are left to run.
  private func giveUp(_ folder: RunFolder, _ obstacles: [Obstacle], leaves: Bool) throws -> Never {
    for obstacle in obstacles { complain("\(obstacle.service) could not start: \(obstacle.reason)") }
    let advice = Obstacle.advice(on: obstacles, startedOn: folder.data)
    complain(
      leaves
        ? "the other services run on \(folder.data.path), started earlier. To go on, \(advice)"
        : "nothing was left running on \(folder.data.path). To go on, \(advice)"
    )
    throw ExitCode(69)
  }

  /// Where the gateway's console is, by the gateway's own settings.
  private func consoleAddress() async throws -> String {
    let settings = try await settings(of: .gateway)
    return StandardSettings(.gateway).http.map { "\(settings[$0])" } ?? ""
  }

  /// Where each service listens, by its own settings.
  private func listeningAddresses() async throws -> [String: [String]] {
    var addresses: [String: [String]] = [:]
    for service in ServiceProfile.all {
      let (standard, settings) = (StandardSettings(service), try await settings(of: service))
      addresses[service.name] =
        [settings[standard.publish], settings[standard.answer], "\(settings[standard.admin])"]
        + (standard.http.map { ["\(settings[$0])"] } ?? [])
    }
    return addresses
  }

  private func settings(of service: ServiceProfile) async throws -> Settings {
    do {
      return try await Settings.load(
        for: service,
        arguments: ["groundswell"] + options.settingArguments,
        environment: ProcessInfo.processInfo.environment
      )
    } catch {
      throw ConnectionError("\(error)")
    }
  }
}
