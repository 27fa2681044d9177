import ArgumentParser
import Contracts

/// `groundswell digest`: the week, failures and successes side by side.
struct DigestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "digest", abstract: "What we tried, week by week.")
  @OptionGroup var options: ConnectionOptions
  @OptionGroup var team: TeamFilter

  func run() async throws {
    try await options.ask(
      LoopClosureAPI.digest,
      { DigestRequest(programme: $0, team: team.id) },
      asText: Self.text
    )
  }

  private static func text(_ digest: Digest) -> String {
    """
    \(Figure.date(digest.from)) to \(Figure.date(digest.until))

    \(section("What worked", digest.worked))

    \(section("What did not", digest.didNotWork))

    Started: \(digest.started.map(\.title).joined(separator: ", "))
    """
  }

  private static func section(_ title: String, _ entries: [DigestEntry]) -> String {
    ([title] + (entries.isEmpty ? ["  nothing this week"] : entries.map { "  \($0.title): \($0.lesson)" }))
      .joined(separator: "\n")
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
    guard outcome.isEmpty else {
      return try await options.tell(
        LoopClosureAPI.holdHuddle,
        { HoldHuddle(programme: $0, team: ID(team), attendees: attendees, outcomes: outcome) },
        asText: { "\($0.id): held \(Figure.date($0.heldAt))" }
      )
    }
    try await options.ask(
      LoopClosureAPI.agenda,
      { AgendaRequest(programme: $0, team: ID(team)) },
      asText: Self.text
    )
  }

  private static func text(_ agenda: HuddleAgenda) -> String {
    [
      "New feedback: \(agenda.newFeedback.count)",
      agenda.newFeedback.prefix(5).map { "  “\($0.text)”" }.joined(separator: "\n"),
      "Open cases: \(agenda.openCases.count)",
      "Ideas due: \(agenda.ideasDue.map(\.title).joined(separator: ", "))",
      "Worth retelling: \(agenda.graves.map { "\($0.name) (\($0.lesson))" }.joined(separator: ", "))",
    ].joined(separator: "\n")
  }
}
