import Contracts
import Foundation
import LoopClosure
import Testing

@Suite struct LoopRulesTests {
  private let rules = EscalationRules(policy: LoopPolicy())
  private let outer = OuterItemRules(calendar: .standard, policy: LoopPolicy())

  // MARK: Escalation

  private func sighting(_ customer: ID<Customer>?, _ team: ID<Team>?, _ time: String) throws -> EscalationRules.Sighting
  {
    .init(customer: customer, team: team, at: try instant(time))
  }

  @Test func theSameCauseTakesThreeCustomersAndTwoTeams() throws {
    let now = try instant("2026-03-16T09:00")
    let three = [
      try sighting("c1", "porto", "2026-03-02T09:00"), try sighting("c2", "porto", "2026-03-10T09:00"),
      try sighting("c3", "braga", "2026-03-15T09:00"),
    ]
    #expect(rules.isSameCause(three, now: now))
    #expect(!rules.isSameCause(three, now: now + .milliseconds(1)), "the first is older than 14 days")
    let oneTeam = three.map { EscalationRules.Sighting(customer: $0.customer, team: "porto", at: $0.at) }
    #expect(!rules.isSameCause(oneTeam, now: now))
    let unknown = [three[0], three[1], EscalationRules.Sighting(customer: nil, team: "braga", at: three[2].at)]
    #expect(!rules.isSameCause(unknown, now: now))
  }

  @Test(arguments: [
    (9, [2, 2, 2, 2, 2, 2, 2, 2], true), (5, [2, 2, 2, 2, 2, 2, 2, 2], false), (3, [0, 0, 0, 0, 0, 0, 0, 0], true),
    (2, [0, 0, 0, 0, 0, 0, 0, 0], false), (50, [2, 2, 2], false), (50, [], false),
  ])
  func unusualVolume(week: Int, base: [Int], expected: Bool) {
    #expect(rules.isUnusual(week: week, base: base) == expected)
  }

  @Test func causesAreTheSameWhateverTheirSpelling() {
    #expect(Cause("No callback list.") == Cause("  no  Callback-list "))
    #expect(Cause(" … ") == nil && Cause("no list") != Cause("no lists"))
  }

  // MARK: The outer loop

  private func item() throws -> OuterItem {
    outer.raise(
      "outer-1",
      programme: "telco",
      title: "No callback list",
      reason: .sameCause,
      now: try instant("2026-03-02T10:00")
    )
  }

  private func decide(
    _ kind: DecisionKind,
    on item: OuterItem,
    reason: String? = nil,
    until: String? = nil,
    owner: String? = nil
  ) throws -> OuterItem {
    try outer.decide(
      item,
      by: Decide(
        programme: "telco",
        id: item.id,
        kind: .known(kind),
        reason: reason,
        until: until.map(instant),
        owner: owner
      ),
      actor: "maria",
      now: instant("2026-03-05T10:00")
    )
  }

  @Test func decisionsAnswer() throws {
    let item = try item()
    #expect(item.decisionDue == (try instant("2026-03-16T17:00")))
    func reason(_ body: () throws -> OuterItem) throws -> String {
      try #require(throws: Fault.self) { try body() }.reason
    }
    #expect(try reason { try decide(.fix, on: item) } == "ownerMissing")
    #expect(try reason { try decide(.decline, on: item) } == "reasonMissing")
    #expect(try reason { try decide(.defer, on: item) } == "untilMissing")
    #expect(try reason { try decide(.defer, on: item, until: "2026-03-05T10:00") } == "untilMissing")
    let fixed = try decide(.fix, on: item, owner: "rui")
    #expect(fixed.decision?.kind == .known(.fix) && fixed.owner == "rui" && outer.silentAfter(fixed) == nil)
    #expect(try reason { try decide(.decline, on: fixed, reason: "no") } == "alreadyDecided")
    let tested = try decide(.test, on: item, owner: "rui")
    #expect(try decide(.adopt, on: tested).decision?.kind == .known(.adopt))
  }

  @Test func silenceBecomesOverdueOnce() throws {
    let item = try item()
    #expect(outer.overdue(item, now: item.decisionDue) == nil)
    let late = try #require(outer.overdue(item, now: item.decisionDue + .milliseconds(1)))
    #expect(late.isOverdue && outer.overdue(late, now: item.decisionDue + .days(9)) == nil)
    let deferred = try decide(.defer, on: late, until: "2026-04-01T00:00")
    #expect(try !deferred.isOverdue && outer.overdue(deferred, now: instant("2026-03-31T00:00")) == nil)
    #expect(outer.overdue(deferred, now: try instant("2026-04-02T00:00")) != nil)
  }

  // MARK: Receipts, notices, digest

