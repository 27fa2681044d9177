import ArgumentParser
import Foundation

/// `groundswell down`: stops what `up --detach` left running.
struct DownCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Stop what up --detach left running, and wait until it has ended."
  )
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    let folder = try await reportingFailures { RunFolder(try await options.settings()) }
    let hasStopped = try await Shutdown(folder).run()
    print(hasStopped ? "Groundswell has stopped." : "Groundswell isn't running on \(folder.data.path).")
  }
}
