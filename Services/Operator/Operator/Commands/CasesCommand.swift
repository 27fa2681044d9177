import ArgumentParser
import Contracts
import Foundation

/// `groundswell cases`: the inner loop, one customer at a time.
struct CasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases",
    abstract: "Customers to call back, most urgent first.",
    subcommands: [ListCases.self, OpenCaseCommand.self, AdvanceCaseCommand.self, ReceiptCommand.self],
    defaultSubcommand: ListCases.self
  )
}

struct ListCases: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Cases and when they are due.")
  @OptionGroup var options: ConnectionOptions
  @Option(name: .long, help: "Only this team's.") var team: String?
  @Option(name: .long, help: "Only in this state; may be repeated.") var state: [String] = []
  @Option(name: .long, help: "How many, 1 to 500.") var limit = 30

  func run() async throws {
    try await options.withConnection { connection in
      let request = CasesRequest(
        programme: try await connection.programme(),
        team: team.map { ID($0) },
        states: state.isEmpty ? nil : state.map { Open(rawValue: $0) },
        limit: limit
      )
      let list = try await connection.ask(LoopClosureAPI.cases, request)
      try options.output.show(list) { list in
        guard !list.cases.isEmpty else { return "No cases. One opens when a customer needs an answer." }
        var table = Table(
          ("ID", .leading),
          ("STATE", .leading),
          ("TEAM", .leading),
          ("CONTACT DUE", .leading),
          ("SOLVE DUE", .leading),
          ("VERBATIM", .leading)
        )
        for one in list.cases {
          table.add(
            one.id.rawValue,
            one.state.rawValue,
            one.team?.rawValue ?? "",
            Figure.date(one.firstContactDue),
            Figure.date(one.resolveDue),
            one.verbatim
          )
        }
        return table.text() + "\n\n\(list.cases.count) of \(list.total) cases, most urgent first."
      }
    }
  }
}

private func describe(_ one: Case) -> String {
  "\(one.id): \(one.state.rawValue), contact due \(Figure.date(one.firstContactDue)), "
    + "solve due \(Figure.date(one.resolveDue))"
}

struct OpenCaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "open", abstract: "Open one by hand.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The id of the feedback it is about.") var feedback: String
  @Option(name: .long, help: "Who takes it.") var team: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = OpenCase(
        programme: try await connection.programme(),
        feedback: ID(feedback),
        team: team.map { ID($0) }
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.openCase, request), asText: describe)
    }
  }
}

struct AdvanceCaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advance",
    abstract: "Take a step: \(CaseStep.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "The step.") var step: String
  @Option(name: .long, help: "What was said or done.") var note: String?
  @Option(name: .long, help: "Why it came to this; needed to close.") var rootCause: String?
  @Option(name: .long, help: "What was done about it; needed to close.") var action: String?
  @Flag(name: .long, help: "The team can't mend it alone: escalate.") var beyondTeamControl = false

  func run() async throws {
    try await options.withConnection { connection in
      let request = AdvanceCase(
        programme: try await connection.programme(),
        id: ID(id),
        step: Open(rawValue: step),
        note: note,
        rootCause: rootCause,
        action: action,
        isBeyondTeamControl: beyondTeamControl ? true : nil
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.advanceCase, request), asText: describe)
    }
  }
}

struct ReceiptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt",
    abstract: "Say that somebody was told: \(Receipt.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "The id of a case or an outer-loop item.") var subject: String
  @Argument(help: "Which of the three.") var receipt: String
  @Argument(help: "What was said, or what changed.") var note: String

  func run() async throws {
    try await options.withConnection { connection in
      let request = GiveReceipt(
        programme: try await connection.programme(),
        subject: subject,
        receipt: Open(rawValue: receipt),
        note: note
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.giveReceipt, request)) { closure in
        let given = [closure.customerToldAt, closure.frontLinerToldAt, closure.systemChangedAt].count { $0 != nil }
        return "\(closure.subject): \(given) of 3 receipts"
      }
    }
  }
}

