import Contracts
import Foundation
import GRDB

/// Programmes, teams and people, as the gateway decides on them.
struct DirectoryRows {
  let database: Database
  /// The most people that one answer holds.
  static let mostEmployees = 20_000

  func save(_ programme: Programme) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO programme (id, body) VALUES (?, ?)",
      arguments: [programme.id.rawValue, try JSONEncoder().encode(programme)]
    )
  }

  func save(_ team: Team) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO team (programme, id, body) VALUES (?, ?, ?)",
      arguments: [team.programme.rawValue, team.id.rawValue, try JSONEncoder().encode(team)]
    )
  }

  func save(_ employee: Employee) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO employee (programme, id, body) VALUES (?, ?, ?)",
      arguments: [employee.programme.rawValue, employee.id.rawValue, try JSONEncoder().encode(employee)]
    )
  }

  func programme(_ id: ID<Programme>) throws -> Programme? {
    try values(Programme.self, "SELECT body FROM programme WHERE id = ?", [id.rawValue]).first
  }

  func team(_ id: ID<Team>, in programme: ID<Programme>) throws -> Team? {
    try values(
      Team.self,
      "SELECT body FROM team WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    ).first
  }

  func employee(_ id: ID<Employee>, in programme: ID<Programme>) throws -> Employee? {
    try values(
      Employee.self,
      "SELECT body FROM employee WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    ).first
  }

  /// One programme with its teams and people, or all of them.
  func directory(of programme: ID<Programme>?) throws -> Directory {
    if let programme {
      return Directory(
        programmes: try values(Programme.self, "SELECT body FROM programme WHERE id = ?", [programme.rawValue]),
        teams: try values(Team.self, "SELECT body FROM team WHERE programme = ? ORDER BY id", [programme.rawValue]),
        employees: try values(
          Employee.self,
          "SELECT body FROM employee WHERE programme = ? ORDER BY id LIMIT ?",
          [programme.rawValue, Self.mostEmployees]
        )
      )
    }
    return Directory(
      programmes: try values(Programme.self, "SELECT body FROM programme ORDER BY id", []),
      teams: try values(Team.self, "SELECT body FROM team ORDER BY programme, id", []),
      employees: try values(
        Employee.self,
        "SELECT body FROM employee ORDER BY programme, id LIMIT ?",
        [Self.mostEmployees]
      )
    )
  }

  private func values<Value: Decodable>(
    _ type: Value.Type,
    _ sql: String,
    _ arguments: StatementArguments
  ) throws -> [Value] {
    let decoder = JSONDecoder()
    return try Data.fetchAll(database, sql: sql, arguments: arguments).map { try decoder.decode(type, from: $0) }
  }
}
