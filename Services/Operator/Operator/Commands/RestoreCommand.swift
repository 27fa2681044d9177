import ArgumentParser
import Contracts
import Foundation
import ServiceRuntime

/// `groundswell restore`: a backup in the place of a stopped service's store.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup in the place of a stopped service's store, which is kept aside.",
    discussion: """
      The backup is checked in whole first; one that is damaged, newer than the program, or another service's changes \
      nothing. The restored store begins a new epoch: services that had read no more than it holds go on from there, \
      and groundswell status names those that had read more. They need a backup from the same run.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The service.") var service: ServiceProfile
  @Option(name: .long, help: ArgumentHelp("The backup.", valueName: "file")) var from: String

  func run() async throws {
    let program = Executable.current.deletingLastPathComponent().appending(component: "groundswell-\(service.name)")
    let process = Process()
    process.executableURL = program
    // The service's program alone knows which steps its store may have been through.
    process.arguments = ["--restore", URL(filePath: from).path] + options.settingArguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      complain("\(program.path) can't be run: \(error.localizedDescription)")
      throw ExitCode(69)
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // It has said why on standard error.
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      if process.terminationStatus == 75 { complain("stop \(service.name) first; groundswell down stops all of up's") }
      throw ExitCode(process.terminationReason == .exit ? process.terminationStatus : 1)
    }
    let receipt = try JSONDecoder().decode(RestoreReceipt.self, from: data)
    try options.output.show(receipt) { receipt in
      let heads = receipt.heads.map { "\($0.stream) ends at \($0.position)" }.joined(separator: ", ")
      let kept = receipt.replaced.map { "; the store that was there is kept as \($0)" } ?? ""
      return "\(receipt.service) is restored to \(receipt.store): \(heads)\(kept)"
    }
  }
}
