import ArgumentParser
import Contracts

/// `groundswell cases`: the inner loop, one customer at a time.
struct CasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases",
    abstract: "Customers to call back, most urgent first.",
    subcommands: [ListCommand<CaseListing>.self, OpenCaseCommand.self, AdvanceCaseCommand.self, ReceiptCommand.self],
    defaultSubcommand: ListCommand<CaseListing>.self
  )
}

struct CaseListing: Listing {
  @OptionGroup var team: TeamFilter
  @Option(name: .long, help: "Only in this state; may be repeated.") var state: [String] = []
  @Option(name: .long, help: "How many, 1 to 500.") var limit = 30

  static let abstract = "Cases and when they are due."
  static let method = LoopClosureAPI.cases
  static let whenEmpty: String? = "No cases. One opens when a customer needs an answer."

  func request(_ connection: Connection) async throws -> CasesRequest {
    CasesRequest(
      programme: try await connection.programme(),
      team: team.id,
      states: state.isEmpty ? nil : state.map { Open(rawValue: $0) },
      limit: limit
    )
  }

  func rows(_ list: CaseList) -> [Case] { list.cases }

  static var columns: [Column<Case>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("STATE") { $0.state.rawValue },
      .text("TEAM") { $0.team?.rawValue ?? "" },
      .text("CONTACT DUE") { Figure.date($0.firstContactDue) + ($0.missedFirstContact ? " late" : "") },
      .text("SOLVE DUE") { Figure.date($0.resolveDue) + ($0.missedResolve ? " late" : "") },
      .text("VERBATIM") { $0.verbatim },
    ]
  }

  static func remark(_ list: CaseList) -> String? {
    "\(list.cases.count) of \(list.total) cases, most urgent first."
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
    try await options.tell(
      LoopClosureAPI.openCase,
      { OpenCase(programme: $0, feedback: ID(feedback), team: team.map { ID($0) }) },
      asText: describe
    )
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
  @Option(name: .long, help: "Who takes it, as an employee's id; needed for assigned.") var assignee: String?
  @Flag(name: .long, help: "The team can't mend it alone: escalate.") var beyondTeamControl = false

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      AdvanceCase(
        programme: programme,
        id: ID(id),
        step: Open(rawValue: step),
        note: note,
        rootCause: rootCause,
        action: action,
        isBeyondTeamControl: beyondTeamControl ? true : nil,
        assignee: assignee.map { ID($0) }
      )
    }
    try await options.tell(LoopClosureAPI.advanceCase, request, asText: describe)
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
  @Option(name: .long, help: "Which colleague was told, as an employee's id; the case's assignee where it isn't given.")
  var frontLiner: String?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      GiveReceipt(
        programme: programme,
        subject: subject,
        receipt: Open(rawValue: receipt),
        note: note,
        frontLiner: frontLiner.map { ID($0) }
      )
    }
    try await options.tell(LoopClosureAPI.giveReceipt, request) { closure in
      let given = [closure.customerToldAt, closure.frontLinerToldAt, closure.systemChangedAt].count { $0 != nil }
      return "\(closure.subject): \(given) of 3 receipts"
    }
  }
}
