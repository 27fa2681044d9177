import Contracts
import GRDB

/// What this service knows of programmes and teams, from the gateway's events.
struct DirectoryRows {
  let database: Database

  func save(_ programme: Programme) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO programme (id, body) VALUES (?, ?)",
      arguments: [programme.id.rawValue, try programme.stored()]
    )
  }

  func save(_ team: Team) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO team (programme, id, body) VALUES (?, ?, ?)",
      arguments: [team.programme.rawValue, team.id.rawValue, try team.stored()]
    )
  }

  /// - Throws: NOT_FOUND `unknownProgramme` or `unknownTeam`.
  func check(_ programme: ID<Programme>, team: ID<Team>? = nil) throws {
    let isKnown = try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM programme WHERE id = ?)",
      arguments: [programme.rawValue]
    )
    guard isKnown == true else {
      throw Fault(
        .notFound,
        reason: "unknownProgramme",
        "There is no programme '\(programme)' here; one that was just made is known a moment later.",
        field: "programme"
      )
    }
    guard let team else { return }
    let hasTeam = try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM team WHERE programme = ? AND id = ?)",
      arguments: [programme.rawValue, team.rawValue]
    )
    guard hasTeam == true else {
      throw Fault(
        .notFound,
        reason: "unknownTeam",
        "Programme '\(programme)' has no team '\(team)' here; one that was just made is known a moment later.",
        field: "team"
      )
    }
  }

  func saveTeam(_ team: ID<Team>, ofCase id: ID<Case>, in programme: ID<Programme>) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO caseTeam (programme, caseID, team) VALUES (?, ?, ?)",
      arguments: [programme.rawValue, id.rawValue, team.rawValue]
    )
  }

  func team(ofCase id: String, in programme: ID<Programme>) throws -> ID<Team>? {
    try String.fetchOne(
      database,
      sql: "SELECT team FROM caseTeam WHERE programme = ? AND caseID = ?",
      arguments: [programme.rawValue, id]
    ).map { ID($0) }
  }
}
