import ArgumentParser
import Contracts

/// `groundswell employees`: who works with customers.
struct EmployeesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "employees",
    abstract: "The people who work with customers, and their teams.",
    subcommands: [ListCommand<EmployeeListing>.self, SetEmployeeCommand.self],
    defaultSubcommand: ListCommand<EmployeeListing>.self
  )
}

struct EmployeeListing: Listing {
  @OptionGroup var team: TeamFilter

  static let abstract = "Everybody and their team."
  static let method = DirectoryAPI.directory
  static let whenEmpty: String? = "Nobody yet: groundswell employees set ID --team TEAM."

  func request(_ connection: Connection) async throws -> DirectoryRequest {
    DirectoryRequest(programme: try await connection.programme())
  }

  func rows(_ directory: Directory) -> [Employee] {
    directory.employees.filter { team.id == nil || $0.team == team.id }
  }

  static var columns: [Column<Employee>] {
    [
      .text("ID") { $0.id.rawValue },
      .text("TEAM") { $0.team.rawValue },
      .figure("FTE") { Figure.decimal($0.fullTimeEquivalent) },
      .text("NAME") { $0.name },
    ]
  }
}

struct SetEmployeeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Add somebody, or change what is known."
  )
  @OptionGroup var options: ConnectionOptions
  @Argument(help: "Their id.") var id: String
  @Option(name: .long, help: "Their team.") var team: String
  @Option(name: .long, help: "Their name; the id where it isn't given.") var name: String?
  @Option(name: .long, help: "1 is full time.") var fullTimeEquivalent = 1.0

  func run() async throws {
    let request = { (programme: ID<Programme>) in
      SetEmployee(
        employee: Employee(
          id: ID(id),
          programme: programme,
          team: ID(team),
          name: name ?? id,
          fullTimeEquivalent: fullTimeEquivalent
        )
      )
    }
    try await options.tell(DirectoryAPI.setEmployee, request) { "\($0.id): \($0.name), \($0.team)" }
  }
}
