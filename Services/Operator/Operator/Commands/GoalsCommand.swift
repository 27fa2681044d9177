import ArgumentParser
import Contracts

/// `groundswell goals`: what teams want to do.
struct GoalsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "goals",
    abstract: "Goals on behaviour, and their progress.",
    subcommands: [
      ListCommand<GoalListing>.self, SetGoalCommand.self, WithdrawGoalCommand.self, ListCommand<LedgerListing>.self,
    ],
    defaultSubcommand: ListCommand<GoalListing>.self
  )
}

struct GoalListing: Listing {
  @OptionGroup var team: TeamFilter

  static let abstract = "Goals and how far they are."
  static let method = GoalSettingAPI.goals
  static let whenEmpty: String? = "No goals yet: groundswell goals set KIND BEHAVIOUR."

  func request(_ connection: Connection) async throws -> GoalsRequest {
    GoalsRequest(programme: try await connection.programme(), team: team.id)
  }

  func rows(_ list: GoalList) -> [Goal] { list.goals.map(\.goal) }

  static var columns: [Column<Goal>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("KIND") { $0.kind.rawValue },
      .text("STATE") { $0.state.rawValue },
      .figure("PROGRESS") { "\($0.progress)/\($0.target)" },
      .text("FROM") { Figure.day($0.from) },
      .text("UNTIL") { Figure.day($0.until) },
      .text("TEAM") { $0.team?.rawValue ?? "all" },
      .text("BEHAVIOUR") { $0.behaviour },
    ]
  }
}

struct LedgerListing: Listing {
  static let name = "ledger"
  static let abstract = "The partners' joint ledger."
  static let method = GoalSettingAPI.ledger
  static let whenEmpty: String? = "Nothing was shared out yet."

  /// One posting with the entry that it belongs to.
  struct Line {
    let entry: LedgerEntry
    let posting: Posting
  }

  func request(_ connection: Connection) async throws -> LedgerRequest {
    LedgerRequest(programme: try await connection.programme())
  }

  func rows(_ ledger: JointLedger) -> [Line] {
    ledger.entries.flatMap { entry in entry.postings.map { Line(entry: entry, posting: $0) } }
  }

  static var columns: [Column<Line>] {
    [
      .text("WHEN") { Figure.date($0.entry.at) },
      .text("ACCOUNT") { $0.posting.account },
      .figure("AMOUNT") { "\($0.posting.amount.amount) \($0.posting.amount.currency)" },
      .text("TEXT") { $0.entry.text },
    ]
  }
}

struct SetGoalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set one: \(GoalKind.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The kind of deed.") var kind: String
  @Argument(help: "The behaviour, in the team's words.") var behaviour: String
  @Option(name: .long, help: "How many.") var target: Int
  @Option(
    name: .long,
    help: "From when deeds count, e.g. 2026-10-01; from now where it isn't given.",
    transform: instant
  )
  var from: Timestamp?
  @Option(name: .long, help: "By when, e.g. 2026-12-31.", transform: instant) var until: Timestamp
  @Option(name: .long, help: "What must not suffer for it.") var counterMetric: String
  @Option(name: .long, help: "Whose goal; all teams' where it isn't given.") var team: String?
  @Option(name: .long, help: "Below this nothing is paid.") var floor: Int?
  @Option(name: .long, help: "What it brings, e.g. 500.00EUR.", transform: money) var reward: Money?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      SetGoal(
        programme: programme,
        kind: Open(rawValue: kind),
        behaviour: behaviour,
        team: team.map { ID($0) },
        target: target,
        floor: floor,
        from: from,
        until: until,
        counterMetric: counterMetric,
        reward: reward.map { Reward(monetary: $0) }
      )
    }
    try await options.tell(GoalSettingAPI.setGoal, request) {
      "\($0.id): \($0.behaviour), \($0.target) from \(Figure.day($0.from)) to \(Figure.day($0.until))"
    }
  }
}

struct WithdrawGoalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "Take one back.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String

  func run() async throws {
    try await options.tell(GoalSettingAPI.withdrawGoal, { WithdrawGoal(programme: $0, id: ID(id)) }) {
      "\($0.id): \($0.state.rawValue)"
    }
  }
}
