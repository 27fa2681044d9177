package import Contracts
import Foundation

/// What a team did in the window, and with how many hands.
package struct TeamRecord: Hashable, Sendable {
  package var team: ID<Team>
  package var name: String
  /// nil where nobody has said.
  package var people: Int?
  package var exposureFTEMonths: Double
  /// Net credits of each deed in the window, each above zero.
  package var awards: [Double]
  /// How many of each kind of deed.
  package var counts: [String: Int]

  package init(
    team: ID<Team>,
    name: String,
    people: Int?,
    exposureFTEMonths: Double,
    awards: [Double],
    counts: [String: Int]
  ) {
    self.team = team
    self.name = name
    self.people = people
    self.exposureFTEMonths = exposureFTEMonths
    self.awards = awards
    self.counts = counts
  }

  package var credits: Double { awards.reduce(0, +) }
}

/// How much work a team could have had ideas in: FTE-months.
package enum Exposure {
  package static let daysInMonth = 365.25 / 12
  /// Someone's first days count half.
  package static let settlingIn = Duration.days(30)

  /// From the people of a team; of those that the directory doesn't list, `unlistedFTE` were there all the time.
  package static func months(
    of employees: [Employee],
    unlistedFTE: Double,
    from start: Timestamp,
    until end: Timestamp
  ) -> Double {
    let whole = days(from: start, until: end)
    let listed = employees.reduce(0.0) { sum, employee in
      guard let startedAt = employee.startedAt else { return sum + employee.fullTimeEquivalent * whole }
      let settledAt = startedAt + settlingIn
      let settling = days(from: max(start, startedAt), until: min(end, settledAt))
      let settled = days(from: max(start, settledAt), until: end)
      return sum + employee.fullTimeEquivalent * (settling / 2 + settled)
    }
    return (listed + unlistedFTE * whole) / daysInMonth
  }

  private static func days(from start: Timestamp, until end: Timestamp) -> Double {
    max(0, Double(end.milliseconds - start.milliseconds) / 86_400_000)
  }
}

extension TeamRecord {
  /// Teams under five people are shown as one, so that no person's credits can be read off.
  package static let smallestShownAlone = 5

  package static func poolingSmallTeams(_ teams: [TeamRecord]) -> (records: [TeamRecord], pooled: ID<Team>?) {
    let small = teams.filter { ($0.people ?? smallestShownAlone) < smallestShownAlone }
    guard !small.isEmpty else { return (teams, nil) }
    let pool = TeamRecord(
      team: "small-teams",
      name: "Teams under five people",
      people: small.reduce(0) { $0 + ($1.people ?? 0) },
      exposureFTEMonths: small.reduce(0) { $0 + $1.exposureFTEMonths },
      awards: small.flatMap(\.awards),
      counts: small.reduce(into: [:]) { $0.merge($1.counts, uniquingKeysWith: +) }
    )
    return (teams.filter { !small.contains($0) } + [pool], pool.team)
  }
}
