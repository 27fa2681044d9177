import Contracts
import Foundation
import LoopClosure
import Testing

@Suite struct CaseRulesTests {
  private let rules = CaseRules(calendar: .standard, policy: LoopPolicy())

  private func item(_ signals: [Signal] = [.complaint], urgency: Double = 0.8) throws -> FeedbackItem {
    FeedbackItem(
      id: "feedback-1",
      programme: "telco",
      text: "Nobody calls me back",
      team: "porto",
      customer: "customer-1",
      occurredAt: try instant("2026-03-02T08:30"),
      channel: .known(.call),
      signals: signals.map(Open.known),
      urgency: urgency
    )
  }

  private func opened(at now: String = "2026-03-02T09:00") throws -> CaseFile {
    CaseOpening.open(
      "case-1",
      about: try item(),
      team: nil,
      calendar: .standard,
      policy: LoopPolicy(),
      now: try instant(now)
    )
  }

  private func step(
    _ step: CaseStep,
    note: String? = nil,
    rootCause: String? = nil,
    action: String? = nil,
    beyond: Bool? = nil
  ) -> AdvanceCase {
    AdvanceCase(
      programme: "telco",
      id: "case-1",
      step: .known(step),
      note: note,
      rootCause: rootCause,
      action: action,
      isBeyondTeamControl: beyond
    )
  }

  private func after(_ steps: [(AdvanceCase, String)], _ file: CaseFile) throws -> CaseProgress {
    try steps.reduce(CaseProgress(file: file)) { progress, step in
      try rules.advance(progress.file, by: step.0, actor: "ana", now: instant(step.1))
    }
  }

  @Test(arguments: [
    ([Signal.complaint], 0.8, true), ([.churnReason], 0.6, true), ([.complaint], 0.59, false), ([.wish], 1, false),
    ([.praise, .complaint], 0.9, true), ([], 1, false),
  ])
  func opensByItself(signals: [Signal], urgency: Double, expected: Bool) throws {
    let item = try item(signals, urgency: urgency)
    let now = try instant("2026-03-02T09:00")
    #expect(CaseOpening.opensByItself(item, policy: LoopPolicy(), now: now) == expected)
    var adaptation = item
    adaptation.channel = .known(.adaptation)
    #expect(!CaseOpening.opensByItself(adaptation, policy: LoopPolicy(), now: now))
    #expect(!CaseOpening.opensByItself(item, policy: LoopPolicy(), now: now + .days(15)))
  }

  @Test func theWholeWay() throws {
    let file = try opened()
    #expect(file.case.firstContactDue == (try instant("2026-03-04T17:00")))
    #expect(file.case.resolveDue == (try instant("2026-03-09T17:00")))
    let done = try after(
      [
        (step(.contacted), "2026-03-02T10:00"), (step(.resolved, rootCause: "no callback list"), "2026-03-03T10:00"),
        (step(.confirmed), "2026-03-04T10:00"), (step(.closed, action: "list kept"), "2026-03-05T10:00"),
      ],
      file
    )
    #expect(done.file.case.state == .closed && !done.file.case.missedFirstContact && !done.file.case.missedResolve)
    #expect(done.steps.map(\.step) == [.known(.closed)] && done.steps.first?.by == "ana")
  }

  @Test(arguments: [
    (CaseStep.resolved, "wrongState"), (.confirmed, "wrongState"), (.closed, "wrongState"), (.reopened, "wrongState"),
    (.merged, "unknownStep"), (.missedFirstContact, "unknownStep"), (.resumed, "notPaused"),
    (.paused, "pauseReasonMissing"), (.assigned, "assigneeMissing"),
  ])
  func refusesStepsOutOfTurn(taken: CaseStep, reason: String) throws {
    let fault = try #require(throws: Fault.self) { try after([(step(taken), "2026-03-02T10:00")], opened()) }
    #expect(fault.reason == reason)
  }

