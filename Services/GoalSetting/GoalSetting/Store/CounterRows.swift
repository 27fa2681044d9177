import Contracts
import GRDB

/// Counter-metrics, week by week.
struct CounterRows {
  let database: Database

  /// Counts one occurrence. Those of no known team stand under the empty name, which is nobody's.
  func count(_ occurrence: CounterOccurrence, at time: Timestamp) throws {
    try database.execute(
      sql: """
        INSERT INTO counterWeek (programme, metric, week, team, value) VALUES (?, ?, ?, ?, 1)
        ON CONFLICT DO UPDATE SET value = value + 1
        """,
      arguments: [
        occurrence.programme.rawValue, occurrence.metric.rawValue, Week(of: time).number,
        occurrence.team?.rawValue ?? "",
      ]
    )
  }

  /// Keeps the newest figure of a week.
  func set(_ metric: CounterMetric, to value: Double, programme: ID<Programme>, team: ID<Team>, at time: Timestamp)
    throws
  {
    try database.execute(
      sql: """
        INSERT INTO counterWeek (programme, metric, week, team, value) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET value = excluded.value
        """,
      arguments: [programme.rawValue, metric.rawValue, Week(of: time).number, team.rawValue, value]
    )
  }

  /// A metric by week for a team, or for the whole programme: sums of what is counted, means of what is measured.
  func weeks(
    of metric: CounterMetric,
    programme: ID<Programme>,
    team: ID<Team>?,
    from first: Week,
    through last: Week
  ) throws -> [Double] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT week, sum(value) AS total, avg(value) AS mean FROM counterWeek
        WHERE programme = ?1 AND metric = ?2 AND week BETWEEN ?3 AND ?4 AND (?5 IS NULL OR team = ?5) GROUP BY week
        """,
      arguments: [programme.rawValue, metric.rawValue, first.number, last.number, team?.rawValue]
    )
    var known: [Int: Double] = [:]
    for row in rows { known[row["week"]] = metric == .creditRate ? row["mean"] : row["total"] }
    var carried = 0.0
    return (first.number...last.number).map { number in
      // A week without an occurrence has none; a rate that wasn't published again still holds.
      if let value = known[number] { carried = value } else if metric != .creditRate { carried = 0 }
      return carried
    }
  }

  func flagged(in programme: ID<Programme>) throws -> [String] {
    try database.value(
      [String].self,
      sql: "SELECT body FROM flaggedWarning WHERE programme = ?",
      [programme.rawValue]
    ) ?? []
  }

  func setFlagged(_ warnings: [String], in programme: ID<Programme>) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO flaggedWarning (programme, body) VALUES (?, ?)",
      arguments: [programme.rawValue, try warnings.stored()]
    )
  }
}
