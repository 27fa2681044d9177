import Contracts
import GRDB

/// Notices, who wants them, and huddles.
struct TellingRows {
  let database: Database

  /// The most notices that are kept for one recipient; the oldest go first.
  private static let mostKept = 1000

  func save(_ notice: NoticeDelivered) throws {
    let number = try database.number(
      sql: "SELECT coalesce(max(number), 0) + 1 FROM notice WHERE programme = ? AND recipient = ?",
      [notice.programme.rawValue, notice.recipient]
    )
    try database.execute(
      sql: "INSERT INTO notice (programme, recipient, number, body) VALUES (?, ?, ?, ?)",
      arguments: [notice.programme.rawValue, notice.recipient, number, try notice.stored()]
    )
    try database.execute(
      sql: "DELETE FROM notice WHERE programme = ? AND recipient = ? AND number <= ?",
      arguments: [notice.programme.rawValue, notice.recipient, number - TellingRows.mostKept]
    )
  }

  /// Newest first.
  func notices(for recipient: String, in programme: ID<Programme>) throws -> [NoticeDelivered] {
    try database.values(
      NoticeDelivered.self,
      sql: "SELECT body FROM notice WHERE programme = ? AND recipient = ? ORDER BY number DESC LIMIT 200",
      [programme.rawValue, recipient]
    )
  }

  func hasOptedOut(_ recipient: String, in programme: ID<Programme>) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: "SELECT EXISTS (SELECT 1 FROM optOut WHERE programme = ? AND recipient = ?)",
      arguments: [programme.rawValue, recipient]
    ) ?? false
  }

  func setOptedOut(_ isOut: Bool, _ recipient: String, in programme: ID<Programme>) throws {
    try database.execute(
      sql: isOut
        ? "INSERT OR IGNORE INTO optOut (programme, recipient) VALUES (?, ?)"
        : "DELETE FROM optOut WHERE programme = ? AND recipient = ?",
      arguments: [programme.rawValue, recipient]
    )
  }

  func save(_ huddle: Huddle) throws {
    try database.execute(
      sql: "INSERT INTO huddle (programme, team, heldAt, id, body) VALUES (?, ?, ?, ?, ?)",
      arguments: [
        huddle.programme.rawValue, huddle.team.rawValue, huddle.heldAt.milliseconds, huddle.id.rawValue,
        try huddle.stored(),
      ]
    )
  }

  func lastHuddle(of team: ID<Team>, in programme: ID<Programme>) throws -> Huddle? {
    try database.value(
      Huddle.self,
      sql: "SELECT body FROM huddle WHERE programme = ? AND team = ? ORDER BY heldAt DESC LIMIT 1",
      [programme.rawValue, team.rawValue]
    )
  }
}
