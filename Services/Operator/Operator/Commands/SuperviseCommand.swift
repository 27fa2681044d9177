import ArgumentParser
import Foundation
import ServiceRuntime
import UnixSignals

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
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    guard try SupervisorLock.take(folder.lockFile.path) else {
      let other = folder.supervisor.map { "another supervisor, process \($0)," } ?? "another supervisor"
      complain("\(other) runs on \(folder.data.path); this one ends")
      throw ExitCode(75)
    }
    let supervisor = Supervisor(
      folder,
      binaries: Executable.current.deletingLastPathComponent(),
      arguments: options.settingArguments
    )
    await withDiscardingTaskGroup { group in
      group.addTask { await supervisor.run(ServiceProfile.all) }
      group.addTask {
        for await _ in signals { break }
        supervisor.stop()
      }
    }
  }
}
