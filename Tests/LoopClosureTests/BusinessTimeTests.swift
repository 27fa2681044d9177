import Contracts
import Foundation
import LoopClosure
import TestSupport
import Testing

@Suite struct BusinessTimeTests {
  /// 2026-03-02 is a Monday. Budget in hours, in UTC unless a zone is given.
  @Test(arguments: [
    // Three days of eight hours each; over the weekend; from outside of hours; on a boundary.
    ("2026-03-02T09:00", 24, "2026-03-04T17:00"),
    ("2026-03-06T16:00", 2, "2026-03-09T10:00"),
    ("2026-03-07T03:00", 1, "2026-03-09T10:00"),
    ("2026-03-02T17:00", 1, "2026-03-03T10:00"),
    ("2026-03-02T09:00", 8, "2026-03-02T17:00"),
    ("2026-03-02T12:00", 0, "2026-03-02T12:00"),
  ])
  func addsWorkingTime(start: String, hours: Int, expected: String) throws {
    let calendar = WorkingCalendar.standard
    let due = calendar.due(after: .hours(hours), from: try instant(start), now: try instant(start))
    #expect(due == (try instant(expected)))
  }

  @Test func knowsSeveralIntervalsADayAndHolidays() throws {
    let calendar = try WorkingCalendar(
      weekdays([interval(8, 12), interval(14, 18)], holidays: ["2026-03-03"]),
      timeZone: "UTC"
    )
    // Monday 11:00: one hour, then 14:00 to 18:00, a holiday, then Wednesday from 08:00.
    let start = try instant("2026-03-02T11:00")
    #expect(calendar.due(after: .hours(7), from: start, now: start) == (try instant("2026-03-04T10:00")))
    #expect(!calendar.isOpen(at: try instant("2026-03-02T13:00")))
    #expect(
      try calendar.isOpen(at: instant("2026-03-02T08:00")) && !calendar.isOpen(at: instant("2026-03-02T18:00"))
    )
    #expect(calendar.nextOpening(from: try instant("2026-03-02T18:00")) == (try instant("2026-03-04T08:00")))
  }

  @Test func aNightIsAnHourShorterWhenClocksGoForward() throws {
    // Europe/Lisbon, 2026-03-29: 01:00 becomes 02:00; at 2026-10-25 02:00 becomes 01:00 again.
    let nights = BusinessCalendar(intervals: ["7": [interval(0, 6)]])
    let calendar = try WorkingCalendar(nights, timeZone: "Europe/Lisbon")
    let spring = try instant("2026-03-29T00:00")
    #expect(calendar.workingTime(from: spring, to: spring + .hours(24), now: spring) == .hours(5))
    let autumn = try instant("2026-10-24T23:00")
    #expect(calendar.workingTime(from: autumn, to: autumn + .hours(24), now: autumn) == .hours(7))
  }

  @Test func aTimeThatDoesNotComeIsTheMomentOfTheJump() throws {
    // Half past one doesn't exist in Lisbon on that day: work begins with the jump, at 01:00 UTC.
    let calendar = try WorkingCalendar(
      BusinessCalendar(intervals: ["7": [.init(startMinute: 90, endMinute: 240)]]),
      timeZone: "Europe/Lisbon"
    )
    let day = try instant("2026-03-29T00:00")
    #expect(calendar.nextOpening(from: day) == (try instant("2026-03-29T01:00")))
    #expect(calendar.workingTime(from: day, to: day + .hours(24), now: day) == .hours(2))
  }

  @Test func localHoursFollowTheZone() throws {
    let calendar = try WorkingCalendar(.weekdaysNineToFive, timeZone: "America/New_York")
    // Friday before the change to summer time 09:00 is 14:00 UTC, Monday after it 13:00 UTC.
    let start = try instant("2026-03-06T14:00")
    #expect(calendar.due(after: .hours(8), from: start, now: start) == (try instant("2026-03-06T22:00")))
    #expect(calendar.due(after: .hours(9), from: start, now: start) == (try instant("2026-03-09T14:00")))
    #expect(calendar.localMonth(of: try instant("2026-03-01T03:00")) == "2026-02")
    #expect(calendar.startOfWeek(containing: start) == (try instant("2026-03-02T05:00")))
  }

  @Test func pausesAreSubtractedOnce() throws {
    let calendar = WorkingCalendar.standard
    let start = try instant("2026-03-02T09:00")
    let pauses = [
      Pause(from: try instant("2026-03-02T10:00"), until: try instant("2026-03-02T12:00"), reason: "customer away"),
      Pause(from: try instant("2026-03-02T11:00"), until: try instant("2026-03-02T13:00"), reason: "part awaited"),
      Pause(from: try instant("2026-03-02T20:00"), until: try instant("2026-03-03T08:00"), reason: "at night"),
    ]
    let due = calendar.due(after: .hours(8), from: start, pauses: pauses, now: start)
    #expect(due == (try instant("2026-03-03T12:00")))
  }

  @Test func aRunningPauseMovesWhatIsDue() throws {
    let calendar = WorkingCalendar.standard
    let start = try instant("2026-03-02T09:00")
    let pause = [Pause(from: try instant("2026-03-02T10:00"), reason: "customer away")]
    let early = calendar.due(after: .hours(4), from: start, pauses: pause, now: try instant("2026-03-02T11:00"))
    let late = calendar.due(after: .hours(4), from: start, pauses: pause, now: try instant("2026-03-02T15:00"))
    #expect(try early == instant("2026-03-02T14:00") && late == instant("2026-03-03T10:00"))
  }

  @Test func tenBusinessDaysEndAtCloseOfBusiness() throws {
    let calendar = try WorkingCalendar(
      weekdays([interval(9, 12), interval(13, 16)], holidays: ["2026-03-11"]),
      timeZone: "UTC"
    )
    let due = calendar.due(businessDays: 10, after: try instant("2026-03-02T10:00"))
    #expect(due == (try instant("2026-03-17T16:00")))
    #expect(calendar.due(businessDays: 1, after: try instant("2026-03-07T10:00")) == (try instant("2026-03-09T16:00")))
  }

  @Test(arguments: [
    (["8": [interval(9, 17)]], "UTC", "calendar.intervals"),
    (["1": [interval(9, 12), interval(11, 17)]], "UTC", "calendar.intervals"),
    (["1": [interval(9, 25)]], "UTC", "calendar.intervals"),
    ([:], "UTC", "calendar.intervals"),
    (["1": [interval(9, 17)]], "Mars/Olympus", "timeZone"),
  ])
  func refusesCalendarsNobodyCouldWorkBy(
    intervals: [String: [BusinessCalendar.Interval]],
    zone: String,
    field: String
  ) throws {
    let fault = try #require(throws: Fault.self) {
      try WorkingCalendar(BusinessCalendar(intervals: intervals), timeZone: zone)
    }
    #expect(fault.reason == "invalidCalendar" && fault.field == field)
  }

  @Test func refusesHolidaysThatAreNoDays() {
    #expect(throws: Fault.self) {
      try WorkingCalendar(weekdays([interval(9, 17)], holidays: ["2026-02-30"]), timeZone: "UTC")
    }
  }

  // MARK: Properties

  private static let zones = ["UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]

  private func randomCalendar(_ random: inout SeededGenerator) throws -> WorkingCalendar {
    var intervals: [String: [BusinessCalendar.Interval]] = [:]
    for weekday in 1...7 where weekday == 3 || random.happens(0.7) {
      let edges = (0..<4).map { _ in Int.random(in: 0...1440, using: &random) }.sorted()
      intervals["\(weekday)"] = [(edges[0], edges[1]), (edges[2], edges[3])].filter { $0.0 < $0.1 }
        .map { .init(startMinute: $0.0, endMinute: $0.1) }
    }
    intervals["3"] = [interval(9, 17)]
    let zone = Self.zones.randomElement(using: &random) ?? "UTC"
    return try WorkingCalendar(BusinessCalendar(intervals: intervals), timeZone: zone)
  }

  /// Within 2026, so that changes of the clocks are met.
  private func randomInstant(_ random: inout SeededGenerator) -> Timestamp {
    Timestamp(milliseconds: 1_767_225_600_000 + Int64.random(in: 0..<31_000_000, using: &random) * 1000)
  }

  @Test(arguments: Seeds.fresh(20))
  func dueIsMonotoneAndHoldsExactlyItsBudget(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let calendar = try randomCalendar(&random)
    let start = randomInstant(&random)
    var before = start
    for minutes in (0..<6).map({ _ in Int.random(in: 1...3000, using: &random) }).sorted() {
      let due = calendar.due(after: .minutes(minutes), from: start, now: start)
      #expect(due >= before)
      #expect(calendar.workingTime(from: start, to: due, now: start) == .minutes(minutes))
      before = due
    }
    let later = start + .minutes(Int.random(in: 1...5000, using: &random))
    #expect(
      calendar.due(after: .hours(5), from: later, now: later) >= calendar.due(after: .hours(5), from: start, now: start)
    )
  }

  @Test(arguments: Seeds.fresh(20))
  func pausesMoveWhatIsDueByTheWorkingTimeInThem(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let calendar = try randomCalendar(&random)
    let start = randomInstant(&random)
    let now = start + .days(60)
    let pauses = (0..<3).map { _ -> Pause in
      let from = start + .minutes(Int.random(in: 0...4000, using: &random))
      return Pause(from: from, until: from + .minutes(Int.random(in: 1...2000, using: &random)), reason: "waiting")
    }
    let due = calendar.due(after: .hours(10), from: start, pauses: pauses, now: now)
    #expect(calendar.workingTime(from: start, to: due, pauses: pauses, now: now) == .hours(10))
    // Neither their order nor cutting one in two changes anything.
    #expect(calendar.due(after: .hours(10), from: start, pauses: pauses.reversed(), now: now) == due)
    let first = pauses[0]
    let half = first.from + .minutes(1)
    let cut = [Pause(from: first.from, until: half, reason: "a"), Pause(from: half, until: first.until, reason: "b")]
    #expect(calendar.due(after: .hours(10), from: start, pauses: cut + pauses.dropFirst(), now: now) == due)
    #expect(due >= calendar.due(after: .hours(10), from: start, now: now))
  }
}