  @Test func closingNeedsCauseAndAction() throws {
    let confirmed: [(AdvanceCase, String)] = [
      (step(.contacted), "2026-03-02T10:00"), (step(.resolved), "2026-03-02T11:00"),
      (step(.confirmed), "2026-03-02T12:00"),
    ]
    let now = "2026-03-02T13:00"
    let noCause = try #require(throws: Fault.self) {
      try after(confirmed + [(step(.closed, rootCause: " ", action: "x"), now)], opened())
    }
    let noAction = try #require(throws: Fault.self) {
      try after(confirmed + [(step(.closed, rootCause: "x"), now)], opened())
    }
    #expect(noCause.reason == "rootCauseMissing" && noAction.reason == "actionMissing")
  }

  @Test func aLateFirstContactStaysAMiss() throws {
    let late = try after([(step(.contacted), "2026-03-04T17:01")], opened())
    #expect(late.file.case.missedFirstContact && late.file.case.firstContactAt != nil)
    #expect(late.steps.map(\.step) == [.known(.missedFirstContact), .known(.contacted)])
    // A generous new calendar doesn't wipe it out.
    let generous = CaseTimers(
      calendar: try WorkingCalendar(BusinessCalendar(intervals: ["1": [interval(9, 10)]]), timeZone: "UTC"),
      policy: LoopPolicy()
    )
    let again = generous.rescheduled(late.file, now: try instant("2026-03-05T09:00"))
    #expect(again.case.missedFirstContact && again.case.firstContactDue == late.file.case.firstContactDue)
    #expect(again.case.resolveDue > late.file.case.resolveDue)
    let onTime = try after([(step(.contacted), "2026-03-04T17:00")], opened())
    #expect(!onTime.file.case.missedFirstContact)
  }

  @Test func pausesAreKeptWhenTheCalendarChanges() throws {
    let paused = try after(
      [(step(.paused, note: "on holiday"), "2026-03-02T13:00"), (step(.resumed), "2026-03-03T13:00")],
      opened()
    )
    #expect(paused.file.case.firstContactDue == (try instant("2026-03-05T17:00")))
    let mornings = CaseTimers(
      calendar: try WorkingCalendar(weekdays([interval(9, 13)]), timeZone: "UTC"),
      policy: LoopPolicy()
    )
    let moved = mornings.rescheduled(paused.file, now: try instant("2026-03-03T14:00"))
    #expect(moved.case.pauses == paused.file.case.pauses)
    // Six mornings of four hours, one of them paused: Monday, Wednesday to Friday, Monday and Tuesday.
    #expect(moved.case.firstContactDue == (try instant("2026-03-10T13:00")))
  }

  @Test func clocksStandStillWhilePaused() throws {
    let paused = try after([(step(.paused, note: "waiting"), "2026-03-02T10:00")], opened())
    let timers = CaseTimers(calendar: .standard, policy: LoopPolicy())
    let now = try instant("2026-04-01T10:00")
    #expect(timers.tick(paused.file, now: now).steps.isEmpty && timers.nextTick(paused.file, now: now) == nil)
    let contacted = try after([(step(.contacted), "2026-04-01T10:00")], paused.file)
    #expect(!contacted.file.case.missedFirstContact && !contacted.file.isPaused)
  }

  @Test func remindsOnlyInWorkingTimeAndOnce() throws {
    let timers = CaseTimers(calendar: .standard, policy: LoopPolicy())
    let file = try opened()
    let first = try #require(timers.nextTick(file, now: try instant("2026-03-02T09:00")))
    #expect(first == (try instant("2026-03-04T13:00")))
    #expect(timers.tick(file, now: first - .milliseconds(1)).steps.isEmpty)
    let reminded = timers.tick(file, now: first)
    #expect(reminded.steps.map(\.step) == [.known(.reminded)])
    #expect(timers.tick(reminded.file, now: first + .minutes(5)).steps.isEmpty)
    // The service was away: at midnight the misses are noted, the reminder waits for the morning.
    let night = timers.tick(file, now: try instant("2026-03-10T00:00"))
    #expect(night.steps.map(\.step) == [.known(.missedFirstContact), .known(.missedResolve)])
    #expect(timers.nextTick(night.file, now: try instant("2026-03-10T00:00")) == (try instant("2026-03-10T09:00")))
    #expect(timers.tick(night.file, now: try instant("2026-03-10T09:00")).steps.map(\.step) == [.known(.reminded)])
  }

  @Test func reopenedTwiceEscalates() throws {
    let toResolved: [(AdvanceCase, String)] = [
      (step(.contacted), "2026-03-02T10:00"), (step(.resolved), "2026-03-02T11:00"),
    ]
    let once = try after(toResolved + [(step(.reopened), "2026-03-03T09:00")], opened())
    #expect(once.file.case.state == .open && once.escalations.isEmpty)
    // The clock for resolving starts anew, the first contact has been made.
    #expect(once.file.case.resolveDue == (try instant("2026-03-10T17:00")))
    #expect(try once.file.case.firstContactAt == instant("2026-03-02T10:00") && !once.file.awaitsFirstContact)
    let twice = try after(toResolved + [(step(.reopened), "2026-03-04T09:00")], once.file)
    #expect(twice.escalations == [.reopenedTwice] && twice.file.case.reopenedCount == 2)
  }

  @Test func beyondTheTeamsControlEscalatesOnce() throws {
    let first = try after([(step(.contacted, beyond: true), "2026-03-02T10:00")], opened())
    #expect(first.escalations == [.beyondTeamControl])
    #expect(try after([(step(.resolved, beyond: true), "2026-03-02T11:00")], first.file).escalations.isEmpty)
  }

  @Test func mergedCasesLeaveTheSLA() throws {
    var other = try opened()
    other.case.id = "case-2"
    let merged = try rules.merge([other], into: opened(), actor: "ana")
    let file = try #require(merged.first?.file)
    #expect(file.case.state == .merged && file.case.mergedInto == "case-1")
    let timers = CaseTimers(calendar: .standard, policy: LoopPolicy())
    #expect(timers.nextTick(file, now: file.case.openedAt) == nil)
    #expect(timers.tick(file, now: file.case.openedAt + .days(90)).steps.isEmpty)
    other.case.customer = "customer-2"
    #expect(throws: Fault.self) { try rules.merge([other], into: opened(), actor: "ana") }
    #expect(throws: Fault.self) { try rules.merge([opened()], into: opened(), actor: "ana") }
    #expect(throws: Fault.self) { try rules.merge([file], into: opened(), actor: "ana") }
  }

  @Test(arguments: [
    (ScoreKind.nps, 2.0, 0.0, 10.0, true), (.nps, 3, 0, 10, true), (.nps, 4, 0, 10, false), (.stars, 1, 1, 5, true),
    (.stars, 3, 1, 5, false), (.ces, 1, 1, 7, false), (.csat, 1, 1, 1, false),
  ])
  func lowScoresRaiseThePriorityOnly(
    kind: ScoreKind,
    value: Double,
    minimum: Double,
    maximum: Double,
    isLow: Bool
  ) throws {
    let score = Score(kind: .known(kind), value: value, minimum: minimum, maximum: maximum)
    #expect(CasePriority.isLow(score, policy: LoopPolicy()) == isLow)
    var file = try opened()
    let before = CasePriority.of(file, policy: LoopPolicy())
    file.hasLowScore = true
    #expect(CasePriority.of(file, policy: LoopPolicy()) == min(1, before + 0.2))
    #expect(file.case.urgency == 0.8)
  }
}
