import ArgumentParser
import Contracts

/// `groundswell outer`: causes that a team can't mend alone.
struct OuterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outer",
    abstract: "The outer loop: causes waiting for a decision.",
    subcommands: [
      ListCommand<OuterListing>.self, EscalateCommand.self, DecideCommand.self, ListCommand<ClosureListing>.self,
    ],
    defaultSubcommand: ListCommand<OuterListing>.self
  )
}

struct OuterListing: Listing {
  @Flag(name: .long, help: "Only those without a decision.") var undecided = false

  static let abstract = "Items, and the answer rate."
  static let method = LoopClosureAPI.outerItems

  func request(_ connection: Connection) async throws -> OuterItemsRequest {
    OuterItemsRequest(programme: try await connection.programme(), undecidedOnly: undecided)
  }

  func rows(_ list: OuterItemList) -> [OuterItem] { list.items }

  static var columns: [Column<OuterItem>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("WHY") { $0.reason.rawValue },
      .text("DUE") { Figure.date($0.decisionDue) },
      .text("DECISION") { $0.decision?.kind.rawValue ?? ($0.isOverdue ? "overdue" : "") },
      .text("OWNER") { $0.owner ?? "" },
      .text("TITLE") { $0.title },
    ]
  }

  static func remark(_ list: OuterItemList) -> String? {
    list.answerRate.map { "Answered in time: \(Figure.percent($0))." } ?? "Nothing was due yet."
  }
}

struct ClosureListing: Listing {
  static let name = "closures"
  static let abstract = "Loops and their three receipts."
  static let method = LoopClosureAPI.closures

  func request(_ connection: Connection) async throws -> ClosuresRequest {
    ClosuresRequest(programme: try await connection.programme())
  }

  func rows(_ report: ClosureReport) -> [Closure] { report.closures }

  static var columns: [Column<Closure>] {
    [
      .text("SUBJECT") { $0.subject },
      .text("CUSTOMER") { Figure.date($0.customerToldAt) },
      .text("FRONT LINE") { Figure.date($0.frontLinerToldAt) },
      .text("SYSTEM") { Figure.date($0.systemChangedAt) },
    ]
  }

  static func remark(_ report: ClosureReport) -> String? {
    let rate = report.threeReceiptRate.map(Figure.percent) ?? "–"
    let days = report.medianDays.map { Figure.decimal($0, places: 1) } ?? "–"
    return "All three receipts: \(rate); median days: \(days)."
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
    let request = { (programme: ID<Programme>) in
      Escalate(
        programme: programme,
        title: title,
        rootCause: rootCause,
        opportunity: opportunity.map { ID($0) },
        owner: owner
      )
    }
    try await options.tell(LoopClosureAPI.escalate, request) {
      "\($0.id): to be decided by \(Figure.date($0.decisionDue))"
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
  @Option(name: .long, help: "Until when; needed to defer.", transform: instant) var until: Timestamp?

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      Decide(programme: programme, id: ID(id), kind: Open(rawValue: decision), reason: reason, until: until)
    }
    try await options.tell(LoopClosureAPI.decide, request) { "\($0.id): \($0.decision?.kind.rawValue ?? "undecided")" }
  }
}
