import ArgumentParser
import Contracts
import ServiceRuntime

/// `groundswell status`: how the services are doing and how far they lag.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "The services: whether they answer, what they hold, how far behind they are."
  )
  @OptionGroup var options: ConnectionOptions
  @Flag(name: .long, help: "Wait, up to --timeout, until no service lags behind another.") var caughtUp = false

  func run() async throws {
    let reports = try await options.withConnection { connection in
      let clock = ContinuousClock()
      let deadline = clock.now.advanced(by: .seconds(options.timeout))
      var reports = try await self.reports(connection)
      // What has failed doesn't catch up.
      while caughtUp, !ServiceReport.areCaughtUp(reports), reports.allSatisfy(\.failures.isEmpty), clock.now < deadline
      {
        try await clock.sleep(for: .milliseconds(100))
        reports = try await self.reports(connection)
      }
      try options.output.show(reports, asText: ServiceReport.text)
      return reports
    }
    if !reports.allSatisfy(\.answers) { throw ExitCode(69) }
    if !reports.allSatisfy({ $0.failures.isEmpty && $0.status?.problem == nil }) { throw ExitCode(1) }
    if caughtUp, !ServiceReport.areCaughtUp(reports) {
      complain("some service still lags after \(options.timeout) s")
      throw ExitCode(75)
    }
  }

  private func reports(_ connection: Connection) async throws -> [ServiceReport] {
    // Where `groundswell up` runs the services, it knows why one of them doesn't run.
    let runs = try RunFolder(try await options.settings()).report()?.services ?? [:]
    var reports: [ServiceReport] = []
    for member in connection.members() {
      let status = await Readiness(connection).status(of: member.service, instance: member.instance)
      var report = ServiceReport(service: member.service.name, status: status, instance: member.instance)
      if !report.answers, member.instance == 0 { report.problem = runs[member.service.name]?.problem }
      reports.append(report)
    }
    return reports
  }
}

/// One instance of a service as scripts see it.
struct ServiceReport: Codable {
  var service: String
  /// Its number, as its address is the so-many-th of its service.
  var instance: Int
  var answers: Bool
  var status: ServiceStatus?
  /// Why it doesn't run, where its supervisor knows.
  var problem: String?

  init(service: String, status: ServiceStatus?, instance: Int = 0) {
    self.service = service
    self.instance = instance
    self.status = status
    answers = status != nil
  }

  /// Streams that it can't follow any more without an operator.
  var failures: [UpstreamStatus] { status?.upstreams.filter { $0.state == .failed } ?? [] }

  /// Whether every follower has applied what the stream's owner says is its last record.
  static func areCaughtUp(_ reports: [ServiceReport]) -> Bool {
    let statuses = reports.compactMap(\.status)
    guard statuses.count == reports.count else { return false }
    let heads = Dictionary(
      statuses.flatMap { status in status.heads.map { ("\($0.stream)/\(status.instance)", $0.position) } }
    ) { $1 }
    return statuses.flatMap(\.upstreams).allSatisfy { ($0.position ?? 0) >= heads["\($0.stream)/\($0.instance)"] ?? 0 }
  }

  private var name: String { instance == 0 ? service : "\(service)/\(instance)" }

  /// The partitions that it owns, and what is on its way to or from it.
  private var partitions: String {
    (status?.ownership ?? []).compactMap { claim in
      switch claim.state {
      case .known(.owned): "\(claim.partitions)"
      case .known(.leaving), .known(.arriving):
        "\(claim.partitions) \(claim.state.rawValue)" + (claim.peer.map { " (\($0))" } ?? "")
      default: nil
      }
    }.joined(separator: "; ")
  }

  static func text(_ reports: [ServiceReport]) -> String {
    let table = Table(
      reports,
      [
        .text("SERVICE") { $0.name },
        .text("ANSWERS") { $0.answers ? "yes" : "no" },
        .figure("RECORDS") { $0.figure { "\($0.heads.map(\.position).reduce(0, +))" } },
        .figure("LAG") { $0.figure { "\($0.upstreams.compactMap(\.lag).reduce(0, +))" } },
        .text("PARTITIONS") { $0.partitions },
        .figure("DEAD LETTERS") { $0.figure { "\($0.deadLetters)" } },
        .text("FOLLOWS") { report in
          report.figure { $0.upstreams.map { "\($0.stream) \($0.state.rawValue)" }.joined(separator: ", ") }
        },
      ]
    )
    let failures = reports.flatMap { report in
      (report.problem.map { ["\(report.name) doesn't run: \($0)"] } ?? [])
        + (report.status?.problem.map { ["\(report.name) takes no writes: \($0)"] } ?? [])
        + report.failures.map { "\(report.name) can't follow \($0.stream) any more: \($0.problem ?? "unknown")" }
    }
    return ([table.text()] + failures).joined(separator: "\n")
  }

  private func figure(_ text: (ServiceStatus) -> String) -> String { status.map(text) ?? "" }
}
