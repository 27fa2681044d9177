import Contracts
import GRDB

/// Cases with their clocks.
struct CaseRows {
  let database: Database

  /// - Parameters:
  ///   - priority: what the list is ordered by.
  ///   - tickAt: when its clocks have something to do next.
  func save(_ file: CaseFile, priority: Double, tickAt: Timestamp?) throws {
    let item = file.case
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO serviceCase
          (programme, id, feedback, team, state, priority, customer, cause, openedAt, tickAt, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        item.programme.rawValue, item.id.rawValue, item.feedback.rawValue, item.team?.rawValue, item.state.rawValue,
        priority, item.customer?.rawValue, file.cause?.key, item.openedAt.milliseconds, tickAt?.milliseconds,
        try file.stored(),
      ]
    )
  }

  func file(_ id: ID<Case>, in programme: ID<Programme>) throws -> CaseFile? {
    try database.value(
      CaseFile.self,
      sql: "SELECT body FROM serviceCase WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  /// - Throws: NOT_FOUND `unknownCase`.
  func require(_ id: ID<Case>, in programme: ID<Programme>, field: String = "id") throws -> CaseFile {
    guard let file = try file(id, in: programme) else {
      throw Fault(.notFound, reason: "unknownCase", "Programme '\(programme)' has no case '\(id)'.", field: field)
    }
    return file
  }

  /// The cases about one piece of feedback, the first first.
  func files(about feedback: ID<Feedback>, in programme: ID<Programme>) throws -> [CaseFile] {
    try database.values(
      CaseFile.self,
      sql: "SELECT body FROM serviceCase WHERE programme = ? AND feedback = ? ORDER BY id LIMIT 500",
      [programme.rawValue, feedback.rawValue]
    )
  }

  /// A team's open cases, the most urgent first.
  func open(of team: ID<Team>, in programme: ID<Programme>, limit: Int) throws -> [Case] {
    let request = CasesRequest(
      programme: programme,
      team: team,
      states: [.known(.open), .known(.contacted), .known(.resolved)]
    )
    return try list(request, limit: limit).files.map(\.case)
  }

  /// The most urgent first, the oldest of equals first; and how many there are in all.
  func list(_ request: CasesRequest, limit: Int) throws -> (files: [CaseFile], total: Int) {
    var conditions = Conditions("programme = ?", [request.programme.rawValue])
    conditions.add("team", is: request.team?.rawValue)
    conditions.add("id", is: request.id?.rawValue)
    conditions.add("state", isOneOf: request.states?.map(\.rawValue))
    let total = try database.number(
      sql: "SELECT count(*) FROM serviceCase WHERE \(conditions.sql)",
      conditions.arguments
    )
    let files = try database.values(
      CaseFile.self,
      sql: "SELECT body FROM serviceCase WHERE \(conditions.sql) ORDER BY priority DESC, openedAt LIMIT ?",
      conditions.arguments + [limit]
    )
    return (files, total)
  }

  /// Cases whose clocks have something to do, the longest overdue first.
  func ticking(at now: Timestamp, limit: Int) throws -> [CaseFile] {
    try database.values(
      CaseFile.self,
      sql: "SELECT body FROM serviceCase WHERE tickAt <= ? ORDER BY tickAt LIMIT ?",
      [now.milliseconds, limit]
    )
  }

  /// Cases whose SLA runs.
  func inService(in programme: ID<Programme>) throws -> [CaseFile] {
    try database.values(
      CaseFile.self,
      sql: "SELECT body FROM serviceCase WHERE programme = ? AND state IN ('open', 'contacted') ORDER BY id",
      [programme.rawValue]
    )
  }

  /// Ties a case to the outer-loop item that it led to, leaving everything else as it is.
  func link(_ id: ID<Case>, to item: ID<OuterItem>, in programme: ID<Programme>) throws {
    guard var file = try file(id, in: programme) else { return }
    file.case.outerItem = item
    try database.execute(
      sql: "UPDATE serviceCase SET body = ? WHERE programme = ? AND id = ?",
      arguments: [try file.stored(), programme.rawValue, id.rawValue]
    )
  }

  // MARK: Counting causes

  /// Where and with whom a cause was met since an instant.
  func sightings(
    of cause: Cause,
    in programme: ID<Programme>,
    since: Timestamp
  ) throws -> [(sighting: EscalationRules.Sighting, id: ID<Case>)] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT id, customer, team, openedAt FROM serviceCase
        WHERE programme = ? AND cause = ? AND openedAt >= ? ORDER BY openedAt DESC LIMIT 1000
        """,
      arguments: [programme.rawValue, cause.key, since.milliseconds]
    ).map { row in
      let sighting = EscalationRules.Sighting(
        customer: (row["customer"] as String?).map { ID($0) },
        team: (row["team"] as String?).map { ID($0) },
        at: Timestamp(milliseconds: row["openedAt"])
      )
      return (sighting, ID(row["id"] as String))
    }
  }

  /// How often a cause was met in the last week, and in each of the 8 weeks before it, oldest first. The base is empty
  /// where the programme has no case from before them: then there is nothing to compare with.
  func weeklyCounts(of cause: Cause, in programme: ID<Programme>, now: Timestamp) throws -> (week: Int, base: [Int]) {
    let week = Duration.days(7).wholeMilliseconds
    let start = now.milliseconds - week * Int64(EscalationRules.baseWeeks + 1)
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT (?1 - openedAt) / ?2 AS age, count(*) AS count FROM serviceCase
        WHERE programme = ?3 AND cause = ?4 AND openedAt > ?5 AND openedAt <= ?1 GROUP BY age
        """,
      arguments: [now.milliseconds, week, programme.rawValue, cause.key, start]
    )
    var counts: [Int: Int] = [:]
    for row in rows { counts[row["age"]] = row["count"] }
    let hasBase =
      try Bool.fetchOne(
        database,
        sql: "SELECT EXISTS (SELECT 1 FROM serviceCase WHERE programme = ? AND openedAt <= ?)",
        arguments: [programme.rawValue, start]
      ) ?? false
    let base = hasBase ? (1...EscalationRules.baseWeeks).reversed().map { counts[$0] ?? 0 } : []
    return (counts[0] ?? 0, base)
  }

  // MARK: Erasure

  func note(record position: UInt64, of item: Case) throws {
    try database.execute(
      sql: "INSERT OR IGNORE INTO caseRecord (programme, caseID, position, feedback) VALUES (?, ?, ?, ?)",
      arguments: [item.programme.rawValue, item.id.rawValue, Int64(position), item.feedback.rawValue]
    )
  }

  /// Marks the records that hold words of feedback, for erasing them; also those of a case that has moved elsewhere.
  func markRecords(about feedback: ID<Feedback>, in programme: ID<Programme>) throws {
    try database.execute(
      sql: "UPDATE caseRecord SET isToErase = 1 WHERE programme = ? AND feedback = ?",
      arguments: [programme.rawValue, feedback.rawValue]
    )
  }

  /// Takes the positions of some records that were marked.
  func takeMarkedRecords(limit: Int) throws -> [UInt64] {
    let positions = try Int64.fetchAll(
      database,
      sql: "SELECT position FROM caseRecord WHERE isToErase = 1 ORDER BY position LIMIT ?",
      arguments: [limit]
    )
    if let last = positions.last {
      try database.execute(sql: "DELETE FROM caseRecord WHERE isToErase = 1 AND position <= ?", arguments: [last])
    }
    return positions.map(UInt64.init)
  }
}
