import ArgumentParser
import Contracts

/// `groundswell ideas`: what people suggest.
struct IdeasCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ideas",
    abstract: "Ideas, newest first.",
    subcommands: [
      ListCommand<IdeaListing>.self, SubmitIdeaCommand.self, AdvanceIdeaCommand.self, MergeIdeaCommand.self,
      SupportIdeaCommand.self,
    ],
    defaultSubcommand: ListCommand<IdeaListing>.self
  )
}

struct IdeaListing: Listing {
  @OptionGroup var team: TeamFilter
  @Option(name: .long, help: "Only in this state; may be repeated.") var state: [String] = []
  @Option(name: .long, help: "How many, 1 to 500.") var limit = 30

  static let abstract = "Ideas and where they are."
  static let method = LoopClosureAPI.ideas
  static let whenEmpty: String? = "No ideas yet: groundswell ideas submit TITLE TEXT."

  func request(_ connection: Connection) async throws -> IdeasRequest {
    IdeasRequest(
      programme: try await connection.programme(),
      team: team.id,
      states: state.isEmpty ? nil : state.map { Open(rawValue: $0) },
      limit: limit
    )
  }

  func rows(_ list: IdeaList) -> [Idea] { list.ideas }

  static var columns: [Column<Idea>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("STATE") { $0.state.rawValue },
      .text("TEAM") { $0.team?.rawValue ?? "" },
      .figure("NOVELTY") { Figure.decimal($0.novelty) },
      .figure("BEHIND IT") { "\($0.supporters.count)" },
      .text("TITLE") { $0.title },
    ]
  }

  static func remark(_ list: IdeaList) -> String? { "\(list.ideas.count) of \(list.total) ideas." }
}

struct SubmitIdeaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Suggest something; shows what was tried before."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "In a line.") var title: String
  @Argument(help: "What to do, and why it would help.") var text: String
  @Option(name: .long, help: "Whose idea it is.") var team: String?
  @Option(name: .long, help: "Whose idea it is, as an employee's id.") var author: String?
  @Option(name: .long, help: "The opportunity that it answers.") var opportunity: String?
  @Option(name: .long, help: "Feedback that speaks for it; may be repeated.") var evidence: [String] = []
  @Option(name: .long, help: "What another team would have to keep; may be repeated.") var component: [String] = []

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      SubmitIdea(
        programme: programme,
        team: team.map { ID($0) },
        author: author.map { ID($0) },
        title: title,
        text: text,
        opportunity: opportunity.map { ID($0) },
        evidence: evidence.isEmpty ? nil : evidence.map { ID($0) },
        coreComponents: component.isEmpty ? nil : component
      )
    }
    try await options.tell(LoopClosureAPI.submitIdea, request) { submitted in
      let idea = submitted.idea
      var lines = ["\(idea.id): \(idea.state.rawValue), novelty \(Figure.decimal(idea.novelty))"]
      lines += submitted.similar.map { "alike (\(Figure.percent($0.similarity))): \($0.idea) \($0.title)" }
      lines += submitted.graves.map { "tried before: \($0.name): \($0.lesson)" }
      return lines.joined(separator: "\n")
    }
  }
}

private func describe(_ one: Idea) -> String { "\(one.id): \(one.title), \(one.state.rawValue)" }

struct AdvanceIdeaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advance",
    abstract: "Move it on: accepted, declined, implemented, verified, scaled."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "Where to.") var to: String
  @Option(name: .long, help: "Why; needed to decline.") var reason: String?
  @Option(name: .long, help: "Who put it into use.") var team: String?
  @Option(name: .long, help: "The event that proves it.") var evidence: String?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      AdvanceIdea(
        programme: programme,
        id: ID(id),
        to: Open(rawValue: to),
        reason: reason,
        team: team.map { ID($0) },
        evidence: evidence
      )
    }
    try await options.tell(LoopClosureAPI.advanceIdea, request, asText: describe)
  }
}

struct MergeIdeaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Join it to an earlier one, or take it out again with --undo."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Option(name: .long, help: "The earlier one.") var into: String?
  @Flag(name: .long, help: "Take it out of its cluster.") var undo = false

  func validate() throws {
    if undo == (into != nil) { throw ValidationError("give either --into ID or --undo") }
  }

  func run() async throws {
    try await options.tell(
      LoopClosureAPI.mergeIdeas,
      { MergeIdeas(programme: $0, id: ID(id), into: into.map { ID($0) }) },
      asText: describe
    )
  }
}

struct SupportIdeaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "support", abstract: "Stand behind it.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "Who.") var supporter: String

  func run() async throws {
    try await options.tell(
      LoopClosureAPI.supportIdea,
      { SupportIdea(programme: $0, id: ID(id), supporter: supporter) },
      asText: describe
    )
  }
}
