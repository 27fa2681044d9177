package import Contracts
import Foundation
package import GRDB
package import Storage

/// Goals as the service keeps them: sets and withdraws them, counts deeds, and closes them when their window ends.
package struct GoalBook: Sendable {
  let terms: GoalTerms
  let mint: IdentifierMint
  /// The most goals that a list holds.
  static let longestList = 500

  package init(terms: GoalTerms = GoalTerms(), mint: IdentifierMint = .random) {
    self.terms = terms
    self.mint = mint
  }

  // MARK: Commands

  /// - Throws: `scoreTargetForbidden` first of all; then whatever else is wrong with the request.
  package func set(_ request: SetGoal, by: String, _ transaction: Transaction) throws -> Goal {
    let now = transaction.now
    let goal = try terms.goal(from: request, id: mint.next("goal", at: now), setBy: by, at: now)
    try DirectoryRows(database: transaction.database).check(request.programme, team: request.team)
    let done = try GoalRows(database: transaction.database).countDeeds(for: goal)
    let step = try record(GoalLifecycle.set(goal, deedsDone: done), transaction)
    try flagTunnelVision(in: goal.programme, transaction)
    return step
  }

  package func withdraw(_ request: WithdrawGoal, _ transaction: Transaction) throws -> Goal {
    try DirectoryRows(database: transaction.database).check(request.programme)
    let goal = try goal(request.id, in: request.programme, transaction.database)
    let step = try record(GoalLifecycle.withdraw(goal), transaction)
    try flagTunnelVision(in: goal.programme, transaction)
    return step
  }

  // MARK: Events and time

  /// Counts a deed, once, towards every goal that it serves.
  package func count(_ deed: Deed, doneAt time: Timestamp, evidence: String, _ transaction: Transaction) throws {
    let rows = GoalRows(database: transaction.database)
    guard try rows.insert(deed, doneAt: time, evidence: evidence) else { return }
    for goal in try rows.candidates(for: deed, doneAt: time)
    where GoalLifecycle.counts(deed, doneAt: time, towards: goal) {
      try record(GoalLifecycle.progress(goal, evidence: evidence), transaction)
    }
  }

  /// Closes the goals whose window is over, and states what they bring; some at a time, the rest at the next turn.
  package func endOverdue(_ transaction: Transaction, at now: Timestamp) throws {
    let overdue = try GoalRows(database: transaction.database).overdue(at: now, limit: 500)
    for goal in overdue {
      if let step = GoalLifecycle.end(goal, at: now) { try record(step, transaction) }
    }
    for programme in Set(overdue.map(\.programme)).sorted() { try flagTunnelVision(in: programme, transaction) }
  }

  /// Says so, once, when warnings about a programme's goals have changed.
  package func flagTunnelVision(in programme: ID<Programme>, _ transaction: Transaction) throws {
    let report = try tunnelVision(in: programme, at: transaction.now, transaction.database)
    let rows = CounterRows(database: transaction.database)
    guard try rows.flagged(in: programme) != report.warnings else { return }
    try rows.setFlagged(report.warnings, in: programme)
    try transaction.append(TunnelVisionFlagged(programme: programme, report: report))
  }

  package func flagTunnelVision(_ transaction: Transaction) throws {
    for programme in try GoalRows(database: transaction.database).programmesWithOpenGoals() {
      try flagTunnelVision(in: programme, transaction)
    }
  }

  // MARK: Queries

  package func goals(_ request: GoalsRequest, _ database: Database) throws -> GoalList {
    try DirectoryRows(database: database).check(request.programme)
    let rows = GoalRows(database: database)
    let goals =
      if let id = request.id {
        [try goal(id, in: request.programme, database)]
      } else {
        try rows.goals(in: request.programme, team: request.team, limit: Self.longestList)
      }
    return GoalList(
      goals: try goals.map { goal in
        GoalProgress(
          goal: goal,
          ratio: Double(goal.progress) / Double(goal.target),
          payout: Payout.amount(for: goal),
          evidence: try rows.evidence(for: goal, limit: 10)
        )
      }
    )
  }

  package func tunnelVision(
    in programme: ID<Programme>,
    at now: Timestamp,
    _ database: Database
  ) throws -> TunnelVisionReport {
    let goals = try GoalRows(database: database).openGoals(in: programme)
    return TunnelVision.report(on: goals, drifts: try goals.compactMap { try drift(of: $0, at: now, database) })
  }

  /// Four whole weeks against up to twelve before them, none of which lies before the first deed of the kind.
  private func drift(of goal: Goal, at now: Timestamp, _ database: Database) throws -> Drift? {
    let rows = GoalRows(database: database)
    guard let metric = CounterMetric(named: goal.counterMetric), let kind = goal.kind.known,
      let begin = try rows.firstDeedTime(in: goal.programme, kind: kind)
    else { return nil }
    let last = Week(number: Week(of: now).number - 1)
    let first = Week(number: max(last.number - 15, Week(of: begin).number))
    guard first.number <= last.number else { return nil }
    return Drift(
      goal: goal,
      measure: try rows.weeklyDeeds(for: goal, from: first, through: last),
      counter: try CounterRows(database: database).weeks(
        of: metric,
        programme: goal.programme,
        team: goal.team,
        from: first,
        through: last
      ),
      counterIsBetterHigh: metric.isBetterHigh
    )
  }

  private func goal(_ id: ID<Goal>, in programme: ID<Programme>, _ database: Database) throws -> Goal {
    guard let goal = try GoalRows(database: database).goal(id, in: programme) else {
      throw Fault(.notFound, reason: "unknownGoal", "Programme '\(programme)' has no goal '\(id)'.", field: "id")
    }
    return goal
  }

  @discardableResult
  private func record(_ step: GoalLifecycle.Step, _ transaction: Transaction) throws -> Goal {
    try GoalRows(database: transaction.database).save(step.goal)
    for event in step.events { try transaction.append(event) }
    return step.goal
  }
}

/// Makes identifiers: a prefix, 12 hexadecimal digits of time so that they sort by it, and 16 random ones.
package struct IdentifierMint: Sendable {
  private let random: @Sendable () -> UInt64

  /// - Parameter random: where the digits behind the time come from; tests pass their own.
  package init(random: @escaping @Sendable () -> UInt64) {
    self.random = random
  }

  package static let random = IdentifierMint { UInt64.random(in: .min ... .max) }

  func next<Entity>(_ prefix: String, at now: Timestamp) -> ID<Entity> {
    let time = String(UInt64(clamping: now.milliseconds), radix: 16)
    let digits = String(random(), radix: 16)
    return ID(
      "\(prefix)-\(String(repeating: "0", count: max(0, 12 - time.count)))\(time)"
        + String(repeating: "0", count: 16 - digits.count) + digits
    )
  }
}
