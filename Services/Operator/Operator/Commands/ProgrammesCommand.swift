import ArgumentParser
import Contracts

/// `groundswell programmes`: the brands or customer-feedback programmes.
struct ProgrammesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "programmes",
    abstract: "Programmes, the unit of everything.",
    subcommands: [ListCommand<ProgrammeListing>.self, SetProgrammeCommand.self],
    defaultSubcommand: ListCommand<ProgrammeListing>.self
  )
}

struct ProgrammeListing: Listing {
  static let abstract = "All programmes and their teams."
  static let method = DirectoryAPI.directory
  static let whenEmpty: String? = "None yet: groundswell programmes set ID."

  /// A programme and the names of its teams.
  struct Line {
    let programme: Programme
    let teams: [String]
  }

  func request(_ connection: Connection) async throws -> DirectoryRequest { DirectoryRequest() }

  func rows(_ directory: Directory) -> [Line] {
    directory.programmes.map { one in
      Line(programme: one, teams: directory.teams.filter { $0.programme == one.id }.map(\.name).sorted())
    }
  }

  static var columns: [Column<Line>] {
    [
      .text("ID") { $0.programme.id.rawValue },
      .text("NAME") { $0.programme.name },
      .text("TIME ZONE") { $0.programme.timeZone },
      .text("TEAMS") { $0.teams.joined(separator: ", ") },
    ]
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
    // The programme need not exist yet, so it isn't asked for.
    try await options.withConnection { connection in
      let value = Programme(id: ID(id), name: name ?? id, timeZone: timeZone, defaultLanguage: language)
      try options.output.show(try await connection.tell(DirectoryAPI.setProgramme, SetProgramme(value: value))) {
        "\($0.id): \($0.name), \($0.timeZone)"
      }
    }
  }
}
