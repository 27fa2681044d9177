import Contracts
import GRDB

/// What was last published about where teams stand.
struct StandingRows {
  let database: Database
  let programme: ID<Programme>

  /// Something that standings are reckoned from has changed.
  func markChanged() throws {
    try database.run(
      "INSERT INTO standing (programme) VALUES (?) ON CONFLICT DO UPDATE SET isChanged = 1",
      [programme.rawValue]
    )
  }

  /// Programmes whose standings may have changed and were not published since `time`.
  static func due(before time: Timestamp, _ database: Database) throws -> [ID<Programme>] {
    try database.texts(
      """
      SELECT programme FROM standing WHERE isChanged AND publishedAt IS NULL OR publishedAt <= ?
      ORDER BY programme LIMIT 100
      """,
      [time.milliseconds]
    )
    .map { ID($0) }
  }

  func published() throws -> RankingPublished? {
    try database.value(
      RankingPublished.self,
      "SELECT body FROM standing WHERE programme = ? AND body IS NOT NULL",
      [programme.rawValue]
    )
  }

  func save(_ published: RankingPublished) throws {
    try database.run(
      "UPDATE standing SET isChanged = 0, publishedAt = ?, body = ? WHERE programme = ?",
      [published.publishedAt.milliseconds, try published.stored(), programme.rawValue]
    )
  }

  /// Looked at, and nothing new: not again before the next publication would be due.
  func markSeen(at time: Timestamp) throws {
    try database.run(
      "UPDATE standing SET isChanged = 0, publishedAt = CASE WHEN body IS NULL THEN NULL ELSE ? END WHERE programme = ?",
      [time.milliseconds, programme.rawValue]
    )
  }
}
