import Contracts
import GRDB

/// Tests and pilots.
struct ExperimentRows {
  let database: Database

  /// - Parameters:
  ///   - month: the calendar month it was started in, on the programme's clocks.
  ///   - reviewAt: when somebody has to be told that the review is due; nil once they have been.
  ///   - tickAt: when signs of a dead end have to be looked for.
  func save(_ experiment: Experiment, month: String, reviewAt: Timestamp?, tickAt: Timestamp?) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO experiment
          (programme, id, team, idea, track, state, month, startedAt, concludedAt, reviewAt, tickAt, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        experiment.programme.rawValue, experiment.id.rawValue, experiment.team.rawValue, experiment.idea?.rawValue,
        experiment.track.rawValue, experiment.state.rawValue, month, experiment.startedAt.milliseconds,
        experiment.concludedAt?.milliseconds, reviewAt?.milliseconds, tickAt?.milliseconds, try experiment.stored(),
      ]
    )
  }

  /// Saves what observations change, and nothing else.
  func saveProgress(_ experiment: Experiment) throws {
    try database.execute(
      sql: "UPDATE experiment SET state = ?, body = ? WHERE programme = ? AND id = ?",
      arguments: [
        experiment.state.rawValue, try experiment.stored(), experiment.programme.rawValue, experiment.id.rawValue,
      ]
    )
  }

  /// - Parameter reviewAt: as in `save`.
  func saveTimers(_ experiment: Experiment, reviewAt: Timestamp?, tickAt: Timestamp?) throws {
    try saveProgress(experiment)
    try database.execute(
      sql: "UPDATE experiment SET concludedAt = ?, reviewAt = ?, tickAt = ? WHERE programme = ? AND id = ?",
      arguments: [
        experiment.concludedAt?.milliseconds, reviewAt?.milliseconds, tickAt?.milliseconds,
        experiment.programme.rawValue, experiment.id.rawValue,
      ]
    )
  }

  func experiment(_ id: ID<Experiment>, in programme: ID<Programme>) throws -> Experiment? {
    try database.value(
      Experiment.self,
      sql: "SELECT body FROM experiment WHERE programme = ? AND id = ?",
      [programme.rawValue, id.rawValue]
    )
  }

  /// - Throws: NOT_FOUND `unknownExperiment`.
  func require(
    _ id: ID<Experiment>,
    in programme: ID<Programme>,
    field: String = "id"
  ) throws -> Experiment {
    guard let experiment = try experiment(id, in: programme) else {
      throw Fault(
        .notFound,
        reason: "unknownExperiment",
        "Programme '\(programme)' has no experiment '\(id)'.",
        field: field
      )
    }
    return experiment
  }

  func reviewAt(_ experiment: Experiment) throws -> Timestamp? {
    try Int64.fetchOne(
      database,
      sql: "SELECT reviewAt FROM experiment WHERE programme = ? AND id = ?",
      arguments: [experiment.programme.rawValue, experiment.id.rawValue]
    ).map(Timestamp.init(milliseconds:))
  }

  func list(_ request: ExperimentsRequest, limit: Int) throws -> ExperimentList {
    var conditions = Conditions("programme = ?", [request.programme.rawValue])
    conditions.add("id", is: request.id?.rawValue)
    conditions.add("team", is: request.team?.rawValue)
    conditions.add("state", isOneOf: request.states?.map(\.rawValue))
    let total = try database.number(
      sql: "SELECT count(*) FROM experiment WHERE \(conditions.sql)",
      conditions.arguments
    )
    let experiments = try database.values(
      Experiment.self,
      sql: "SELECT body FROM experiment WHERE \(conditions.sql) ORDER BY startedAt DESC, id DESC LIMIT ?",
      conditions.arguments + [limit]
    )
    return ExperimentList(experiments: experiments, total: total)
  }

  /// Tests that ended in a stretch of time, or were started in it, of one team or of all; the oldest first.
  func between(
    _ column: String,
    from: Timestamp,
    until: Timestamp,
    team: ID<Team>?,
    in programme: ID<Programme>
  ) throws -> [Experiment] {
    var conditions = Conditions(
      "programme = ? AND \(column) >= ? AND \(column) < ?",
      [programme.rawValue, from.milliseconds, until.milliseconds]
    )
    conditions.add("team", is: team?.rawValue)
    return try database.values(
      Experiment.self,
      sql: "SELECT body FROM experiment WHERE \(conditions.sql) ORDER BY \(column) LIMIT 500",
      conditions.arguments
    )
  }

  func dueForReview(at now: Timestamp, limit: Int) throws -> [Experiment] {
    try database.values(
      Experiment.self,
      sql: "SELECT body FROM experiment WHERE reviewAt <= ? ORDER BY reviewAt LIMIT ?",
      [now.milliseconds, limit]
    )
  }

  func ticking(at now: Timestamp, limit: Int) throws -> [Experiment] {
    try database.values(
      Experiment.self,
      sql: "SELECT body FROM experiment WHERE tickAt <= ? ORDER BY tickAt LIMIT ?",
      [now.milliseconds, limit]
    )
  }

  /// The newest pilot of an idea: its scale path says which teams are to take it up.
  func latestPilot(of idea: ID<Idea>, in programme: ID<Programme>) throws -> Experiment? {
    try database.value(
      Experiment.self,
      sql: """
        SELECT body FROM experiment WHERE programme = ? AND idea = ? AND track = 'pilot' ORDER BY startedAt DESC LIMIT 1
        """,
      [programme.rawValue, idea.rawValue]
    )
  }

  // MARK: The licence

  func startedUnderLicence(by team: ID<Team>, month: String, in programme: ID<Programme>) throws -> Int {
    try database.number(
      sql: "SELECT count(*) FROM experiment WHERE programme = ? AND team = ? AND month = ? AND track = 'licence'",
      [programme.rawValue, team.rawValue, month]
    )
  }

  /// The share of tests since an instant that nobody had to be asked about; nil without any.
  func shareUnderLicence(in programme: ID<Programme>, since: Timestamp) throws -> Double? {
    try Double.fetchOne(
      database,
      sql: "SELECT avg(track = 'licence') FROM experiment WHERE programme = ? AND startedAt >= ?",
      arguments: [programme.rawValue, since.milliseconds]
    )
  }

  /// Hours from the submission of an idea to its first test, for tests since an instant.
  func hoursToFirstTest(in programme: ID<Programme>, since: Timestamp) throws -> [Double] {
    try Double.fetchAll(
      database,
      sql: """
        SELECT (min(e.startedAt) - i.submittedAt) / 3600000.0
        FROM experiment e JOIN idea i ON i.programme = e.programme AND i.id = e.idea
        WHERE e.programme = ? AND e.startedAt >= ? AND e.idea IS NOT NULL GROUP BY e.idea LIMIT 10000
        """,
      arguments: [programme.rawValue, since.milliseconds]
    )
  }

  // MARK: Safe harbours

  func saveSafeHarbour(of experiment: ID<Experiment>, until: Timestamp, in programme: ID<Programme>) throws {
    try database.execute(
      sql: """
        INSERT INTO safeHarbour (programme, experiment, untilTime) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET untilTime = max(untilTime, excluded.untilTime)
        """,
      arguments: [programme.rawValue, experiment.rawValue, until.milliseconds]
    )
  }

  func safeHarbourUntil(_ experiment: ID<Experiment>, in programme: ID<Programme>) throws -> Timestamp? {
    try Int64.fetchOne(
      database,
      sql: "SELECT untilTime FROM safeHarbour WHERE programme = ? AND experiment = ?",
      arguments: [programme.rawValue, experiment.rawValue]
    ).map(Timestamp.init(milliseconds:))
  }
}
