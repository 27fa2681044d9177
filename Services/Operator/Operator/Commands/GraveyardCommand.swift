import ArgumentParser
import Contracts

/// `groundswell graveyard`: what was tried, honestly, and what it taught.
struct GraveyardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graveyard",
    abstract: "What we tried that did not work, and its lessons.",
    subcommands: [ListCommand<GraveListing>.self, DigCommand.self, VisitCommand.self],
    defaultSubcommand: ListCommand<GraveListing>.self
  )
}

struct GraveListing: Listing {
  @Option(name: .long, help: "Nearest to this text first.") var near: String?
  @Option(name: .long, help: "How many, 1 to 500.") var limit = 20

  static let abstract = "Graves, newest or nearest first."
  static let method = LoopClosureAPI.graveyard
  static let whenEmpty: String? = "Empty. Nothing failed yet, or nobody has dared to tell."

  func request(_ connection: Connection) async throws -> GraveyardRequest {
    GraveyardRequest(programme: try await connection.programme(), near: near, limit: limit)
  }

  func rows(_ list: GraveList) -> [Grave] { list.graves }

  static var columns: [Column<Grave>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("DIED") { Figure.day($0.died) },
      .figure("REUSED") { "\($0.reuseCount)" },
      .text("NAME") { $0.name },
      .text("LESSON") { $0.lesson },
    ]
  }
}

struct DigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dig", abstract: "Lay an attempt to rest.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "A name for the stone.") var name: String
  @Option(name: .long, help: "What was expected.") var expected: String
  @Option(name: .long, help: "What was seen.") var observed: String
  @Option(name: .long, help: "What it died of.") var cause: String
  @Option(name: .long, help: "What it taught.") var lesson: String
  @Option(name: .long, help: "When it would be worth another try; may be repeated.") var resurrectIf: [String] = []
  @Option(name: .long, help: "The test it was.") var experiment: String?
  @Option(name: .long, help: "Who tried.") var team: String?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      DigGrave(
        programme: programme,
        name: name,
        experiment: experiment.map { ID($0) },
        team: team.map { ID($0) },
        expected: expected,
        observed: observed,
        causeOfDeath: cause,
        lesson: lesson,
        resurrectIf: resurrectIf
      )
    }
    try await options.tell(LoopClosureAPI.digGrave, request) { "\($0.id): \($0.name)" }
  }
}

struct VisitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "visit",
    abstract: "Pay tribute, or raise it again: tribute, resurrected."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "What for.") var visit: String
  @Option(name: .long, help: "Which of its conditions has changed; needed to raise it.") var changed: String?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      VisitGrave(programme: programme, id: ID(id), visit: Open(rawValue: visit), changedCondition: changed)
    }
    try await options.tell(LoopClosureAPI.visitGrave, request) {
      "\($0.name): \($0.tributes) tributes, its lesson reused \($0.reuseCount) times"
    }
  }
}
