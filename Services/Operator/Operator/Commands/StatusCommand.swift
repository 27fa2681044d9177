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

  /// One service as scripts see it.
  struct Report: Codable {
    var service: String
    var answers: Bool
    var status: ServiceStatus?
  }

  func run() async throws {
    let reports = try await options.withConnection { connection in
      let clock = ContinuousClock()
      let deadline = clock.now.advanced(by: .seconds(options.timeout))
      var reports = await self.reports(connection)
      while caughtUp, !Self.areCaughtUp(reports), clock.now < deadline {
        try await clock.sleep(for: .milliseconds(100))
        reports = await self.reports(connection)
      }
      try options.output.show(reports, asText: text)
      return reports
    }
    if !reports.allSatisfy(\.answers) { throw ExitCode(69) }
    if caughtUp, !Self.areCaughtUp(reports) {
      complain("some service still lags after \(options.timeout) s")
      throw ExitCode(75)
    }
  }

  private func reports(_ connection: Connection) async -> [Report] {
    var reports: [Report] = []
    for service in ServiceProfile.all {
      let status = await Readiness(connection).status(of: service)
      reports.append(Report(service: service.name, answers: status != nil, status: status))
    }
    return reports
  }

  /// Whether every follower has applied what the stream's owner says is its last record.
  static func areCaughtUp(_ reports: [Report]) -> Bool {
    let statuses = reports.compactMap(\.status)
    guard statuses.count == reports.count else { return false }
    let heads = Dictionary(statuses.flatMap(\.heads).map { ($0.stream, $0.position) }) { $1 }
    return statuses.flatMap(\.upstreams).allSatisfy { ($0.position ?? 0) >= heads[$0.stream] ?? 0 }
  }

  private func text(_ reports: [Report]) -> String {
    var table = Table(
      ("SERVICE", .leading),
      ("ANSWERS", .leading),
      ("RECORDS", .trailing),
      ("LAG", .trailing),
      ("DEAD LETTERS", .trailing),
      ("FOLLOWS", .leading)
    )
    for report in reports {
      guard let status = report.status else {
        table.add(report.service, "no", "", "", "", "")
        continue
      }
      let records = status.heads.map(\.position).reduce(0, +)
      let lag = status.upstreams.compactMap(\.lag).reduce(0, +)
      let follows = status.upstreams.map { "\($0.stream) \($0.state.rawValue)" }.joined(separator: ", ")
      table.add(report.service, "yes", "\(records)", "\(lag)", "\(status.deadLetters)", follows)
    }
    return table.text()
  }
}
