import Contracts
import GRDB

/// What this service knows of programmes, teams and people, from the gateway's events, and of themes, from Ranking's.
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

  func save(_ employee: Employee) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO employee (programme, id, body) VALUES (?, ?, ?)",
      arguments: [employee.programme.rawValue, employee.id.rawValue, try employee.stored()]
    )
  }

  func programme(_ id: ID<Programme>) throws -> Programme? {
    try database.value(Programme.self, sql: "SELECT body FROM programme WHERE id = ?", [id.rawValue])
  }

  /// - Throws: NOT_FOUND `unknownProgramme`.
  func require(_ id: ID<Programme>) throws -> Programme {
    guard let programme = try programme(id) else {
      throw Fault(
        .notFound,
        reason: "unknownProgramme",
        "There is no programme '\(id)' here; one that was just made is known a moment later.",
        field: "programme"
      )
    }
    return programme
  }

  /// - Throws: NOT_FOUND `unknownTeam`. Nothing where `team` is nil.
  func require(_ team: ID<Team>?, in programme: ID<Programme>, field: String = "team") throws {
    guard let team else { return }
    guard try exists("team", team.rawValue, in: programme) else {
      throw Fault(
        .notFound,
        reason: "unknownTeam",
        "Programme '\(programme)' has no team '\(team)' here; one that was just made is known a moment later.",
        field: field
      )
    }
  }

  /// - Throws: NOT_FOUND `unknownEmployee`. Nothing where `employee` is nil.
  func require(_ employee: ID<Employee>?, in programme: ID<Programme>, field: String) throws {
    guard let employee else { return }
    guard try exists("employee", employee.rawValue, in: programme) else {
      throw Fault(
        .notFound,
        reason: "unknownEmployee",
        "Programme '\(programme)' has no employee '\(employee)' here; one that was just made is known a moment later.",
        field: field
      )
    }
  }

  func teamCount(in programme: ID<Programme>) throws -> Int {
    try database.number(sql: "SELECT count(*) FROM team WHERE programme = ?", [programme.rawValue])
  }

  /// The programme's calendar; the standard one where the programme isn't known yet.
  func calendar(of id: ID<Programme>) throws -> WorkingCalendar {
    guard let programme = try programme(id) else { return .standard }
    return try WorkingCalendar(programme.calendar ?? .weekdaysNineToFive, timeZone: programme.timeZone)
  }

  // MARK: Themes

  func save(_ opportunity: Opportunity) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO opportunity (programme, id, title, mergedInto) VALUES (?, ?, ?, ?)",
      arguments: [
        opportunity.programme.rawValue, opportunity.id.rawValue, opportunity.title, opportunity.mergedInto?.rawValue,
      ]
    )
  }

  func merge(_ absorbed: [ID<Opportunity>], into survivor: Opportunity) throws {
    for id in absorbed {
      try database.execute(
        sql: """
          INSERT INTO opportunity (programme, id, title, mergedInto) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT DO UPDATE SET mergedInto = excluded.mergedInto
          """,
        arguments: [survivor.programme.rawValue, id.rawValue, survivor.title, survivor.id.rawValue]
      )
    }
  }

  /// The theme with all that was merged into it, however often.
  func cluster(of opportunity: ID<Opportunity>, in programme: ID<Programme>) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        WITH RECURSIVE part(id) AS (
          SELECT ?2 UNION SELECT o.id FROM opportunity o JOIN part ON o.programme = ?1 AND o.mergedInto = part.id)
        SELECT id FROM part LIMIT 500
        """,
      arguments: [programme.rawValue, opportunity.rawValue]
    )
  }

  func isOpportunityKnown(_ id: String, in programme: ID<Programme>) throws -> Bool {
    try exists("opportunity", id, in: programme)
  }

  private func exists(_ table: String, _ id: String, in programme: ID<Programme>) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE programme = ? AND id = ?)",
      arguments: [programme.rawValue, id]
    ) ?? false
  }
}
