import ArgumentParser
import Contracts
import Messaging
import ServiceRuntime

/// `groundswell check`: whether the services' stores are sound.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check stores while the services run; all of them where none is named.",
    discussion: "A store that fails takes no more writes and is read by nobody until it is restored. Exit code 1 then."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "A service; may be repeated.") var service: [ServiceProfile] = []
  @Option(name: .long, help: "How many seconds the check of one store may take.") var checkSeconds = 600

  /// One service's store, as scripts see it.
  private struct Report: Codable {
    var service: String
    var findings: IntegrityFindings
  }

  func run() async throws {
    let isSound = try await options.withConnection { connection in
      var reports: [Report] = []
      for member in connection.members(of: service.isEmpty ? ServiceProfile.all : service) {
        let settings = connection.callSettings(timeout: .seconds(checkSeconds))
        let findings = try await connection.client(of: member)
          .call(OperationsAPI.checkIntegrity, CheckIntegrity(), settings)
        reports.append(Report(service: member.name, findings: findings))
      }
      try options.output.show(reports) { reports in
        reports.map { report in
          let checked = "\(report.service): \(report.findings.recordsChecked) records checked"
          return ([checked] + report.findings.problems.map { "  \($0)" }).joined(separator: "\n")
        }.joined(separator: "\n")
      }
      return reports.allSatisfy(\.findings.problems.isEmpty)
    }
    if !isSound { throw ExitCode(1) }
  }
}
