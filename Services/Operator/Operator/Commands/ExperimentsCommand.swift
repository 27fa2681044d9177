import ArgumentParser
import Contracts
import Foundation

/// `groundswell experiments`: small tests under the licence, and pilots.
struct ExperimentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiments",
    abstract: "Tests: running, concluded, stopped.",
    subcommands: [
      ListExperiments.self, StartExperimentCommand.self, ConcludeCommand.self, StopCommand.self, LicenceCommand.self,
    ],
    defaultSubcommand: ListExperiments.self
  )
}

struct ListExperiments: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Tests and verdicts.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Only this team's.") var team: String?
  @Option(name: .long, help: "How many, 1 to 500.") var limit = 30

  func run() async throws {
    try await options.withConnection { connection in
      let request = ExperimentsRequest(
        programme: try await connection.programme(),
        team: team.map { ID($0) },
        limit: limit
      )
      try options.output.show(try await connection.ask(LoopClosureAPI.experiments, request)) { list in
        guard !list.experiments.isEmpty else { return "No tests yet. A small one needs no leave: experiments start." }
        var table = Table(
          ("ID", .leading),
          ("TRACK", .leading),
          ("STATE", .leading),
          ("UNITS", .trailing),
          ("VERDICT", .leading),
          ("TEAM", .leading),
          ("TITLE", .leading)
        )
        for one in list.experiments {
          let planned = one.preRegistration.plannedUnitsPerArm * 2
          table.add(
            one.id.rawValue,
            one.track.rawValue,
            one.state.rawValue,
            "\(one.observedUnits)/\(planned)",
            one.verdict?.outcome.rawValue ?? "",
            one.team.rawValue,
            one.title
          )
        }
        return table.text() + "\n\nNo winner is shown before the look."
      }
    }
  }
}

struct StartExperimentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start a test from a JSON file (StartExperiment; see groundswell publish --help)."
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
    try await options.withConnection { connection in
      let request = ConcludeExperiment(
        programme: try await connection.programme(),
        id: ID(id),
        lesson: lesson,
        endEarly: early
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.concludeExperiment, request), asText: describe)
    }
  }
}

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop without a verdict.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "Why.") var reason: String
  @Option(name: .long, help: "What was learned all the same.") var lesson: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = StopExperiment(
        programme: try await connection.programme(),
        id: ID(id),
        reason: reason,
        lesson: lesson
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.stopExperiment, request), asText: describe)
    }
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
    try await options.withConnection { connection in
      let request = LicenceRequest(programme: try await connection.programme(), team: ID(team))
      try options.output.show(try await connection.ask(LoopClosureAPI.licence, request)) {
        "\($0.team), \($0.month): \($0.left) of \($0.licence.testsPerTeamAndMonth) tests left; each may lose at most "
          + "\($0.licence.maximumLoss.amount) \($0.licence.maximumLoss.currency) and touch "
          + "\($0.licence.blastRadiusCustomers) customers"
      }
    }
  }
}

/// Requests that are too rich for flags come as JSON.
enum JSONArgument {
  static func read<Value: Decodable>(_ path: String) throws -> Value {
    let data: Data
    if path == "-" {
      data = FileHandle.standardInput.readDataToEndOfFile()
    } else {
      guard let contents = FileManager.default.contents(atPath: path) else {
        throw ImportError("the file \(path) isn't there, or may not be read by this user")
      }
      data = contents
    }
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      let place = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
      throw ImportError("\(path) lacks the field '\(place)'")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context)
    {
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw ImportError("\(path): \(place.isEmpty ? "" : "\(place): ")\(context.debugDescription)")
    }
  }
}
