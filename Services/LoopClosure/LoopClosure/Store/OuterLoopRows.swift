import Contracts
import GRDB

/// Outer-loop items, and the receipts that close loops.
struct OuterLoopRows {
  let database: Database

  /// - Parameter tickAt: when silence becomes an answer; nil once it is decided or has been noted as overdue.
  func save(_ item: OuterItem, tickAt: Timestamp?) throws {
    try database.execute(
      sql: """
        INSERT INTO outerItem
          (programme, id, cause, opportunity, isDecided, raisedAt, decisionDue, firstDecidedAt, tickAt, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (programme, id) DO UPDATE SET
          isDecided = excluded.isDecided, firstDecidedAt = coalesce(firstDecidedAt, excluded.firstDecidedAt),
          tickAt = excluded.tickAt, body = excluded.body
        """,
      arguments: [
        item.programme.rawValue, item.id.rawValue, item.rootCause.flatMap(Cause.init)?.key,
        item.opportunity?.rawValue, item.decision != nil, item.raisedAt.milliseconds, item.decisionDue.milliseconds,
        item.decision?.decidedAt.milliseconds, tickAt?.milliseconds, try item.stored(),
      ]
    )
  }

  func item(_ id: ID<OuterItem>, in programme: ID<Programme>) throws -> OuterItem? {
    try database.value(
      OuterItem.self,
      sql: "SELECT body FROM outerItem WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  /// The newest item about a cause.
  func latest(about cause: Cause, in programme: ID<Programme>) throws -> OuterItem? {
    try database.value(
      OuterItem.self,
      sql: "SELECT body FROM outerItem WHERE programme = ? AND cause = ? ORDER BY raisedAt DESC LIMIT 1",
      [programme.rawValue, cause.key]
    )
  }

  /// The newest item about a theme.
  func latest(about opportunity: ID<Opportunity>, in programme: ID<Programme>) throws -> OuterItem? {
    try database.value(
      OuterItem.self,
      sql: "SELECT body FROM outerItem WHERE programme = ? AND opportunity = ? ORDER BY raisedAt DESC LIMIT 1",
      [programme.rawValue, opportunity.rawValue]
    )
  }

  /// The undecided first, each kind newest first.
  func list(in programme: ID<Programme>, undecidedOnly: Bool) throws -> [OuterItem] {
    try database.values(
      OuterItem.self,
      sql: """
        SELECT body FROM outerItem WHERE programme = ?\(undecidedOnly ? " AND isDecided = 0" : "")
        ORDER BY isDecided, raisedAt DESC LIMIT \(ListLength.longest)
        """,
      [programme.rawValue]
    )
  }

  func ticking(at now: Timestamp, limit: Int) throws -> [OuterItem] {
    try database.values(
      OuterItem.self,
      sql: "SELECT body FROM outerItem WHERE tickAt <= ? ORDER BY tickAt LIMIT ?",
      [now.milliseconds, limit]
    )
  }

  /// Decided in time ÷ all that were due since an instant; nil where none was. One that is answered before its day
  /// counts at once.
  func answerRate(in programme: ID<Programme>, since: Timestamp, now: Timestamp) throws -> Double? {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*) AS due, coalesce(sum(firstDecidedAt IS NOT NULL AND firstDecidedAt <= decisionDue), 0) AS inTime
        FROM outerItem
        WHERE programme = ?1 AND decisionDue >= ?2 AND (decisionDue <= ?3 OR firstDecidedAt IS NOT NULL)
        """,
      arguments: [programme.rawValue, since.milliseconds, now.milliseconds]
    )
    guard let row, case let due:Int = row["due"], due > 0 else { return nil }
    return Double(row["inTime"] as Int) / Double(due)
  }

  // MARK: Receipts

  /// - Parameter dueAt: from when it counts: when it was to be resolved or decided, or was closed.
  func save(_ closure: Closure, dueAt: Timestamp) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO closure (programme, subject, openedAt, dueAt, completedAt, body)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        closure.programme.rawValue, closure.subject, closure.openedAt.milliseconds, dueAt.milliseconds,
        ClosureRules.completedAt(closure)?.milliseconds, try closure.stored(),
      ]
    )
  }

  func closure(of subject: String, in programme: ID<Programme>) throws -> Closure? {
    try database.value(
      Closure.self,
      sql: "SELECT body FROM closure WHERE programme = ? AND subject = ?",
      [programme.rawValue, subject]
    )
  }

  /// Moves the day from which a closure counts as owed.
  func setDue(_ dueAt: Timestamp, of subject: String, in programme: ID<Programme>) throws {
    try database.execute(
      sql: "UPDATE closure SET dueAt = ? WHERE programme = ? AND subject = ?",
      arguments: [dueAt.milliseconds, programme.rawValue, subject]
    )
  }

  func removeClosure(of subject: String, in programme: ID<Programme>) throws {
    try database.execute(
      sql: "DELETE FROM closure WHERE programme = ? AND subject = ?",
      arguments: [programme.rawValue, subject]
    )
  }

  /// The newest closures, and the figures over all since an instant.
  func report(in programme: ID<Programme>, since: Timestamp, now: Timestamp) throws -> ClosureReport {
    let closures = try database.values(
      Closure.self,
      sql: "SELECT body FROM closure WHERE programme = ? ORDER BY openedAt DESC LIMIT 200",
      [programme.rawValue]
    )
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT openedAt, completedAt FROM closure
        WHERE programme = ?1 AND openedAt >= ?2 AND (dueAt <= ?3 OR completedAt IS NOT NULL) LIMIT 100000
        """,
      arguments: [programme.rawValue, since.milliseconds, now.milliseconds]
    )
    let days = rows.compactMap { row in
      (row["completedAt"] as Int64?).map { Double($0 - (row["openedAt"] as Int64)) / 86_400_000 }
    }
    return ClosureReport(
      closures: closures,
      threeReceiptRate: rows.isEmpty ? nil : Double(days.count) / Double(rows.count),
      medianDays: ClosureRules.median(days)
    )
  }
}
