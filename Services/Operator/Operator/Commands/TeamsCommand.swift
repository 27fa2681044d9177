import ArgumentParser
import Contracts

/// `groundswell teams`: credits for trying and learning, never scores.
struct TeamsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teams",
    abstract: "Teams by what they suggested, tried, put into use and passed on.",
    subcommands: [ListTeams.self, ListCredits.self, SetTeamCommand.self],
    defaultSubcommand: ListTeams.self
  )
}

struct ListTeams: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Where teams stand, in bands.")
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    try await options.withConnection { connection in
      let teams = try await connection.ask(RankingAPI.teams, TeamsRequest(programme: try await connection.programme()))
      try options.output.show(teams, asText: text)
    }
  }

  private func text(_ teams: TeamStandings) -> String {
    guard !teams.standings.isEmpty else { return "No teams yet: set one with groundswell teams set." }
    var table = Table(
      ("TEAM", .leading),
      ("BAND", .leading),
      ("CREDITS", .trailing),
      ("PER FTE-MONTH", .trailing),
      ("95 % INTERVAL", .trailing),
      ("FTE-MONTHS", .trailing),
      ("FOR", .leading)
    )
    for one in teams.standings {
      let deeds = one.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      table.add(
        one.name,
        one.band.rawValue + (one.place.map { " (\($0).)" } ?? ""),
        Figure.decimal(one.credits, places: 1),
        Figure.decimal(one.rate),
        "\(Figure.decimal(one.rateLow))–\(Figure.decimal(one.rateHigh))",
        Figure.decimal(one.exposureFTEMonths, places: 1),
        deeds
      )
    }
    return table.text() + "\n\nOver \(teams.windowDays) days. Inside a band, differences are chance."
  }
}

struct ListCredits: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "credits", abstract: "What the figures are made of.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Only this team's.") var team: String?
  @Option(name: .long, help: "How many, newest first.") var limit = 50

  func run() async throws {
    try await options.withConnection { connection in
      let request = CreditsRequest(
        programme: try await connection.programme(),
        team: team.map { ID($0) },
        limit: limit
      )
      let list = try await connection.ask(RankingAPI.credits, request)
      try options.output.show(list) { list in
        var table = Table(
          ("WHEN", .leading),
          ("TEAM", .leading),
          ("CREDITS", .trailing),
          ("FOR", .leading),
          ("EVENT", .leading),
          ("NOTE", .leading)
        )
        for one in list.credits {
          table.add(
            Figure.date(one.at),
            one.team.rawValue,
            Figure.decimal(one.amount),
            one.reason.rawValue,
            one.cause,
            one.note
          )
        }
        return table.text()
      }
    }
  }
}

struct SetTeamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "set", abstract: "Create or change a team.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Option(name: .long, help: "Its name; the id where it isn't given.") var name: String?
  @Option(name: .long, help: "How many people are in it.") var people = 0
  @Option(name: .long, help: "Full-time equivalents at work.") var fullTimeEquivalents: Double = 0

  func run() async throws {
    try await options.withConnection { connection in
      let team = Team(
        id: ID(id),
        programme: try await connection.programme(),
        name: name ?? id,
        people: people,
        fullTimeEquivalents: fullTimeEquivalents
      )
      try options.output.show(try await connection.tell(DirectoryAPI.setTeam, SetTeam(team: team))) {
        "\($0.id): \($0.name), \($0.people) people"
      }
    }
  }
}

/// `groundswell programmes`: the brands or customer-feedback programmes.
struct ProgrammesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "programmes",
    abstract: "Programmes, the unit of everything.",
    subcommands: [ListProgrammes.self, SetProgrammeCommand.self],
    defaultSubcommand: ListProgrammes.self
  )
}

struct ListProgrammes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "All programmes and their teams.")
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    try await options.withConnection { connection in
      let directory = try await connection.ask(DirectoryAPI.directory, DirectoryRequest())
      try options.output.show(directory) { directory in
        guard !directory.programmes.isEmpty else { return "None yet: groundswell programmes set ID." }
        var table = Table(("ID", .leading), ("NAME", .leading), ("TIME ZONE", .leading), ("TEAMS", .leading))
        for one in directory.programmes {
          let teams = directory.teams.filter { $0.programme == one.id }.map(\.name).sorted()
          table.add(one.id.rawValue, one.name, one.timeZone, teams.joined(separator: ", "))
        }
        return table.text()
      }
    }
  }
}

struct SetProgrammeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "set", abstract: "Create or change a programme.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Option(name: .long, help: "Its name; the id where it isn't given.") var name: String?
  @Option(name: .long, help: "IANA time zone.") var timeZone = "UTC"
  @Option(name: .long, help: "Language of texts that don't say.") var language = "en"

  func run() async throws {
    try await options.withConnection { connection in
      let value = Programme(id: ID(id), name: name ?? id, timeZone: timeZone, defaultLanguage: language)
      try options.output.show(try await connection.tell(DirectoryAPI.setProgramme, SetProgramme(value: value))) {
        "\($0.id): \($0.name), \($0.timeZone)"
      }
    }
  }
}
