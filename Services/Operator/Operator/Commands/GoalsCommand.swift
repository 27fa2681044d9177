import ArgumentParser
import Contracts
import Foundation

/// `groundswell goals`: what teams want to do.
struct GoalsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "goals",
    abstract: "Goals on behaviour, and their progress.",
    subcommands: [ListGoals.self, SetGoalCommand.self, WithdrawGoalCommand.self, LedgerCommand.self],
    defaultSubcommand: ListGoals.self
  )
}

struct ListGoals: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Goals and how far they are.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Only this team's.") var team: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = GoalsRequest(programme: try await connection.programme(), team: team.map { ID($0) })
      try options.output.show(try await connection.ask(GoalSettingAPI.goals, request)) { list in
        guard !list.goals.isEmpty else { return "No goals yet: groundswell goals set KIND BEHAVIOUR." }
        var table = Table(
          ("ID", .leading),
          ("KIND", .leading),
          ("STATE", .leading),
          ("PROGRESS", .trailing),
          ("UNTIL", .leading),
          ("TEAM", .leading),
          ("BEHAVIOUR", .leading)
        )
        for one in list.goals {
          table.add(
            one.goal.id.rawValue,
            one.goal.kind.rawValue,
            one.goal.state.rawValue,
            "\(one.goal.progress)/\(one.goal.target)",
            String(Figure.date(one.goal.until).prefix(10)),
            one.goal.team?.rawValue ?? "all",
            one.goal.behaviour
          )
        }
        return table.text()
      }
    }
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
  @Option(name: .long, help: "By when, e.g. 2026-12-31.") var until: String
  @Option(name: .long, help: "What must not suffer for it.") var counterMetric: String
  @Option(name: .long, help: "Whose goal; all teams' where it isn't given.") var team: String?
  @Option(name: .long, help: "Below this nothing is paid.") var floor: Int?
  @Option(name: .long, help: "What it brings, e.g. 500.00EUR.") var reward: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = SetGoal(
        programme: try await connection.programme(),
        kind: Open(rawValue: kind),
        behaviour: behaviour,
        team: team.map { ID($0) },
        target: target,
        floor: floor,
        until: try instant(until),
        counterMetric: counterMetric,
        reward: try reward.map { Reward(monetary: try money($0)) }
      )
      try options.output.show(try await connection.tell(GoalSettingAPI.setGoal, request)) {
        "\($0.id): \($0.behaviour), \($0.target) by \(String(Figure.date($0.until).prefix(10)))"
      }
    }
  }

  private func money(_ text: String) throws -> Money {
    let json = #"{"amount":"\#(text.dropLast(3))","currency":"\#(text.suffix(3))"}"#
    guard let money = try? JSONDecoder().decode(Money.self, from: Data(json.utf8)) else {
      throw ValidationError("'\(text)' is no amount such as 500.00EUR")
    }
    return money
  }
}

struct WithdrawGoalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "Take one back.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String

  func run() async throws {
    try await options.withConnection { connection in
      let request = WithdrawGoal(programme: try await connection.programme(), id: ID(id))
      try options.output.show(try await connection.tell(GoalSettingAPI.withdrawGoal, request)) {
        "\($0.id): \($0.state.rawValue)"
      }
    }
  }
}

struct LedgerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ledger", abstract: "The partners' joint ledger.")
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    try await options.withConnection { connection in
      let request = LedgerRequest(programme: try await connection.programme())
      try options.output.show(try await connection.ask(GoalSettingAPI.ledger, request)) { ledger in
        var table = Table(("WHEN", .leading), ("ACCOUNT", .leading), ("AMOUNT", .trailing), ("TEXT", .leading))
        for entry in ledger.entries {
          for posting in entry.postings {
            table.add(
              Figure.date(entry.at),
              posting.account,
              "\(posting.amount.amount) \(posting.amount.currency)",
              entry.text
            )
          }
        }
        return table.text()
      }
    }
  }
}
