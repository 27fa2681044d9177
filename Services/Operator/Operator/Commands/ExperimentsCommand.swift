import ArgumentParser
import Contracts

/// `groundswell experiments`: small tests under the licence, and pilots.
struct ExperimentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiments",
    abstract: "Tests: running, concluded, stopped.",
    subcommands: [
      ListCommand<ExperimentListing>.self, StartExperimentCommand.self, ConcludeCommand.self, StopCommand.self,
      LicenceCommand.self,
    ],
    defaultSubcommand: ListCommand<ExperimentListing>.self
  )
}

struct ExperimentListing: Listing {
  @OptionGroup var team: TeamFilter
  @Option(name: .long, help: "How many, 1 to 500.") var limit = 30

  static let abstract = "Tests and verdicts."
  static let method = LoopClosureAPI.experiments
  static let whenEmpty: String? = "No tests yet. A small one needs no leave: groundswell experiments start."

  func request(_ connection: Connection) async throws -> ExperimentsRequest {
    ExperimentsRequest(programme: try await connection.programme(), team: team.id, limit: limit)
  }

  func rows(_ list: ExperimentList) -> [Experiment] { list.experiments }

  static var columns: [Column<Experiment>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("TRACK") { $0.track.rawValue },
      .text("STATE") { $0.state.rawValue },
      .figure("UNITS") { "\($0.observedUnits)/\($0.preRegistration.plannedUnitsPerArm * 2)" },
      .text("VERDICT") { $0.verdict?.outcome.rawValue ?? "" },
      .text("TEAM") { $0.team.rawValue },
      .text("TITLE") { $0.title },
    ]
  }

  static func remark(_ list: ExperimentList) -> String? { "No winner is shown before the look." }
}

struct StartExperimentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start a test from a JSON file (StartExperiment, as the REST API takes it)."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "A file with the request, or - for standard input.") var file: String

  func run() async throws {
    try await options.withConnection { connection in
      var request: StartExperiment = try JSONArgument.read(file)
      if options.programme != nil { request.programme = try await connection.programme() }
      try options.output.show(try await connection.tell(LoopClosureAPI.startExperiment, request)) {
        "\($0.id): \($0.state.rawValue); pre-registration \($0.preRegistrationHash.prefix(12))… is frozen"
      }
    }
  }
}

private func describe(_ one: Experiment) -> String {
  let verdict = one.verdict.map { ": \($0.outcome.rawValue). \($0.explanation)" } ?? ""
  return "\(one.id): \(one.state.rawValue)\(verdict)"
}

struct ConcludeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conclude",
    abstract: "Look, once, and write the lesson."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "What was learned.") var lesson: String
  @Flag(name: .long, help: "Even though not all planned units were observed.") var early = false

  func run() async throws {
    try await options.tell(
      LoopClosureAPI.concludeExperiment,
      { ConcludeExperiment(programme: $0, id: ID(id), lesson: lesson, endEarly: early) },
      asText: describe
    )
  }
}

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop without a verdict.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "Why.") var reason: String
  @Option(name: .long, help: "What was learned all the same.") var lesson: String?

  func run() async throws {
    try await options.tell(
      LoopClosureAPI.stopExperiment,
      { StopExperiment(programme: $0, id: ID(id), reason: reason, lesson: lesson) },
      asText: describe
    )
  }
}

struct LicenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "licence",
    abstract: "What a team may start without asking."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The team.") var team: String

  func run() async throws {
    try await options.ask(LoopClosureAPI.licence, { LicenceRequest(programme: $0, team: ID(team)) }) {
      "\($0.team), \($0.month): \($0.left) of \($0.licence.testsPerTeamAndMonth) tests left; each may lose at most "
        + "\($0.licence.maximumLoss.amount) \($0.licence.maximumLoss.currency) and touch "
        + "\($0.licence.blastRadiusCustomers) customers"
    }
  }
}
