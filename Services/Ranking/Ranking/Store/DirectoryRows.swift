import Contracts
import GRDB

/// What this service knows of programmes, teams and people, from the gateway's events.
struct DirectoryRows {
  let database: Database

  func save(_ programme: Programme) throws {
    try database.run(
      "INSERT OR REPLACE INTO programme (id, body) VALUES (?, ?)",
      [programme.id.rawValue, try programme.stored()]
    )
  }

  func save(_ team: Team) throws {
    try database.run(
      "INSERT OR REPLACE INTO team (programme, id, body) VALUES (?, ?, ?)",
      [team.programme.rawValue, team.id.rawValue, try team.stored()]
    )
  }

  func save(_ employee: Employee) throws {
    try database.run(
      "INSERT OR REPLACE INTO employee (programme, id, team, body) VALUES (?, ?, ?, ?)",
      [employee.programme.rawValue, employee.id.rawValue, employee.team.rawValue, try employee.stored()]
    )
  }

  /// - Throws: NOT_FOUND `unknownProgramme`.
  func check(_ programme: ID<Programme>) throws {
    guard try database.integer("SELECT 1 FROM programme WHERE id = ?", [programme.rawValue]) == nil else { return }
    throw Fault(
      .notFound,
      reason: "unknownProgramme",
      "There is no programme '\(programme)' here; one that was just made is known a moment later.",
      field: "programme"
    )
  }

  func programmes() throws -> [ID<Programme>] {
    try database.texts("SELECT id FROM programme ORDER BY id", []).map { ID($0) }
  }

  func teams(of programme: ID<Programme>) throws -> [Team] {
    try database.values(Team.self, "SELECT body FROM team WHERE programme = ? ORDER BY id", [programme.rawValue])
  }

  func employees(of programme: ID<Programme>) throws -> [Employee] {
    try database.values(
      Employee.self,
      "SELECT body FROM employee WHERE programme = ? ORDER BY id",
      [programme.rawValue]
    )
  }

  /// Whether a record's `by` names someone of a team, by id or by name.
  func isMember(_ name: String, of team: ID<Team>, in programme: ID<Programme>) throws -> Bool {
    try database.values(
      Employee.self,
      "SELECT body FROM employee WHERE programme = ? AND team = ?",
      [programme.rawValue, team.rawValue]
    )
    .contains { $0.id.rawValue == name || $0.name == name }
  }
}
