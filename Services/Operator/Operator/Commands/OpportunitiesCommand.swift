import ArgumentParser
import Contracts

/// `groundswell opportunities`: what customers keep asking to change.
struct OpportunitiesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "opportunities",
    abstract: "What customers keep asking us to change, most valuable first.",
    subcommands: [
      ListOpportunities.self, ShowOpportunity.self, RenameCommand.self, PinCommand.self, MuteCommand.self,
      EstimateCommand.self, MergeOpportunitiesCommand.self, UnmergeCommand.self, RefileCommand.self,
    ],
    defaultSubcommand: ListOpportunities.self
  )
}

struct ListOpportunities: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The list, with reasons.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "How many, 1 to 200.") var limit = 20
  @Option(name: .long, help: "Only what a text is near to.") var search: String?
  @Flag(name: .long, help: "With those that were muted.") var muted = false

  func run() async throws {
    try await options.withConnection { connection in
      let request = OpportunitiesRequest(
        programme: try await connection.programme(),
        limit: limit,
        includeMuted: muted,
        search: search
      )
      let list = try await connection.ask(RankingAPI.opportunities, request)
      try options.output.show(list, asText: text)
    }
  }

  private func text(_ list: OpportunityList) -> String {
    guard !list.opportunities.isEmpty else {
      return "Nothing yet: a theme shows once several customers have said it. Send feedback, e.g. groundswell import."
    }
    var table = Table(
      ("ID", .leading),
      ("REACH", .trailing),
      ("SEVERITY", .trailing),
      ("TREND", .trailing),
      ("TITLE", .leading),
      ("WHY HERE", .leading)
    )
    for ranked in list.opportunities {
      let one = ranked.opportunity
      table.add(
        one.id.rawValue,
        "\(one.reach)",
        Figure.decimal(one.severity),
        "×\(Figure.decimal(one.trend.ratio, places: 1))",
        one.title,
        ranked.because
      )
    }
    let unthemed = list.items > 0 ? Figure.percent(Double(list.unthemedItems) / Double(list.items)) : "0 %"
    return table.text() + "\n\n\(list.total) opportunities; \(unthemed) of \(list.items) items belong to none yet."
  }
}

struct ShowOpportunity: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "One, with its evidence.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Option(name: .long, help: "How many verbatims, 1 to 500.") var limit = 20

  func run() async throws {
    try await options.withConnection { connection in
      let request = OpportunityRequest(programme: try await connection.programme(), id: ID(id), limit: limit)
      let detail = try await connection.ask(RankingAPI.opportunity, request)
      try options.output.show(detail) { detail in
        let one = detail.opportunity
        var table = Table(("WHEN", .leading), ("CHANNEL", .leading), ("TEAM", .leading), ("VERBATIM", .leading))
        for quote in detail.evidence {
          table.add(
            Figure.date(quote.occurredAt),
            quote.channel.rawValue,
            quote.team?.rawValue ?? "",
            quote.text
          )
        }
        return """
          \(one.title)
          \(one.reach) customers or items in \(one.breadth.teams.count) teams and \(one.breadth.channels.count) channels, \
          \(Figure.percent(one.recurrence)) came back with it; severity \(Figure.decimal(one.severity)), \
          confidence \(Figure.decimal(one.confidence))

          \(table.text())
          """
      }
    }
  }
}

/// What changes one opportunity and prints how it stands since.
private func change<Input: Codable & Sendable>(
  _ options: ConnectionOptions,
  _ method: Command<Input, Opportunity>,
  _ input: (ID<Programme>) -> Input
) async throws {
  try await options.withConnection { connection in
    let changed = try await connection.tell(method, input(try await connection.programme()))
    try options.output.show(changed) { "\($0.id): \($0.title), \($0.state.rawValue)\($0.isPinned ? ", pinned" : "")" }
  }
}

struct RenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give it a name of your own.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "The new title.") var title: String

  func run() async throws {
    try await change(options, RankingAPI.rename) { RenameOpportunity(programme: $0, id: ID(id), title: title) }
  }
}

struct PinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pin", abstract: "Keep it at the top.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Flag(name: .long, help: "Let it go again.") var undo = false

  func run() async throws {
    try await change(options, RankingAPI.pin) { PinOpportunity(programme: $0, id: ID(id), isPinned: !undo) }
  }
}

struct MuteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mute", abstract: "Leave it out of the list.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Flag(name: .long, help: "Show it again.") var undo = false

  func run() async throws {
    try await change(options, RankingAPI.mute) { MuteOpportunity(programme: $0, id: ID(id), isMuted: !undo) }
  }
}

struct EstimateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "estimate", abstract: "Say what it would take.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "Effort in person-days.") var personDays: Double

  func run() async throws {
    try await change(options, RankingAPI.estimate) {
      EstimateOpportunity(programme: $0, id: ID(id), effortPersonDays: personDays)
    }
  }
}

struct MergeOpportunitiesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "merge", abstract: "Make several one; can be undone.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The id that stays.") var into: String
  @Argument(help: "The ids that go into it.") var absorbed: [String]

  func run() async throws {
    try await change(options, RankingAPI.merge) {
      MergeOpportunities(programme: $0, into: ID(into), absorbed: absorbed.map { ID($0) })
    }
  }
}

struct UnmergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "unmerge", abstract: "Undo a merge.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The id that was absorbed.") var id: String

  func run() async throws {
    try await change(options, RankingAPI.unmerge) { UnmergeOpportunity(programme: $0, id: ID(id)) }
  }
}

struct RefileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "refile", abstract: "Move feedback to another one.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Where it belongs.") var to: String
  @Argument(help: "Feedback ids.") var feedback: [String]

  func run() async throws {
    try await change(options, RankingAPI.refile) {
      RefileFeedback(programme: $0, feedback: feedback.map { ID($0) }, to: ID(to))
    }
  }
}
