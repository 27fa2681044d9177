import ArgumentParser
import Contracts
import Messaging
import ServiceRuntime

/// `groundswell check`: whether the services' stores are sound.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check stores while the services run; all of them where none is named.",
    discussion: """
      A store that fails takes no more writes, and nobody follows it, until it is restored. Exit code 1 then; another one \
      where a store couldn't be checked.
      """
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "A service; may be repeated.") var service: [ServiceProfile] = []
  @Option(name: .long, help: "How many seconds the check of one store may take.") var checkSeconds = 600

  func run() async throws {
    let reports = try await options.withConnection { connection in
      var reports: [CheckReport] = []
      for member in connection.members(of: service.isEmpty ? ServiceProfile.all : service) {
        reports.append(try await check(member, connection))
      }
      try options.output.show(reports) { $0.map(\.text).joined(separator: "\n") }
      return reports
    }
    if let code = CheckReport.exitCode(of: reports) { throw code }
  }

  /// What one instance can't answer doesn't concern the others.
  private func check(_ member: ServiceMember, _ connection: Connection) async throws -> CheckReport {
    do {
      let settings = connection.callSettings(timeout: .seconds(checkSeconds))
      let findings = try await connection.client(of: member)
        .call(OperationsAPI.checkIntegrity, CheckIntegrity(), settings)
      return CheckReport(service: member.name, findings: findings)
    } catch {
      // Who broke it off doesn't want the next one asked.
      try Task.checkCancellation()
      return CheckReport(service: member.name, fault: error)
    }
  }
}

/// One service's store, as scripts see it.
struct CheckReport: Codable {
  var service: String
  /// Missing where the store wasn't checked.
  var findings: IntegrityFindings?
  /// Why it wasn't.
  var fault: Fault?

  var text: String {
    if let fault { return "\(service): not checked: \(fault.message) [\(fault.reason)]" }
    let checked = "\(service): \(findings?.recordsChecked ?? 0) records checked"
    return ([checked] + (findings?.problems ?? []).map { "  \($0)" }).joined(separator: "\n")
  }

  /// Damage comes before what couldn't be checked; nil where all stores are sound.
  static func exitCode(of reports: [CheckReport]) -> ExitCode? {
    if reports.contains(where: { $0.findings?.problems.isEmpty == false }) { return ExitCode(1) }
    return reports.compactMap(\.fault).first.map(ExitStatus.code(for:))
  }
}
