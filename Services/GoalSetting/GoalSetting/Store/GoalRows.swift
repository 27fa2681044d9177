import Contracts
import GRDB

/// Goals and the deeds that they count.
struct GoalRows {
  let database: Database

  func save(_ goal: Goal) throws {
    try database.execute(
      sql: """
        INSERT INTO goal (programme, id, kind, team, state, fromTime, untilTime, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (programme, id) DO UPDATE SET state = excluded.state, body = excluded.body
        """,
      arguments: [
        goal.programme.rawValue, goal.id.rawValue, goal.kind.rawValue, goal.team?.rawValue, goal.state.rawValue,
        goal.from.milliseconds, goal.until.milliseconds, try goal.stored(),
      ]
    )
  }

  func goal(_ id: ID<Goal>, in programme: ID<Programme>) throws -> Goal? {
    try database.value(
      Goal.self,
      sql: "SELECT body FROM goal WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  /// A programme's goals, the ones that end last first. A team's list holds the goals that are everybody's, too.
  func goals(in programme: ID<Programme>, team: ID<Team>?, limit: Int) throws -> [Goal] {
    try database.values(
      Goal.self,
      sql: """
        SELECT body FROM goal WHERE programme = ?1 AND (?2 IS NULL OR team IS NULL OR team = ?2)
        ORDER BY untilTime DESC, id DESC LIMIT ?3
        """,
      [programme.rawValue, team?.rawValue, limit]
    )
  }

  func openGoals(in programme: ID<Programme>) throws -> [Goal] {
    try database.values(
      Goal.self,
      sql: "SELECT body FROM goal WHERE programme = ? AND state IN ('running', 'achieved') ORDER BY id",
      [programme.rawValue]
    )
  }

  func programmesWithOpenGoals() throws -> [ID<Programme>] {
    try String.fetchAll(
      database,
      sql: "SELECT DISTINCT programme FROM goal WHERE state IN ('running', 'achieved') ORDER BY programme"
    ).map { ID($0) }
  }

  /// Open goals whose window has closed, at most `limit` of them.
  func overdue(at now: Timestamp, limit: Int) throws -> [Goal] {
    try database.values(
      Goal.self,
      sql: """
        SELECT body FROM goal WHERE state IN ('running', 'achieved') AND untilTime <= ? ORDER BY untilTime, id LIMIT ?
        """,
      [now.milliseconds, limit]
    )
  }

  /// Goals that may count a deed of this kind at this time; `GoalLifecycle.counts` has the last word.
  func candidates(for deed: Deed, doneAt time: Timestamp) throws -> [Goal] {
    try database.values(
      Goal.self,
      sql: "SELECT body FROM goal WHERE programme = ? AND kind = ? AND untilTime > ? AND fromTime <= ? ORDER BY id",
      [deed.programme.rawValue, deed.kind.rawValue, time.milliseconds, time.milliseconds]
    )
  }

  /// - Returns: false where the deed is known already.
  func insert(_ deed: Deed, doneAt time: Timestamp, evidence: String) throws -> Bool {
    try database.execute(
      sql: "INSERT OR IGNORE INTO deed (programme, kind, entity, team, time, evidence) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        deed.programme.rawValue, deed.kind.rawValue, deed.entity, deed.team?.rawValue, time.milliseconds, evidence,
      ]
    )
    return database.changesCount > 0
  }

  func countDeeds(for goal: Goal) throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(*) " + Self.deedsOfGoal, arguments: window(of: goal)) ?? 0
  }

  /// The newest deeds that count towards a goal.
  func evidence(for goal: Goal, limit: Int) throws -> [String] {
    try String.fetchAll(
      database,
      sql: "SELECT evidence " + Self.deedsOfGoal + " ORDER BY time DESC, entity LIMIT ?",
      arguments: window(of: goal) + [limit]
    )
  }

  /// Deeds of a goal's kind and team by week, whatever its window.
  func weeklyDeeds(for goal: Goal, from first: Week, through last: Week) throws -> [Double] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT time FROM deed WHERE programme = ?1 AND kind = ?2 AND time >= ?3 AND time < ?4
        AND (?5 IS NULL OR team = ?5)
        """,
      arguments: [
        goal.programme.rawValue, goal.kind.rawValue, first.start.milliseconds, last.next.start.milliseconds,
        goal.team?.rawValue,
      ]
    )
    var weeks = Array(repeating: 0.0, count: last.number - first.number + 1)
    for row in rows { weeks[Week(of: Timestamp(milliseconds: row["time"])).number - first.number] += 1 }
    return weeks
  }

  func firstDeedTime(in programme: ID<Programme>, kind: GoalKind) throws -> Timestamp? {
    try Int64.fetchOne(
      database,
      sql: "SELECT min(time) FROM deed WHERE programme = ? AND kind = ?",
      arguments: [programme.rawValue, kind.rawValue]
    ).map(Timestamp.init(milliseconds:))
  }

  private static let deedsOfGoal = """
    FROM deed WHERE programme = ?1 AND kind = ?2 AND time >= ?3 AND time < ?4 AND (?5 IS NULL OR team = ?5)
    """

  private func window(of goal: Goal) -> StatementArguments {
    [
      goal.programme.rawValue, goal.kind.rawValue, goal.from.milliseconds, goal.until.milliseconds,
      goal.team?.rawValue,
    ]
  }
}

/// A week from Monday to Sunday in UTC, counted from the one of 1970-01-01.
struct Week: Hashable {
  let number: Int

  init(number: Int) {
    self.number = number
  }

  init(of time: Timestamp) {
    // 1970-01-01 was a Thursday: three days into its week.
    let days = Int((Double(time.milliseconds) / 86_400_000).rounded(.down)) + 3
    number = Int((Double(days) / 7).rounded(.down))
  }

  var start: Timestamp { Timestamp(milliseconds: Int64(number * 7 - 3) * 86_400_000) }
  var next: Week { Week(number: number + 1) }
}
