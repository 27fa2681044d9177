package import Contracts
import Foundation

/// A programme as far as the intake needs to know it.
package struct KnownProgramme: Hashable, Sendable {
  package var id: ID<Programme>
  package var defaultLanguage: String
  private let timeZone: TimeZone

  /// - Parameter timeZone: an IANA name; one that this machine doesn't know counts as UTC.
  package init(id: ID<Programme>, defaultLanguage: String, timeZone: String) {
    self.id = id
    self.defaultLanguage = defaultLanguage
    self.timeZone = TimeZone(identifier: timeZone) ?? .gmt
  }

  func day(of instant: Timestamp) -> CalendarDay {
    let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
    return CalendarDay(of: instant, offsetSeconds: timeZone.secondsFromGMT(for: date))
  }
}

/// Programmes and teams as they stood at one moment.
package struct DirectorySnapshot: Sendable {
  private var programmes: [ID<Programme>: KnownProgramme] = [:]
  private var teams: Set<TeamKey> = []

  private struct TeamKey: Hashable {
    var programme: ID<Programme>
    var team: ID<Team>
  }

  package init() {}

  package mutating func add(_ programme: KnownProgramme) { programmes[programme.id] = programme }

  package mutating func add(_ team: ID<Team>, in programme: ID<Programme>) {
    teams.insert(TeamKey(programme: programme, team: team))
  }

  /// - Throws: `Fault` NOT_FOUND with reason `unknownProgramme`.
  package func programme(_ id: ID<Programme>) throws(Fault) -> KnownProgramme {
    guard let programme = programmes[id] else {
      throw Fault(
        .notFound,
        reason: "unknownProgramme",
        "There is no programme '\(id)' here. Create it first, or check how it is spelt.",
        field: "data.programme"
      )
    }
    return programme
  }

  /// - Throws: `Fault` NOT_FOUND with reason `unknownTeam`.
  package func requireTeam(_ team: ID<Team>, in programme: ID<Programme>) throws(Fault) {
    guard teams.contains(TeamKey(programme: programme, team: team)) else {
      throw Fault(
        .notFound,
        reason: "unknownTeam",
        "The programme '\(programme)' has no team '\(team)'. Create it first, or check how it is spelt.",
        field: "data.team"
      )
    }
  }

  func knows(_ programme: ID<Programme>, _ team: ID<Team>?) -> Bool {
    programmes[programme] != nil && team.map { teams.contains(TeamKey(programme: programme, team: $0)) } ?? true
  }
}
