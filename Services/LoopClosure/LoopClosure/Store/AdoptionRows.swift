import Contracts
import GRDB

/// One row for each idea and team.
struct AdoptionRows {
  let database: Database

  func save(_ row: Adoption, tickAt: Timestamp?) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO adoption (programme, idea, team, state, tickAt, body) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        row.programme.rawValue, row.idea.rawValue, row.team.rawValue, row.state.rawValue, tickAt?.milliseconds,
        try row.stored(),
      ]
    )
  }

  func row(of idea: ID<Idea>, team: ID<Team>, in programme: ID<Programme>) throws -> Adoption? {
    try database.value(
      Adoption.self,
      sql: "SELECT body FROM adoption WHERE programme = ? AND idea = ? AND team = ?",
      [programme.rawValue, idea.rawValue, team.rawValue]
    )
  }

  func rows(of idea: ID<Idea>, in programme: ID<Programme>) throws -> [Adoption] {
    try database.values(
      Adoption.self,
      sql: "SELECT body FROM adoption WHERE programme = ? AND idea = ? ORDER BY team",
      [programme.rawValue, idea.rawValue]
    )
  }

  /// The ideas that were offered to anyone, the newest first.
  func ideas(in programme: ID<Programme>, limit: Int) throws -> [ID<Idea>] {
    try String.fetchAll(
      database,
      sql: "SELECT DISTINCT idea FROM adoption WHERE programme = ? ORDER BY idea DESC LIMIT ?",
      arguments: [programme.rawValue, limit]
    ).map { ID($0) }
  }

  func ticking(at now: Timestamp, limit: Int) throws -> [Adoption] {
    try database.values(
      Adoption.self,
      sql: "SELECT body FROM adoption WHERE tickAt <= ? ORDER BY tickAt LIMIT ?",
      [now.milliseconds, limit]
    )
  }
}