/// `groundswell outer`: causes that a team can't mend alone.
struct OuterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outer",
    abstract: "The outer loop: causes waiting for a decision.",
    subcommands: [ListOuter.self, EscalateCommand.self, DecideCommand.self, ClosuresCommand.self],
    defaultSubcommand: ListOuter.self
  )
}

struct ListOuter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Items, and the answer rate.")
  @OptionGroup var options: ConnectionOptions
  @Flag(name: .long, help: "Only those without a decision.") var undecided = false

  func run() async throws {
    try await options.withConnection { connection in
      let request = OuterItemsRequest(programme: try await connection.programme(), undecidedOnly: undecided)
      let list = try await connection.ask(LoopClosureAPI.outerItems, request)
      try options.output.show(list) { list in
        var table = Table(
          ("ID", .leading),
          ("WHY", .leading),
          ("DUE", .leading),
          ("DECISION", .leading),
          ("OWNER", .leading),
          ("TITLE", .leading)
        )
        for one in list.items {
          let decision = one.decision?.kind.rawValue ?? (one.isOverdue ? "overdue" : "")
          table.add(
            one.id.rawValue,
            one.reason.rawValue,
            Figure.date(one.decisionDue),
            decision,
            one.owner ?? "",
            one.title
          )
        }
        let rate = list.answerRate.map { "Answered in time: \(Figure.percent($0))." } ?? "Nothing was due yet."
        return table.text() + "\n\n" + rate
      }
    }
  }
}

struct EscalateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "escalate", abstract: "Raise a cause.")
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "What it is, in a line.") var title: String
  @Option(name: .long, help: "The root cause, as cases have it.") var rootCause: String?
  @Option(name: .long, help: "The opportunity behind it.") var opportunity: String?
  @Option(name: .long, help: "Who is to decide.") var owner: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = Escalate(
        programme: try await connection.programme(),
        title: title,
        rootCause: rootCause,
        opportunity: opportunity.map { ID($0) },
        owner: owner
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.escalate, request)) {
        "\($0.id): to be decided by \(Figure.date($0.decisionDue))"
      }
    }
  }
}

struct DecideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide",
    abstract: "Answer: \(DecisionKind.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Its id.") var id: String
  @Argument(help: "The decision.") var decision: String
  @Option(name: .long, help: "Why; needed to decline.") var reason: String?
  @Option(name: .long, help: "Until when; needed to defer.") var until: String?

  func run() async throws {
    try await options.withConnection { connection in
      let request = Decide(
        programme: try await connection.programme(),
        id: ID(id),
        kind: Open(rawValue: decision),
        reason: reason,
        until: try until.map(instant)
      )
      try options.output.show(try await connection.tell(LoopClosureAPI.decide, request)) {
        "\($0.id): \($0.decision?.kind.rawValue ?? "undecided")"
      }
    }
  }
}

struct ClosuresCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "closures",
    abstract: "Loops and their three receipts."
  )
  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    try await options.withConnection { connection in
      let request = ClosuresRequest(programme: try await connection.programme())
      try options.output.show(try await connection.ask(LoopClosureAPI.closures, request)) { report in
        var table = Table(("SUBJECT", .leading), ("CUSTOMER", .leading), ("FRONT LINE", .leading), ("SYSTEM", .leading))
        for one in report.closures {
          table.add(
            one.subject,
            Figure.date(one.customerToldAt),
            Figure.date(one.frontLinerToldAt),
            Figure.date(one.systemChangedAt)
          )
        }
        let rate = report.threeReceiptRate.map(Figure.percent) ?? "–"
        let days = report.medianDays.map { Figure.decimal($0, places: 1) } ?? "–"
        return table.text() + "\n\nAll three receipts: \(rate); median days: \(days)."
      }
    }
  }
}

/// Reads a time argument: RFC 3339, or a day alone.
func instant(_ text: String) throws -> Timestamp {
  guard let time = Timestamp(rfc3339: text) ?? DateFormat.yearMonthDay.timestamp(text, in: .gmt) else {
    throw ValidationError("'\(text)' is no time such as 2026-11-22 or 2026-11-22T15:04:05Z")
  }
  return time
}
