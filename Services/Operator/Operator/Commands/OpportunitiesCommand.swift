import ArgumentParser
import Contracts

/// `groundswell opportunities`: what customers keep asking to change.
struct OpportunitiesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "opportunities",
    abstract: "What customers keep asking us to change, most valuable first.",
    subcommands: [
      ListCommand<OpportunityListing>.self, ShowOpportunity.self, RenameCommand.self, PinCommand.self, MuteCommand.self,
      EstimateCommand.self, MergeOpportunitiesCommand.self, UnmergeCommand.self, RefileCommand.self,
    ],
    defaultSubcommand: ListCommand<OpportunityListing>.self
  )
}

struct OpportunityListing: Listing {
  @Option(name: .long, help: "How many, 1 to 200.") var limit = 20
  @Option(name: .long, help: "Only what a text is near to.") var search: String?
  @Flag(name: .long, help: "With those that were muted.") var muted = false

  static let abstract = "The list, with reasons."
  static let method = RankingAPI.opportunities
  static let whenEmpty: String? =
    "Nothing yet: a theme shows once several customers have said it. Send feedback, e.g. groundswell import."

  func request(_ connection: Connection) async throws -> OpportunitiesRequest {
    OpportunitiesRequest(
      programme: try await connection.programme(),
      limit: limit,
      includeMuted: muted,
      search: search
    )
  }

  func rows(_ list: OpportunityList) -> [RankedOpportunity] { list.opportunities }

  static var columns: [Column<RankedOpportunity>] {
    [
      .text("ID") { $0.opportunity.id.rawValue },
      .figure("REACH") { "\($0.opportunity.reach)" },
      .figure("SEVERITY") { Figure.decimal($0.opportunity.severity) },
      .figure("TREND") { "×\(Figure.decimal($0.opportunity.trend.ratio, places: 1))" },
      .text("TITLE") { $0.opportunity.title },
      .text("WHY HERE") { $0.because },
    ]
  }

  static func remark(_ list: OpportunityList) -> String? {
    let unthemed = list.items > 0 ? Figure.percent(Double(list.unthemedItems) / Double(list.items)) : "0 %"
    return "\(list.total) opportunities; \(unthemed) of \(list.items) items belong to none yet."
  }
}

struct ShowOpportunity: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "One, with its evidence.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Option(name: .long, help: "How many verbatims, 1 to 500.") var limit = 20

  func run() async throws {
    try await options.ask(
      RankingAPI.opportunity,
      { OpportunityRequest(programme: $0, id: ID(id), limit: limit) },
      asText: Self.text
    )
  }

  private static func text(_ detail: OpportunityDetail) -> String {
    let one = detail.opportunity
    let evidence = Table(
      detail.evidence,
      [
        .text("WHEN") { Figure.date($0.occurredAt) },
        .text("CHANNEL") { $0.channel.rawValue },
        .text("TEAM") { $0.team?.rawValue ?? "" },
        .text("VERBATIM") { $0.text },
      ]
    )
    return """
      \(one.title)
      \(one.reach) customers or items in \(one.breadth.teams.count) teams and \(one.breadth.channels.count) channels, \
      \(Figure.percent(one.recurrence)) came back with it; severity \(Figure.decimal(one.severity)), \
      confidence \(Figure.decimal(one.confidence))

      \(evidence.text())
      """
  }
}

private func describe(_ one: Opportunity) -> String {
  "\(one.id): \(one.title), \(one.state.rawValue)\(one.isPinned ? ", pinned" : "")"
}

struct RenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give it a name of your own.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "The new title.") var title: String

  func run() async throws {
    try await options.tell(
      RankingAPI.rename,
      { RenameOpportunity(programme: $0, id: ID(id), title: title) },
      asText: describe
    )
  }
}

struct PinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pin", abstract: "Keep it at the top.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Flag(name: .long, help: "Let it go again.") var undo = false

  func run() async throws {
    try await options.tell(
      RankingAPI.pin,
      { PinOpportunity(programme: $0, id: ID(id), isPinned: !undo) },
      asText: describe
    )
  }
}

struct MuteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mute", abstract: "Leave it out of the list.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Flag(name: .long, help: "Show it again.") var undo = false

  func run() async throws {
    try await options.tell(
      RankingAPI.mute,
      { MuteOpportunity(programme: $0, id: ID(id), isMuted: !undo) },
      asText: describe
    )
  }
}

struct EstimateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "estimate", abstract: "Say what it would take.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "Effort in person-days.") var personDays: Double

  func run() async throws {
    try await options.tell(
      RankingAPI.estimate,
      { EstimateOpportunity(programme: $0, id: ID(id), effortPersonDays: personDays) },
      asText: describe
    )
  }
}

struct MergeOpportunitiesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "merge", abstract: "Make several one; can be undone.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The id that stays.") var into: String
  @Argument(help: "The ids that go into it.") var absorbed: [String]

  func run() async throws {
    try await options.tell(
      RankingAPI.merge,
      { MergeOpportunities(programme: $0, into: ID(into), absorbed: absorbed.map { ID($0) }) },
      asText: describe
    )
  }
}

struct UnmergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "unmerge", abstract: "Undo a merge.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The id that was absorbed.") var id: String

  func run() async throws {
    try await options.tell(RankingAPI.unmerge, { UnmergeOpportunity(programme: $0, id: ID(id)) }, asText: describe)
  }
}

struct RefileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "refile", abstract: "Move feedback to another one.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Where it belongs.") var to: String
  @Argument(help: "Feedback ids.") var feedback: [String]

  func run() async throws {
    try await options.tell(
      RankingAPI.refile,
      { RefileFeedback(programme: $0, feedback: feedback.map { ID($0) }, to: ID(to)) },
      asText: describe
    )
  }
}
