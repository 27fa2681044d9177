package import Contracts
import Foundation

/// What makes a programme, a team or a person fit to be written down.
package enum DirectoryRules {
  /// - Throws: INVALID_ARGUMENT with the field that is wrong.
  package static func check(_ programme: Programme) throws(Fault) {
    try check(name: programme.name, field: "name")
    guard TimeZone(identifier: programme.timeZone) != nil else {
      throw Fault(
        .invalidArgument,
        reason: "unknownTimeZone",
        "\"\(programme.timeZone)\" is no time zone: use an IANA name such as Europe/Lisbon.",
        field: "timeZone"
      )
    }
    guard isLanguageTag(programme.defaultLanguage) else {
      throw Fault(
        .invalidArgument,
        reason: "malformedLanguage",
        "\"\(programme.defaultLanguage)\" is no language tag: use BCP 47, such as en or pt-BR.",
        field: "defaultLanguage"
      )
    }
    if let calendar = programme.calendar { try check(calendar) }
    if let licence = programme.licence { try check(licence) }
  }

  package static func check(_ team: Team) throws(Fault) {
    try check(name: team.name, field: "name")
    guard (0...1_000_000).contains(team.people), (0...1_000_000).contains(team.fullTimeEquivalents) else {
      throw Fault(
        .invalidArgument,
        reason: "teamSizeOutOfRange",
        "A team has 0 to 1,000,000 people, and as many full-time equivalents.",
        field: "people"
      )
    }
  }

  package static func check(_ employee: Employee) throws(Fault) {
    try check(name: employee.name, field: "name")
    guard employee.fullTimeEquivalent > 0, employee.fullTimeEquivalent <= 2 else {
      throw Fault(
        .invalidArgument,
        reason: "fullTimeEquivalentOutOfRange",
        "1 is full time; it lies above 0 and up to 2.",
        field: "fullTimeEquivalent"
      )
    }
  }

  private static func check(name: String, field: String) throws(Fault) {
    let hasLetters = name.contains { !$0.isWhitespace }
    guard hasLetters, name.utf8.count <= 200 else {
      throw Fault(.invalidArgument, reason: "nameMissing", "A name has 1 to 200 bytes.", field: field)
    }
  }

  private static func isLanguageTag(_ tag: String) -> Bool {
    let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
    guard let language = parts.first, (2...8).contains(language.utf8.count),
      language.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A })
    else { return false }
    return parts.allSatisfy { part in
      (1...8).contains(part.utf8.count)
        && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
    }
  }

  private static func check(_ calendar: BusinessCalendar) throws(Fault) {
    for (day, intervals) in calendar.intervals.sorted(by: { $0.key < $1.key }) {
      let field = "calendar.intervals.\(day)"
      guard let number = Int(day), (1...7).contains(number) else {
        throw Fault(
          .invalidArgument,
          reason: "unknownWeekday",
          "Weekdays are written 1 (Monday) to 7 (Sunday).",
          field: field
        )
      }
      var earliest = 0
      for interval in intervals {
        guard interval.startMinute >= earliest, interval.endMinute > interval.startMinute, interval.endMinute <= 1440
        else {
          throw Fault(
            .invalidArgument,
            reason: "intervalsOutOfOrder",
            "A day's intervals come in order, don't overlap, and lie between minute 0 and 1440.",
            field: field
          )
        }
        earliest = interval.endMinute
      }
    }
    for (index, day) in calendar.holidays.enumerated() {
      guard Timestamp(rfc3339: "\(day)T00:00:00Z") != nil else {
        throw Fault(
          .invalidArgument,
          reason: "malformedDay",
          "\"\(day)\" is no day: write it as YYYY-MM-DD.",
          field: "calendar.holidays[\(index)]"
        )
      }
    }
  }

  private static func check(_ licence: LicenceToTry) throws(Fault) {
    guard licence.maximumLoss.amount >= 0, licence.blastRadiusCustomers >= 0, licence.reviewWithinDays >= 1,
      licence.testsPerTeamAndMonth >= 0
    else {
      throw Fault(
        .invalidArgument,
        reason: "licenceOutOfRange",
        "The licence's limits are not negative, and a test is reviewed after a day at the earliest.",
        field: "licence"
      )
    }
  }
}
