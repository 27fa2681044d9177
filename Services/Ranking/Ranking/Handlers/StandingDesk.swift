package import Contracts
package import GRDB
package import Storage

/// Where teams stand, reckoned from the ledger and the directory; scores have no part in it.
package struct StandingDesk: Sendable {
  package static let windowDays = 180
  /// Published at most this often.
  let interval: Duration

  package init(interval: Duration = .days(1)) {
    self.interval = interval
  }

  package func teams(_ request: TeamsRequest, at now: Timestamp, _ database: Database) throws -> TeamStandings {
    try DirectoryRows(database: database).check(request.programme)
    let standings = try standings(of: request.programme, at: now, database)
    return TeamStandings(
      windowDays: StandingDesk.windowDays,
      standings: standings.standings,
      meanRate: standings.meanRate
    )
  }

  /// Publishes standings that differ from those that were published last.
  package func publishDue(_ transaction: Transaction, at now: Timestamp) throws {
    for programme in try StandingRows.due(before: now - interval, transaction.database) {
      let rows = StandingRows(database: transaction.database, programme: programme)
      let standings = try standings(of: programme, at: now, transaction.database).standings
      let published = RankingPublished(
        programme: programme,
        publishedAt: now,
        windowDays: StandingDesk.windowDays,
        standings: standings
      )
      if try isNews(standings, since: rows.published()?.standings) {
        try rows.save(published)
        try transaction.append(published)
      } else {
        try rows.markSeen(at: now)
      }
    }
  }

  /// Exposure grows by the hour; that alone is no news. Neither is that nobody has done anything yet.
  private func isNews(_ standings: [TeamStanding], since last: [TeamStanding]?) -> Bool {
    guard let last else { return standings.contains { $0.credits > 0 } }
    func essence(_ standing: TeamStanding) -> [String] {
      [standing.team.rawValue, standing.name, "\(standing.credits)", standing.band.rawValue, "\(standing.place ?? 0)"]
    }
    return standings.map(essence) != last.map(essence)
  }

  private func standings(of programme: ID<Programme>, at now: Timestamp, _ database: Database) throws -> Standings {
    let start = now - .days(StandingDesk.windowDays)
    return Standings(
      ranking: try records(of: programme, from: start, until: now, database),
      seed: "\(programme)/\(now.day)"
    )
  }

  private func records(
    of programme: ID<Programme>,
    from start: Timestamp,
    until end: Timestamp,
    _ database: Database
  ) throws -> [TeamRecord] {
    let directory = DirectoryRows(database: database)
    let credits = CreditRows(database: database, programme: programme)
    let awards = Dictionary(grouping: try credits.awards(since: start), by: \.team)
    let goals = try credits.goalsReached(since: start)
    let employees = Dictionary(grouping: try directory.employees(of: programme), by: \.team)
    var teams = try directory.teams(of: programme)
    // Credit may be due to a team that the directory has yet to tell of.
    let known = Set(teams.map(\.id))
    teams += Set(awards.keys).subtracting(known).sorted().map { Team(id: $0, programme: programme, name: $0.rawValue) }
    return teams.map { team in
      let people = employees[team.id] ?? []
      let listedFTE = people.reduce(0) { $0 + $1.fullTimeEquivalent }
      let size = max(team.people, people.count)
      var counts: [String: Int] = [:]
      for award in awards[team.id] ?? [] { counts[award.reason, default: 0] += 1 }
      if let reached = goals[team.id] { counts["goalReached"] = reached }
      return TeamRecord(
        team: team.id,
        name: team.name,
        people: size == 0 ? nil : size,
        exposureFTEMonths: Exposure.months(
          of: people,
          unlistedFTE: max(0, team.fullTimeEquivalents - listedFTE),
          from: start,
          until: end
        ),
        awards: (awards[team.id] ?? []).map(\.amount),
        counts: counts
      )
    }
  }
}
