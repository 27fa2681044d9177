import Contracts
import Foundation
import GRDB
import ServiceRuntime

/// Programmes, then their teams, then their people, each as it stands: whoever refers to another comes after it.
struct DirectorySnapshot: SnapshotReading {
  private enum Table: String { case programme, team, employee }

  private var table = Table.programme
  /// Programme and id of the last that was read.
  private var last = ("", "")

  mutating func read(from database: Database, into page: inout SnapshotPage) throws -> Bool {
    let programme = table == .programme ? "id" : "programme"
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(programme) AS programme, id, body FROM \(table.rawValue)
        WHERE (\(programme), id) > (?, ?) ORDER BY \(programme), id
        """,
      arguments: [last.0, last.1]
    )
    while let row = try rows.next() {
      try add(row["body"], to: &page)
      last = (row["programme"], row["id"])
      if page.isFull { return true }
    }
    last = ("", "")
    switch table {
    case .programme: table = .team
    case .team: table = .employee
    case .employee: return false
    }
    return true
  }

  private func add(_ body: Data, to page: inout SnapshotPage) throws {
    let decoder = JSONDecoder()
    switch table {
    case .programme: try page.add(ProgrammeSet(value: try decoder.decode(Programme.self, from: body)))
    case .team: try page.add(TeamSet(team: try decoder.decode(Team.self, from: body)))
    case .employee: try page.add(EmployeeSet(employee: try decoder.decode(Employee.self, from: body)))
    }
  }
}
