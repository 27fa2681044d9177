import Contracts
import GRDB

/// Customers' words, as far as the loops need them.
struct FeedbackRows {
  let database: Database

  func save(_ item: FeedbackItem) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO feedback (programme, id, team, occurredAt, body) VALUES (?, ?, ?, ?, ?)",
      arguments: [
        item.programme.rawValue, item.id.rawValue, item.team?.rawValue, item.occurredAt.milliseconds,
        try item.stored(),
      ]
    )
  }

  func item(_ id: ID<Feedback>, in programme: ID<Programme>) throws -> FeedbackItem? {
    try database.value(
      FeedbackItem.self,
      sql: "SELECT body FROM feedback WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  func exists(_ id: String, in programme: ID<Programme>) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM feedback WHERE programme = ? AND id = ?)",
      arguments: [programme.rawValue, id]
    ) ?? false
  }

  /// Forgets feedback, and that it must not be taken in again.
  func erase(_ id: ID<Feedback>, in programme: ID<Programme>) throws {
    let arguments: StatementArguments = [programme.rawValue, id.rawValue]
    try database.execute(
      sql: "INSERT OR IGNORE INTO erasedFeedback (programme, id) VALUES (?, ?)",
      arguments: arguments
    )
    try database.execute(sql: "DELETE FROM feedback WHERE programme = ? AND id = ?", arguments: arguments)
    try database.execute(sql: "DELETE FROM lowScore WHERE programme = ? AND feedback = ?", arguments: arguments)
  }

  func isErased(_ id: ID<Feedback>, in programme: ID<Programme>) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM erasedFeedback WHERE programme = ? AND id = ?)",
      arguments: [programme.rawValue, id.rawValue]
    ) ?? false
  }

  /// A team's feedback since an instant, newest first.
  func recent(of team: ID<Team>, in programme: ID<Programme>, since: Timestamp, limit: Int) throws -> [FeedbackItem] {
    try database.values(
      FeedbackItem.self,
      sql: """
        SELECT body FROM feedback WHERE programme = ? AND team = ? AND occurredAt > ? ORDER BY occurredAt DESC LIMIT ?
        """,
      [programme.rawValue, team.rawValue, since.milliseconds, limit]
    )
  }

  func noteLowScore(of feedback: ID<Feedback>, in programme: ID<Programme>) throws {
    try database.execute(
      sql: "INSERT OR IGNORE INTO lowScore (programme, feedback) VALUES (?, ?)",
      arguments: [programme.rawValue, feedback.rawValue]
    )
  }

  func hasLowScore(_ feedback: ID<Feedback>, in programme: ID<Programme>) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM lowScore WHERE programme = ? AND feedback = ?)",
      arguments: [programme.rawValue, feedback.rawValue]
    ) ?? false
  }
}
