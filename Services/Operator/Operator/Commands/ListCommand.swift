import ArgumentParser
import Contracts

/// A list that the command line shows: what is asked, with which filters, and what people see of the answer.
///
/// The conforming type holds the filters as flags. `ListCommand` does the rest.
protocol Listing: ParsableArguments {
  associatedtype Request: Codable & Sendable
  associatedtype Answer: Codable & Sendable
  associatedtype Row

  /// The subcommand; `list` unless said otherwise.
  static var name: String { get }
  static var abstract: String { get }
  static var method: Query<Request, Answer> { get }
  func request(_ connection: Connection) async throws -> Request

  func rows(_ answer: Answer) -> [Row]
  static var columns: [Column<Row>] { get }
  /// What stands there instead of a table without rows; nil to show the headings alone.
  static var whenEmpty: String? { get }
  /// What stands below the table.
  static func remark(_ answer: Answer) -> String?
}

extension Listing {
  static var name: String { "list" }
  static var whenEmpty: String? { nil }
  static func remark(_ answer: Answer) -> String? { nil }

  func text(_ answer: Answer) -> String {
    let rows = rows(answer)
    if rows.isEmpty, let message = Self.whenEmpty { return message }
    let table = Table(rows, Self.columns).text()
    return Self.remark(answer).map { "\(table)\n\n\($0)" } ?? table
  }
}

/// Asks for a list and prints it, as a table or as JSON.
struct ListCommand<List: Listing>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: List.name, abstract: List.abstract)
  }

  @OptionGroup var options: ConnectionOptions
  @OptionGroup var filters: List

  func run() async throws {
    try await options.withConnection { connection in
      let answer = try await connection.ask(List.method, filters.request(connection))
      try options.output.show(answer, asText: filters.text)
    }
  }
}

/// Filters that several lists have.
struct TeamFilter: ParsableArguments {
  @Option(name: .long, help: "Only this team's.") var team: String?

  var id: ID<Team>? { team.map { ID($0) } }
}

extension ConnectionOptions {
  /// Asks about the programme and prints the answer.
  func ask<Input, Output>(
    _ method: Query<Input, Output>,
    _ input: (ID<Programme>) throws -> Input,
    asText text: (Output) -> String
  ) async throws {
    try await withConnection { connection in
      let answer = try await connection.ask(method, input(try await connection.programme()))
      try output.show(answer, asText: text)
    }
  }

  /// Changes something in the programme and prints how it stands since.
  func tell<Input, Output>(
    _ method: Command<Input, Output>,
    _ input: (ID<Programme>) throws -> Input,
    asText text: (Output) -> String
  ) async throws {
    try await withConnection { connection in
      let changed = try await connection.tell(method, input(try await connection.programme()))
      try output.show(changed, asText: text)
    }
  }
}
