import Contracts
import Foundation
import GRDB

/// The ledger of credits, and what is known of the ideas and tests that they are for.
struct CreditRows {
  let database: Database
  let programme: ID<Programme>

  // MARK: Ideas

  func idea(_ id: ID<Idea>) throws -> IdeaRecord? {
    try database.value(
      IdeaRecord.self,
      "SELECT body FROM idea WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  func save(_ idea: IdeaRecord) throws {
    try database.run(
      """
      INSERT OR REPLACE INTO idea (programme, id, canonical, person, week, opportunity, submittedAt, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        programme.rawValue, idea.id.rawValue, idea.canonical.rawValue, idea.person, idea.week,
        idea.opportunity?.rawValue, idea.submittedAt.milliseconds, try idea.stored(),
      ]
    )
  }

  /// The ideas that were merged into one, itself among them; the earliest hundred share a pool.
  func cluster(of canonical: ID<Idea>) throws -> [IdeaRecord] {
    try database.values(
      IdeaRecord.self,
      "SELECT body FROM idea WHERE programme = ? AND canonical = ? ORDER BY submittedAt, id LIMIT 100",
      [programme.rawValue, canonical.rawValue]
    )
  }

  /// Somebody's ideas of a week.
  func ideas(by person: String, in week: Int) throws -> [IdeaRecord] {
    try database.values(
      IdeaRecord.self,
      "SELECT body FROM idea WHERE programme = ? AND person = ? AND week = ? ORDER BY submittedAt, id LIMIT 1000",
      [programme.rawValue, person, week]
    )
  }

  // MARK: Tests

  func test(_ id: ID<Experiment>) throws -> (experiment: Experiment?, wasCareless: Bool)? {
    try database.row(
      "SELECT body, wasCareless FROM test WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
    .map { row in
      let body = row["body"] as Data?
      return (try body.map { try JSONDecoder().decode(Experiment.self, from: $0) }, row["wasCareless"])
    }
  }

  func save(_ experiment: Experiment) throws {
    try database.run(
      """
      INSERT INTO test (programme, id, opportunity, startedAt, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET opportunity = excluded.opportunity, startedAt = excluded.startedAt, body = excluded.body
      """,
      [
        programme.rawValue, experiment.id.rawValue, experiment.opportunity?.rawValue,
        experiment.startedAt.milliseconds, try experiment.stored(),
      ]
    )
  }

  /// Its grave may be dug before the test is heard of.
  func markCareless(_ id: ID<Experiment>, at time: Timestamp) throws {
    try database.run(
      """
      INSERT INTO test (programme, id, startedAt, wasCareless) VALUES (?, ?, ?, 1)
      ON CONFLICT DO UPDATE SET wasCareless = 1
      """,
      [programme.rawValue, id.rawValue, time.milliseconds]
    )
  }

  // MARK: Ledger

  /// What a deed has brought so far, net.
  func given(for deed: String) throws -> [Beneficiary: Double] {
    try database.rows(
      """
      SELECT team, employee, sum(amount) AS amount FROM credit WHERE programme = ? AND deed = ?
      GROUP BY team, employee
      """,
      [programme.rawValue, deed]
    )
    .reduce(into: [:]) { given, row in
      let employee = (row["employee"] as String?).map { ID<Employee>($0) }
      given[Beneficiary(team: ID(row["team"]), employee: employee)] = row["amount"]
    }
  }

  func insert(_ credit: Credit, for deed: Deed) throws {
    try database.run(
      """
      INSERT INTO credit (programme, id, deed, deedReason, team, employee, amount, at, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        programme.rawValue, credit.id.rawValue, deed.key, deed.reason.rawValue, credit.team.rawValue,
        credit.employee?.rawValue, credit.amount, credit.at.milliseconds, try credit.stored(),
      ]
    )
  }

  /// Newest first.
  func list(team: ID<Team>?, employee: ID<Employee>?, limit: Int) throws -> [Credit] {
    var conditions = ["programme = ?"]
    var arguments: StatementArguments = [programme.rawValue]
    if let team {
      conditions.append("team = ?")
      arguments += [team.rawValue]
    }
    if let employee {
      conditions.append("employee = ?")
      arguments += [employee.rawValue]
    }
    arguments += [limit]
    return try database.values(
      Credit.self,
      "SELECT body FROM credit WHERE \(conditions.joined(separator: " AND ")) ORDER BY at DESC, number DESC LIMIT ?",
      arguments
    )
  }

  /// What each team's deeds brought since then, net, by kind of deed.
  func awards(since start: Timestamp) throws -> [(team: ID<Team>, reason: String, amount: Double)] {
    try database.rows(
      """
      SELECT team, deedReason, sum(amount) AS amount FROM credit WHERE programme = ? AND at >= ?
      GROUP BY team, deed HAVING sum(amount) > 1e-9 ORDER BY team, deed
      """,
      [programme.rawValue, start.milliseconds]
    )
    .map { (ID($0["team"]), $0["deedReason"], $0["amount"]) }
  }

  // MARK: Goals

  func save(_ goal: Goal, reachedAt time: Timestamp) throws {
    guard let team = goal.team else { return }
    try database.run(
      "INSERT OR IGNORE INTO goalReached (programme, goal, team, at) VALUES (?, ?, ?, ?)",
      [programme.rawValue, goal.id.rawValue, team.rawValue, time.milliseconds]
    )
  }

  func goalsReached(since start: Timestamp) throws -> [ID<Team>: Int] {
    try database.rows(
      "SELECT team, count(*) AS goals FROM goalReached WHERE programme = ? AND at >= ? GROUP BY team",
      [programme.rawValue, start.milliseconds]
    )
    .reduce(into: [:]) { $0[ID($1["team"])] = $1["goals"] }
  }
}
