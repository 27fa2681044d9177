import ArgumentParser
import Contracts

/// `groundswell teams`: credits for trying and learning, never scores.
struct TeamsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teams",
    abstract: "Teams by what they suggested, tried, put into use and passed on.",
    subcommands: [ListCommand<TeamListing>.self, ListCommand<CreditListing>.self, SetTeamCommand.self],
    defaultSubcommand: ListCommand<TeamListing>.self
  )
}

struct TeamListing: Listing {
  static let abstract = "Where teams stand, in bands."
  static let method = RankingAPI.teams
  static let whenEmpty: String? = "No teams yet: set one with groundswell teams set."

  func request(_ connection: Connection) async throws -> TeamsRequest {
    TeamsRequest(programme: try await connection.programme())
  }

  func rows(_ teams: TeamStandings) -> [TeamStanding] { teams.standings }

  static var columns: [Column<TeamStanding>] {
    [
      .text("TEAM") { $0.name },
      .text("BAND") { $0.band.rawValue + ($0.place.map { " (\($0).)" } ?? "") },
      .figure("CREDITS") { Figure.decimal($0.credits, places: 1) },
      .figure("PER FTE-MONTH") { Figure.decimal($0.rate) },
      .figure("95 % INTERVAL") { "\(Figure.decimal($0.rateLow))–\(Figure.decimal($0.rateHigh))" },
      .figure("FTE-MONTHS") { Figure.decimal($0.exposureFTEMonths, places: 1) },
      .text("FOR") { one in
        one.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      },
    ]
  }

  static func remark(_ teams: TeamStandings) -> String? {
    "Over \(teams.windowDays) days. Inside a band, differences are chance."
  }
}

struct CreditListing: Listing {
  @OptionGroup var team: TeamFilter
  @Option(name: .long, help: "How many, newest first.") var limit = 50

  static let name = "credits"
  static let abstract = "What the figures are made of."
  static let method = RankingAPI.credits
  static let whenEmpty: String? = "No credits yet: they come with ideas, tests, use and passing on."

  func request(_ connection: Connection) async throws -> CreditsRequest {
    CreditsRequest(programme: try await connection.programme(), team: team.id, limit: limit)
  }

  func rows(_ list: CreditList) -> [Credit] { list.credits }

  static var columns: [Column<Credit>] {
    [
      .text("WHEN") { Figure.date($0.at) },
      .text("TEAM") { $0.team.rawValue },
      .figure("CREDITS") { Figure.decimal($0.amount) },
      .text("FOR") { $0.reason.rawValue },
      .text("EVENT") { $0.cause },
      .text("NOTE") { $0.note },
    ]
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
    let request = { (programme: ID<Programme>) in
      SetTeam(
        team: Team(
          id: ID(id),
          programme: programme,
          name: name ?? id,
          people: people,
          fullTimeEquivalents: fullTimeEquivalents
        )
      )
    }
    try await options.tell(DirectoryAPI.setTeam, request) { "\($0.id): \($0.name), \($0.people) people" }
  }
}
