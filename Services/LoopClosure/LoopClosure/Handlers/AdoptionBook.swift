package import Contracts
package import GRDB
package import Storage

/// How ideas spread from team to team.
package struct AdoptionBook: Sendable {
  let policy: LoopPolicy
  let notices = NoticeBook()

  package init(policy: LoopPolicy = LoopPolicy()) {
    self.policy = policy
  }

  package func change(_ request: ChangeAdoption, actor: Principal, _ transaction: Transaction) throws -> Adoption {
    let database = transaction.database
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    try directory.require(request.team, in: request.programme)
    let idea = try IdeaRows(database: database).require(request.idea, in: request.programme, field: "idea")
    let row = try AdoptionRows(database: database).row(of: idea.id, team: request.team, in: request.programme)
    let changed = try AdoptionRules(policy: policy).change(row, of: idea, by: request, now: transaction.now)
    try record(changed, idea, actor: actor, transaction)
    return changed
  }

  /// What has been in use for 90 days is sustained, without anyone having to say so.
  package func tick(_ transaction: Transaction, at now: Timestamp) throws {
    let database = transaction.database
    for row in try AdoptionRows(database: database).ticking(at: now, limit: 500) {
      let idea = try IdeaRows(database: database).require(row.idea, in: row.programme)
      let request = ChangeAdoption(
        programme: row.programme,
        idea: row.idea,
        team: row.team,
        to: .known(.sustained)
      )
      let sustained = try AdoptionRules(policy: policy).change(row, of: idea, by: request, now: now)
      try record(sustained, idea, actor: NoticeBook.clockwork, transaction)
    }
  }

  private func record(_ row: Adoption, _ idea: Idea, actor: Principal, _ transaction: Transaction) throws {
    try AdoptionRows(database: transaction.database)
      .save(row, tickAt: AdoptionRules(policy: policy).sustainedFrom(row))
    try transaction.append(AdoptionChanged(adoption: row, by: actor.name))
    try notices.tell(
      idea.supporters,
      about: idea.id.rawValue,
      "'\(idea.title)' at \(row.team): \(row.state.rawValue)" + (row.abandonedReason.map { ", \($0)" } ?? "") + ".",
      actor: actor,
      in: idea.programme,
      transaction
    )
  }

  package func reports(_ request: AdoptionRequest, _ database: Database) throws -> AdoptionList {
    let directory = DirectoryRows(database: database)
    _ = try directory.require(request.programme)
    let rows = AdoptionRows(database: database)
    let ids = try request.idea.map { [$0] } ?? rows.ideas(in: request.programme, limit: 100)
    return AdoptionList(
      reports: try ids.map { id in
        let idea = try IdeaRows(database: database).require(id, in: request.programme, field: "idea")
        let adoptions = try rows.rows(of: id, in: request.programme)
        return AdoptionReport(
          of: idea,
          rows: adoptions,
          eligible: try eligible(for: idea, adoptions, database)
        )
      }
    )
  }

  /// The teams of the newest pilot's scale path, with those that took it up besides; every team of the programme where
  /// there was no pilot.
  private func eligible(for idea: Idea, _ rows: [Adoption], _ database: Database) throws -> Int {
    if let path = try ExperimentRows(database: database).latestPilot(of: idea.id, in: idea.programme)?.scalePath {
      return Set(path.eligibleTeams).union(rows.map(\.team)).count
    }
    return try DirectoryRows(database: database).teamCount(in: idea.programme)
  }
}