  @Test func threeReceiptsCloseALoop() throws {
    var closure = Closure(subject: "case-1", programme: "telco", openedAt: try instant("2026-03-02T09:00"))
    for (day, receipt) in [Receipt.systemChanged, .frontLinerTold, .customerTold].enumerated() {
      #expect(ClosureRules.completedAt(closure) == nil)
      closure = try ClosureRules.give(
        GiveReceipt(programme: "telco", subject: "case-1", receipt: .known(receipt), note: "done"),
        to: closure,
        now: closure.openedAt + .days(day + 1)
      )
    }
    #expect(closure.isComplete && ClosureRules.completedAt(closure) == closure.openedAt + .days(3))
    let again = try #require(throws: Fault.self) {
      try ClosureRules.give(
        GiveReceipt(programme: "telco", subject: "case-1", receipt: .known(.customerTold), note: "x"),
        to: closure,
        now: closure.openedAt
      )
    }
    #expect(again.reason == "alreadyGiven")
    #expect(
      ClosureRules.median([]) == nil && ClosureRules.median([3, 1, 2]) == 2 && ClosureRules.median([4, 1]) == 2.5
    )
  }

  @Test func noticesGoToNobodyWhoDidItOrDeclined() {
    let ana = Principal(role: .frontLine, name: "Ana", employee: "employee-1")
    #expect(NoticeRules.delivery(to: "employee-1", actor: ana, hasOptedOut: false) == .ownAction)
    #expect(NoticeRules.delivery(to: "Ana", actor: ana, hasOptedOut: true) == .ownAction)
    #expect(NoticeRules.delivery(to: "employee-2", actor: ana, hasOptedOut: true) == .optedOut)
    #expect(NoticeRules.delivery(to: "employee-2", actor: ana, hasOptedOut: false) == .shown)
  }

  // MARK: Graves

  private func experiment(_ outcome: Outcome, _ id: ID<Experiment> = "experiment-1") throws -> Experiment {
    var item: Experiment = try JSONSchema.specimen(of: Experiment.self)
    item.id = id
    item.title = "Test \(id)"
    item.lesson = "Learned by \(id)"
    item.verdict?.outcome = .known(outcome)
    return item
  }

  @Test(arguments: [
    (Outcome.refuted, true), (.harmful, true), (.confirmed, false), (.inconclusive, false), (.invalid, false),
  ])
  func failedTestsDigTheirOwnGrave(outcome: Outcome, expected: Bool) throws {
    let test = try experiment(outcome)
    let grave = GraveRules.dug("grave-1", by: test, isNewTerritory: true, now: try instant("2026-03-02T09:00"))
    #expect((grave != nil) == expected)
    #expect(grave.map { $0.failure == .intelligent && $0.triedBy.isEmpty && $0.lesson == test.lesson } ?? true)
    let known = GraveRules.dug("grave-1", by: test, isNewTerritory: false, now: try instant("2026-03-02T09:00"))
    #expect(known.map { $0.failure == .basic } ?? true)
  }

  private func grave(_ change: (inout DigGrave) -> Void = { _ in }) throws -> Grave {
    var request = DigGrave(
      programme: "telco",
      name: "Night shift",
      expected: "fewer calls",
      observed: "as many",
      causeOfDeath: "nobody awake",
      lesson: "ask first",
      resurrectIf: ["A new phone system"],
      triedBy: ["Ana"]
    )
    change(&request)
    return try GraveRules.dug(
      "grave-1",
      by: request,
      experiment: nil,
      idea: nil,
      isNewTerritory: true,
      now: instant("2026-03-02T09:00")
    )
  }

  @Test func failuresAreSortedHonestly() throws {
    #expect(try grave().failure == .basic && grave().triedBy.isEmpty)
    #expect(try grave { $0.consentToName = true }.triedBy == ["Ana"])
    #expect(try grave { $0.failure = .known(.complex) }.failure == .complex)
    let claimed = try #require(throws: Fault.self) { try grave { $0.failure = .known(.intelligent) } }
    #expect(claimed.reason == "notIntelligent")
    #expect(["hypothesis", "goal", "small"].allSatisfy(claimed.message.contains))
    #expect(throws: Fault.self) { try grave { $0.lesson = " " } }
  }

  @Test func gravesAreVisited() throws {
    let grave = try grave()
    func visit(_ visit: GraveVisit, condition: String? = nil, first: Bool = true) throws -> Grave {
      try GraveRules.visit(
        grave,
        by: VisitGrave(
          programme: "telco",
          id: grave.id,
          visit: .known(visit),
          changedCondition: condition,
          experiment: "experiment-2"
        ),
        isFirstTribute: first
      )
    }
    #expect(try visit(.tribute).tributes == 1 && visit(.tribute, first: false).tributes == 0)
    #expect(try #require(throws: Fault.self) { try visit(.lessonReused) }.reason == "citeBeforeStart")
    #expect(try #require(throws: Fault.self) { try visit(.resurrected) }.reason == "conditionMissing")
    let wrong = try #require(throws: Fault.self) { try visit(.resurrected, condition: "I feel like it") }
    #expect(wrong.reason == "unknownCondition")
    #expect(try visit(.resurrected, condition: "a new phone system").resurrectedAs == "experiment-2")
  }

  @Test func failuresAndSuccessesHaveTheSameRoom() throws {
    let from = try instant("2026-03-02T00:00")
    let won = try (0..<30).map { try experiment(.confirmed, ID("won-\($0)")) }
    let lost = try (0..<30).map { try experiment(.refuted, ID("lost-\($0)")) }
    let grave = try #require(GraveRules.dug("grave-1", by: lost[0], isNewTerritory: true, now: from))
    let digest = DigestRules.digest(
      from: from,
      until: from + .days(7),
      concluded: won + lost,
      graves: [grave],
      started: [],
      tributes: [("Night shift", 2)]
    )
    #expect(digest.worked.count == DigestRules.room && digest.didNotWork.count == DigestRules.room)
    #expect(digest.didNotWork.first?.grave == "grave-1" && digest.didNotWork.count { $0.experiment == "lost-0" } == 1)
    #expect((digest.worked + digest.didNotWork).allSatisfy { !$0.lesson.isEmpty })
    #expect(digest.thanks.count == 61)
  }
}
