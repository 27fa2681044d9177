import Contracts
import Foundation
import Gateway
import Messaging
import Records
import ServiceRuntime
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

  @Test func thoseWhoComeLateAreToldWhatStandsInAnOrderThatCanBeApplied() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(Gateway.definition)
      let client = try harness.client(of: .gateway)
      let programmes = (0..<3).map { Programme(id: ID("p\($0)"), name: "P") }
      let teams = programmes.flatMap { programme in
        (0..<200).map { Team(id: ID("t\($0)"), programme: programme.id, name: "T") }
      }
      for programme in programmes {
        _ = try await client.call(
          DirectoryAPI.setProgramme,
          SetProgramme(value: Programme(id: programme.id, name: "?"))
        )
        _ = try await client.call(DirectoryAPI.setProgramme, SetProgramme(value: programme))
      }
      for team in teams { _ = try await client.call(DirectoryAPI.setTeam, SetTeam(team: team)) }
      let ana = Employee(id: "ana", programme: "p1", team: "t7", name: "Ana")
      _ = try await client.call(DirectoryAPI.setEmployee, SetEmployee(employee: ana))

      let offer = try #require(Gateway.blueprint(hub: EventHub()).snapshots.first)
      let snapshot = try StateSnapshot(offer, of: try await service.store.snapshot(), at: .epoch)
      #expect(offer.stream == .directory && snapshot.head.position == 607)
      var records: [Records.Record] = []
      while true {
        let frames = try await snapshot.nextFrames()
        if frames.isEmpty { break }
        records += frames.flatMap { $0.records() }
      }
      #expect(try records.prefix(3).map { try $0.decode(ProgrammeSet.self).value } == programmes)
      let told = try records.dropFirst(3).dropLast().map { try $0.decode(TeamSet.self).team }
      #expect(Set(told) == Set(teams) && told.count == teams.count)
      #expect(try records.last?.decode(EmployeeSet.self).employee == ana)
    }
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
