import Contracts
import GRDB

/// The replica of the directory.
enum DirectoryRows {
  static func set(_ programme: Programme, in database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO programme (id, default_language, time_zone) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET default_language = excluded.default_language, time_zone = excluded.time_zone
        """
    ).execute(arguments: [programme.id.rawValue, programme.defaultLanguage, programme.timeZone])
  }

  static func set(_ team: Team, in database: Database) throws {
    try database.cachedStatement(sql: "INSERT OR IGNORE INTO team (programme, id) VALUES (?, ?)")
      .execute(arguments: [team.programme.rawValue, team.id.rawValue])
  }

  /// - Throws: `Fault` NOT_FOUND with reason `unknownProgramme`.
  static func programme(_ id: ID<Programme>, in database: Database, field: String) throws -> KnownProgramme {
    let statement = try database.cachedStatement(sql: "SELECT default_language, time_zone FROM programme WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id.rawValue]) else {
      throw Fault(.notFound, reason: "unknownProgramme", "There is no programme '\(id)' here.", field: field)
    }
    return KnownProgramme(id: id, defaultLanguage: row[0], timeZone: row[1])
  }

  static func snapshot(_ database: Database) throws -> DirectorySnapshot {
    var snapshot = DirectorySnapshot()
    for row in try Row.fetchAll(database, sql: "SELECT id, default_language, time_zone FROM programme") {
      snapshot.add(KnownProgramme(id: ID(row[0]), defaultLanguage: row[1], timeZone: row[2]))
    }
    for row in try Row.fetchAll(database, sql: "SELECT programme, id FROM team") {
      snapshot.add(ID(row[1] as String), in: ID(row[0] as String))
    }
    return snapshot
  }
}
