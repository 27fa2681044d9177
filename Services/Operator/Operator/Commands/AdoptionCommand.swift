import ArgumentParser
import Contracts

/// `groundswell adoption`: how far what works has spread.
struct AdoptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adoption",
    abstract: "Which teams took up which ideas.",
    subcommands: [ListCommand<AdoptionListing>.self, ChangeAdoptionCommand.self],
    defaultSubcommand: ListCommand<AdoptionListing>.self
  )
}

struct AdoptionListing: Listing {
  @Option(name: .long, help: "Only this idea.") var idea: String?

  static let abstract = "Idea by idea, team by team."
  static let method = LoopClosureAPI.adoption
  static let whenEmpty: String? = "Nothing was offered to another team yet: groundswell adoption set."

  /// How far one team is with one idea.
  struct Line {
    let title: String
    let adoption: Adoption
  }

  func request(_ connection: Connection) async throws -> AdoptionRequest {
    AdoptionRequest(programme: try await connection.programme(), idea: idea.map { ID($0) })
  }

  func rows(_ list: AdoptionList) -> [Line] {
    list.reports.flatMap { report in report.rows.map { Line(title: report.idea.title, adoption: $0) } }
  }

  static var columns: [Column<Line>] {
    [
      .text("IDEA") { $0.adoption.idea.rawValue },
      .text("TEAM") { $0.adoption.team.rawValue },
      .text("STATE") { $0.adoption.state.rawValue },
      .figure("FIDELITY") { $0.adoption.fidelity.map(Figure.percent) ?? "" },
      .text("TITLE") { $0.title },
    ]
  }

  static func remark(_ list: AdoptionList) -> String? {
    list.reports.map { "\($0.idea.title): in use at \(Figure.percent($0.share)) of \($0.eligible) teams" }
      .joined(separator: "\n")
  }
}

struct ChangeAdoptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "A team's step: \(AdoptionState.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The idea.") var idea: String
  @Argument(help: "The team.") var team: String
  @Argument(help: "The step.") var state: String
  @Option(name: .long, help: "A core component that is kept; may be repeated.") var kept: [String] = []
  @Option(name: .long, help: "What is done differently.") var adaptation: String?
  @Option(name: .long, help: "Why; needed to abandon.") var reason: String?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      ChangeAdoption(
        programme: programme,
        idea: ID(idea),
        team: ID(team),
        to: Open(rawValue: state),
        keptComponents: kept.isEmpty ? nil : kept,
        adaptation: adaptation,
        reason: reason
      )
    }
    try await options.tell(LoopClosureAPI.changeAdoption, request) { "\($0.idea) at \($0.team): \($0.state.rawValue)" }
  }
}
