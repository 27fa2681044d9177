import Contracts
import Foundation
import Gateway
import Records
import Storage
import TestSupport
import Testing

@Suite struct DirectoryTests {
  @Test(arguments: [
    (Programme(id: "p", name: "  "), "name"), (Programme(id: "p", name: "P", timeZone: "Mars/Olympus"), "timeZone"),
    (Programme(id: "p", name: "P", defaultLanguage: "e"), "defaultLanguage"),
    (Programme(id: "p", name: "P", calendar: BusinessCalendar(intervals: ["8": []])), "calendar.intervals.8"),
    (
      Programme(
        id: "p",
        name: "P",
        calendar: BusinessCalendar(intervals: [
          "1": [.init(startMinute: 600, endMinute: 700), .init(startMinute: 650, endMinute: 800)]
        ])
      ),
      "calendar.intervals.1"
    ),
    (
      Programme(id: "p", name: "P", calendar: BusinessCalendar(intervals: [:], holidays: ["2026-02-30"])),
      "calendar.holidays[0]"
    ),
  ])
  func aProgrammeIsCheckedFieldByField(_ programme: Programme, field: String) throws {
    let fault = try #require(throws: Fault.self) { try DirectoryRules.check(programme) }
    #expect(fault.field == field && fault.code == .invalidArgument)
  }

  @Test func soundOnesPass() throws {
    try DirectoryRules.check(
      Programme(
        id: "p",
        name: "P",
        timeZone: "Europe/Lisbon",
        defaultLanguage: "pt-BR",
        calendar: .weekdaysNineToFive,
        licence: LicenceToTry(
          maximumLoss: Money(amount: 500, currency: "EUR"),
          blastRadiusCustomers: 50,
          reviewWithinDays: 14,
          testsPerTeamAndMonth: 3
        )
      )
    )
  }

  @Test func sayingTheSameAgainIsNoNews() async throws {
    try await withTemporaryStore(streams: [.directory], migrations: GatewaySchema.migrations) { store in
      for name in ["Telco", "Telco", "Telco 2"] {
        _ = try await store.write { transaction in
          try DirectoryBook.set(SetProgramme(value: Programme(id: "telco", name: name)), transaction)
        }
      }
      #expect(try store.journal(of: .directory).head().position == 2)
      let employee = Employee(id: "ana", programme: "telco", team: "porto", name: "Ana")
      let fault = try await #require(throws: Fault.self) {
        try await store.write { try DirectoryBook.set(SetEmployee(employee: employee), $0) }
      }
      #expect(fault.reason == "unknownTeam")
    }
  }
}
