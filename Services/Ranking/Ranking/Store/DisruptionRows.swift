import Contracts
import GRDB

struct DisruptionRows {
  let database: Database
  let programme: ID<Programme>

  /// Newest first, with how fast each was answered so far.
  func list(limit: Int) throws -> [Disruption] {
    try database.values(
      Disruption.self,
      "SELECT body FROM disruption WHERE programme = ? ORDER BY startedAt DESC, id LIMIT ?",
      [programme.rawValue, limit]
    )
    .map { disruption in
      var answered = disruption
      answered.firstIdeaAt = try first("idea", "submittedAt", after: disruption)
      answered.firstTestAt = try first("test", "startedAt", after: disruption)
      return answered
    }
  }

  /// When the first idea or test came after a disruption began; about its opportunity, where it has one.
  private func first(_ table: String, _ time: String, after disruption: Disruption) throws -> Timestamp? {
    let about = disruption.opportunity == nil ? "" : "AND opportunity = ?"
    var arguments: StatementArguments = [programme.rawValue, disruption.startedAt.milliseconds]
    if let opportunity = disruption.opportunity { arguments += [opportunity.rawValue] }
    let row = try database.row(
      "SELECT \(time) AS time FROM \(table) WHERE programme = ? AND \(time) >= ? \(about) ORDER BY \(time) LIMIT 1",
      arguments
    )
    return row.map { Timestamp(milliseconds: $0["time"]) }
  }

  /// The last disruption of a subject: the programme, or one of its opportunities.
  func latest(of subject: String) throws -> Disruption? {
    try database.value(
      Disruption.self,
      "SELECT body FROM disruption WHERE programme = ? AND subject = ? ORDER BY startedAt DESC LIMIT 1",
      [programme.rawValue, subject]
    )
  }

  func save(_ disruption: Disruption, of subject: String) throws {
    try database.run(
      """
      INSERT INTO disruption (programme, id, subject, startedAt, detectedAt, body) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET body = excluded.body
      """,
      [
        programme.rawValue, disruption.id.rawValue, subject, disruption.startedAt.milliseconds,
        disruption.detectedAt.milliseconds, try disruption.stored(),
      ]
    )
  }

  /// The last complete day that was looked at.
  func scannedDay() throws -> Int? {
    try database.integer("SELECT day FROM disruptionScan WHERE programme = ?", [programme.rawValue])
  }

  func setScannedDay(_ day: Int) throws {
    try database.run(
      "INSERT OR REPLACE INTO disruptionScan (programme, day) VALUES (?, ?)",
      [programme.rawValue, day]
    )
  }

  /// The programme's items by day, from `firstDay` on.
  func programmeDays(from firstDay: Int) throws -> [Int: Int] {
    try database.rows(
      "SELECT day, items FROM programmeDay WHERE programme = ? AND day >= ?",
      [programme.rawValue, firstDay]
    )
    .reduce(into: [:]) { $0[$1["day"]] = $1["items"] }
  }

  /// The opportunities with most items: the others are too small for daily counts to say anything.
  func largeOpportunities(limit: Int) throws -> [(number: ThemeNumber, id: ID<Opportunity>)] {
    try database.rows(
      """
      SELECT number, id FROM opportunity WHERE programme = ? AND state = 'open' AND items >= 30
      ORDER BY items DESC, number LIMIT ?
      """,
      [programme.rawValue, limit]
    )
    .map { (ThemeNumber($0["number"]), ID($0["id"])) }
  }
}
