import Contracts
import GRDB

/// The graveyard.
struct GraveRows {
  let database: Database

  func save(_ grave: Grave) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO grave (programme, id, experiment, team, died, body) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        grave.programme.rawValue, grave.id.rawValue, grave.experiment?.rawValue, grave.team?.rawValue,
        grave.died.milliseconds, try grave.stored(),
      ]
    )
  }

  func grave(_ id: ID<Grave>, in programme: ID<Programme>) throws -> Grave? {
    try database.value(
      Grave.self,
      sql: "SELECT body FROM grave WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  /// - Throws: NOT_FOUND `unknownGrave`.
  func require(_ id: ID<Grave>, in programme: ID<Programme>, field: String = "id") throws -> Grave {
    guard let grave = try grave(id, in: programme) else {
      throw Fault(.notFound, reason: "unknownGrave", "Programme '\(programme)' has no grave '\(id)'.", field: field)
    }
    return grave
  }

  func grave(of experiment: ID<Experiment>, in programme: ID<Programme>) throws -> Grave? {
    try database.value(
      Grave.self,
      sql: "SELECT body FROM grave WHERE programme = ? AND experiment = ? LIMIT 1",
      [programme.rawValue, experiment.rawValue]
    )
  }

  func total(in programme: ID<Programme>) throws -> Int {
    try database.number(sql: "SELECT count(*) FROM grave WHERE programme = ?", [programme.rawValue])
  }

  func newest(in programme: ID<Programme>, limit: Int) throws -> [Grave] {
    try database.values(
      Grave.self,
      sql: "SELECT body FROM grave WHERE programme = ? ORDER BY died DESC, id DESC LIMIT ?",
      [programme.rawValue, limit]
    )
  }

  func dug(from: Timestamp, until: Timestamp, team: ID<Team>?, in programme: ID<Programme>) throws -> [Grave] {
    var conditions = Conditions(
      "programme = ? AND died >= ? AND died < ?",
      [programme.rawValue, from.milliseconds, until.milliseconds]
    )
    conditions.add("team", is: team?.rawValue)
    return try database.values(
      Grave.self,
      sql: "SELECT body FROM grave WHERE \(conditions.sql) ORDER BY died LIMIT 500",
      conditions.arguments
    )
  }

  /// - Returns: whether it is the visitor's first tribute at this grave.
  func payTribute(at grave: Grave, by visitor: String, now: Timestamp) throws -> Bool {
    try database.execute(
      sql: "INSERT OR IGNORE INTO tribute (programme, grave, visitor, paidAt) VALUES (?, ?, ?, ?)",
      arguments: [grave.programme.rawValue, grave.id.rawValue, visitor, now.milliseconds]
    )
    return database.changesCount > 0
  }

  /// Tributes paid in a stretch of time, by the name on the stone.
  func tributes(
    from: Timestamp,
    until: Timestamp,
    team: ID<Team>?,
    in programme: ID<Programme>
  ) throws -> [(grave: String, count: Int)] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT grave, count(*) AS count FROM tribute
        WHERE programme = ? AND paidAt >= ? AND paidAt < ? GROUP BY grave LIMIT 100
        """,
      arguments: [programme.rawValue, from.milliseconds, until.milliseconds]
    )
    return try rows.compactMap { row in
      guard let grave = try grave(ID(row["grave"] as String), in: programme), team == nil || grave.team == team
      else { return nil }
      return (grave.name, row["count"])
    }
  }
}
