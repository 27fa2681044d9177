import ArgumentParser
import Contracts

/// `groundswell adoption`: how far what works has spread.
struct AdoptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adoption",
    abstract: "Which teams took up which ideas.",
    subcommands: [ListAdoption.self, ChangeAdoptionCommand.self],
    defaultSubcommand: ListAdoption.self
  )
}

struct ListAdoption: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Idea by idea, team by team.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Only this idea.") var idea: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = AdoptionRequest(programme: try await connection.programme(), idea: idea.map { ID($0) })
      try options.output.show(try await connection.ask(LoopClosureAPI.adoption, request)) { list in
        guard !list.reports.isEmpty else { return "Nothing was offered to another team yet: adoption set." }
        var table = Table(
          ("IDEA", .leading),
          ("TEAM", .leading),
          ("STATE", .leading),
          ("FIDELITY", .trailing),
          ("TITLE", .leading)
        )
        for report in list.reports {
          for row in report.rows {
            table.add(
              row.idea.rawValue,
              row.team.rawValue,
              row.state.rawValue,
              row.fidelity.map(Figure.percent) ?? "",
              report.idea.title
            )
          }
        }
        let shares = list.reports.map {
          "\($0.idea.title): in use at \(Figure.percent($0.share)) of \($0.eligible) teams"
        }
        return table.text() + "\n\n" + shares.joined(separator: "\n")
      }
    }
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
    try await options.withConnection { connection in
      let request = ChangeAdoption(
        programme: try await connection.programme(),
        idea: ID(idea),
        team: ID(team),
        to: Open(rawValue: state),
        keptComponents: kept.isEmpty ? nil : kept,
        adaptation: adaptation,
        reason: reason
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.changeAdoption, request)) {
        "\($0.idea) at \($0.team): \($0.state.rawValue)"
      }
    }
  }
}

/// `groundswell digest`: the week, failures and successes side by side.
struct DigestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "digest", abstract: "What we tried, week by week.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Only this team's.") var team: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = DigestRequest(programme: try await connection.programme(), team: team.map { ID($0) })
      try options.output.show(try await connection.ask(LoopClosureAPI.digest, request)) { digest in
        let section = { (title: String, entries: [DigestEntry]) in
          ([title] + (entries.isEmpty ? ["  nothing this week"] : entries.map { "  \($0.title): \($0.lesson)" }))
            .joined(separator: "\n")
        }
        return """
          \(Figure.date(digest.from)) to \(Figure.date(digest.until))

          \(section("What worked", digest.worked))

          \(section("What did not", digest.didNotWork))

          Started: \(digest.started.map(\.title).joined(separator: ", "))
          """
      }
    }
  }
}

/// `groundswell huddle`: what to talk about, and what came of it.
struct HuddleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "huddle",
    abstract: "A team's agenda; --outcome records that it was held."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The team.") var team: String
  @Option(name: .long, help: "What came of it; may be repeated.") var outcome: [String] = []
  @Option(name: .long, help: "How many were there.") var attendees = 0

  func run() async throws {
    try await options.withConnection { connection in
      let programme = try await connection.programme()
      guard outcome.isEmpty else {
        let request = HoldHuddle(programme: programme, team: ID(team), attendees: attendees, outcomes: outcome)
        return try options.output.show(try await connection.tell(LoopClosureAPI.holdHuddle, request)) {
          "\($0.id): held \(Figure.date($0.heldAt))"
        }
      }
      let agenda = try await connection.ask(
        LoopClosureAPI.agenda,
        AgendaRequest(programme: programme, team: ID(team))
      )
      try options.output.show(agenda) { agenda in
        ([
          "New feedback: \(agenda.newFeedback.count)",
          agenda.newFeedback.prefix(5).map { "  “\($0.text)”" }.joined(separator: "\n"),
          "Open cases: \(agenda.openCases.count)", "Ideas due: \(agenda.ideasDue.map(\.title).joined(separator: ", "))",
          "Worth retelling: \(agenda.graves.map { "\($0.name) (\($0.lesson))" }.joined(separator: ", "))",
        ]).joined(separator: "\n")
      }
    }
  }
}
