package import Contracts
import GRDB

/// Scores, summed up by week: the scores tab reads them, and nothing else does.
struct ScoreRows {
  let database: Database
  /// Weeks that an answer looks back.
  static let weeks = 26

  /// Adds a score. NPS counts promoters (9–10) and detractors (0–6); other kinds count their upper and lower third.
  func add(_ event: ScoreObserved) throws {
    let score = event.score
    guard score.maximum > score.minimum else { return }
    let share = (score.value - score.minimum) / (score.maximum - score.minimum)
    let isNPS = score.kind == .nps
    let isHigh = isNPS ? share >= 0.9 : share >= 2.0 / 3
    let isLow = isNPS ? share <= 0.6 : share < 1.0 / 3
    try database.execute(
      sql: """
        INSERT INTO scoreWeek (programme, kind, week, channel, count, total, low, high) VALUES (?, ?, ?, ?, 1, ?, ?, ?)
        ON CONFLICT DO UPDATE SET count = count + 1, total = total + excluded.total, low = low + excluded.low,
          high = high + excluded.high
        """,
      arguments: [
        event.programme.rawValue, score.kind.rawValue, Self.week(of: event.occurredAt), event.channel.rawValue, share,
        isLow ? 1 : 0, isHigh ? 1 : 0,
      ]
    )
  }

  func report(of programme: ID<Programme>, at now: Timestamp) throws -> ScoreReport {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT kind, week, channel, count, total, low, high FROM scoreWeek WHERE programme = ? AND week > ?
        ORDER BY kind, week, channel
        """,
      arguments: [programme.rawValue, Self.week(of: now) - Self.weeks]
    )
    return ScoreReport(
      weeks: rows.map { row in
        let count: Int = row["count"]
        return ScoreWeek(
          kind: Open(rawValue: row["kind"]),
          from: Timestamp(milliseconds: Int64(row["week"] as Int) * 604_800_000 - 259_200_000),
          channel: Open(rawValue: row["channel"]),
          count: count,
          meanShare: (row["total"] as Double) / Double(count),
          low: row["low"],
          high: row["high"]
        )
      }
    )
  }

  /// Weeks from Monday to Sunday, UTC; 1970-01-01 was a Thursday.
  private static func week(of time: Timestamp) -> Int {
    Int((Double(time.milliseconds + 259_200_000) / 604_800_000).rounded(.down))
  }
}

/// Scores of a programme, for the one page that shows them. A thermometer: no rank and no goal comes from them.
package struct ScoreReport: Codable, Hashable, Sendable {
  package var weeks: [ScoreWeek]
}

/// The scores of one kind and channel in one week.
package struct ScoreWeek: Codable, Hashable, Sendable {
  package var kind: Open<ScoreKind>
  /// Monday, 00:00 UTC.
  package var from: Timestamp
  package var channel: Open<Channel>
  package var count: Int
  /// Mean place on the scale, 0 at its minimum and 1 at its maximum.
  package var meanShare: Double
  /// Detractors for NPS, the lower third of the scale for the others.
  package var low: Int
  /// Promoters for NPS, the upper third of the scale for the others.
  package var high: Int
}
