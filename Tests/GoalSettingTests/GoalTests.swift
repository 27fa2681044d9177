import Contracts
import Foundation
import GoalSetting
import TestSupport
import Testing

private let now = Timestamp(milliseconds: 1_790_000_000_000)

private func request(
  kind: Open<GoalKind> = .known(.test),
  behaviour: String = "Test one idea a week",
  team: ID<Team>? = "porto",
  unit: Open<GoalUnit>? = nil,
  target: Int = 4,
  floor: Int? = nil,
  capRatio: Double? = nil,
  from: Timestamp? = nil,
  until: Timestamp = now + .days(28),
  counterMetric: String = "CSAT",
  reward: Reward? = nil
) -> SetGoal {
  SetGoal(
    programme: "telco",
    kind: kind,
    behaviour: behaviour,
    unit: unit,
    team: team,
    target: target,
    floor: floor,
    capRatio: capRatio,
    from: from,
    until: until,
    counterMetric: counterMetric,
    reward: reward
  )
}

private let terms = GoalTerms()

private func goal(_ request: SetGoal = request()) throws -> Goal {
  try terms.goal(from: request, id: "goal-1", setBy: "ana", at: now)
}

@Suite struct GoalTermsTests {
  @Test func aGoalTakesItsDefaultsFromTheTerms() throws {
    let goal = try goal()
    #expect(goal.evidenceEventType == ExperimentConcluded.type)
    #expect(goal.unit == .team)
    #expect(goal.floor == 0 && goal.capRatio == 1.2 && goal.from == now && goal.progress == 0)
    #expect(goal.counterMetric == "CSAT", "a score may be watched, only not aimed at")
  }

  @Test func withoutATeamItBelongsToTheProgramme() throws {
    #expect(try goal(request(team: nil)).unit == .programme)
  }

  @Test(arguments: [
    (request(kind: .unknown("nps")), "scoreTargetForbidden", "kind"),
    (request(behaviour: "CSAT 4.5"), "scoreTargetForbidden", "behaviour"),
    (request(reward: Reward(other: "A dinner if NPS beats 50")), "scoreTargetForbidden", "reward.other"),
    (request(kind: .unknown("sell")), "unknownGoalKind", "kind"),
    (request(behaviour: "  "), "behaviourMissing", "behaviour"),
    (request(team: nil, unit: .known(.team)), "teamMissing", "team"),
    (request(unit: .known(.programme)), "teamNotExpected", "team"),
    (request(target: 0), "targetOutOfRange", "target"),
    (request(floor: 5), "floorOutOfRange", "floor"),
    (request(capRatio: 1.21), "capRatioOutOfRange", "capRatio"),
    (request(capRatio: .nan), "capRatioOutOfRange", "capRatio"),
    (request(from: now - .days(93)), "windowTooEarly", "from"),
    (request(until: now), "windowOutOfRange", "until"),
    (request(counterMetric: " "), "counterMetricMissing", "counterMetric"),
    (
      request(reward: Reward(monetary: Money(amount: Decimal(-1), currency: "EUR"))), "rewardOutOfRange",
      "reward.monetary"
    ),
  ])
  func refusesWhatMakesNoGoal(_ request: SetGoal, reason: String, field: String) throws {
    let fault = try #require(throws: Fault.self) { try goal(request) }
    #expect(fault.reason == reason)
    #expect(fault.field == field)
  }
}

@Suite struct GoalLifecycleTests {
  @Test func reachesItsTargetOnceAndIsPaidAtTheEnd() throws {
    var goal = try goal(request(target: 2, floor: 1, reward: Reward(monetary: Money(amount: 100, currency: "EUR"))))
    var types: [EventType] = []
    for count in 1...3 {
      let step = GoalLifecycle.progress(goal, evidence: "loop-closure/\(count)")
      goal = step.goal
      types += step.events.map { Swift.type(of: $0).type }
    }
    #expect(types == [GoalProgressed.type, GoalProgressed.type, GoalAchieved.type, GoalProgressed.type])
    #expect(goal.state == .achieved)
    #expect(GoalLifecycle.end(goal, at: goal.until - .milliseconds(1)) == nil)
    let end = try #require(GoalLifecycle.end(goal, at: goal.until))
    #expect(end.goal.state == .ended)
    #expect((end.events.first as? GoalEnded)?.payout == Money(amount: 120, currency: "EUR"))
    #expect(GoalLifecycle.end(end.goal, at: goal.until) == nil)
  }

  @Test func aLateReportCorrectsThePayout() throws {
    let goal = try goal(request(target: 4, reward: Reward(monetary: Money(amount: 100, currency: "EUR"))))
    let ended = try #require(GoalLifecycle.end(goal, at: goal.until)).goal
    let step = GoalLifecycle.progress(ended, evidence: "loop-closure/9")
    #expect(step.goal.state == .ended)
    #expect((step.events.last as? GoalEnded)?.payout == Money(amount: 25, currency: "EUR"))
  }

  @Test func onlyARunningGoalIsWithdrawn() throws {
    let withdrawn = try GoalLifecycle.withdraw(goal()).goal
    #expect(withdrawn.state == .withdrawn)
    #expect(throws: Fault.self) { try GoalLifecycle.withdraw(withdrawn) }
    let deed = Deed(programme: "telco", kind: .test, entity: "experiment-1", team: "porto")
    #expect(GoalLifecycle.counts(deed, doneAt: now, towards: try goal()))
    #expect(!GoalLifecycle.counts(deed, doneAt: now, towards: withdrawn))
  }

  @Test func countsDeedsOfItsKindTeamAndWindow() throws {
    let goal = try goal()
    func counts(_ kind: GoalKind = .test, _ team: ID<Team>? = "porto", _ time: Timestamp = now) -> Bool {
      GoalLifecycle.counts(
        Deed(programme: "telco", kind: kind, entity: "e", team: team),
        doneAt: time,
        towards: goal
      )
    }
    #expect(counts() && counts(.test, "porto", goal.until - .milliseconds(1)))
    #expect(!counts(.suggest) && !counts(.test, "braga") && !counts(.test, nil))
    #expect(!counts(.test, "porto", goal.until) && !counts(.test, "porto", now - .milliseconds(1)))
  }
}

@Suite struct PayoutTests {
  private func paid(
    _ progress: Int,
    of target: Int,
    floor: Int = 0,
    cap: Double = 1.2,
    _ amount: Decimal = 100,
    currency: String = "EUR"
  ) throws -> Decimal {
    var goal = try goal(
      request(
        target: target,
        floor: floor,
        capRatio: cap,
        reward: Reward(monetary: Money(amount: amount, currency: currency))
      )
    )
    goal.progress = progress
    return try #require(Payout.amount(for: goal)).amount
  }

  @Test func followsTheFormulaExactly() throws {
    #expect(try paid(0, of: 3) == 0)
    #expect(try paid(1, of: 3) == Decimal(string: "33.33"))
    #expect(try paid(2, of: 3) == Decimal(string: "66.67"))
    #expect(try paid(3, of: 3) == 100)
    #expect(try paid(30, of: 3) == 120)
    #expect(try paid(30, of: 3, cap: 1.1) == 110)
    #expect(try paid(2, of: 4, floor: 3) == 0)
    #expect(try paid(1, of: 3, currency: "JPY") == 33)
    #expect(try paid(1, of: 3, currency: "KWD") == Decimal(string: "33.333"))
  }

  @Test func withoutMoneyThereIsNoPayout() throws {
    #expect(try Payout.amount(for: goal()) == nil)
  }

  /// More deeds never pay less, nothing is paid below the floor, and never more than the cap.
  @Test(arguments: Seeds.fresh(5))
  func growsWithProgressUpToTheCap(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let target = Int.random(in: 1...60, using: &random)
      let floor = Int.random(in: 0...target, using: &random)
      let cents = Int.random(in: 0...5_000_000, using: &random)
      let percent = Int.random(in: 100...120, using: &random)
      let cap = Double(percent) / 100
      var before: Decimal = 0
      var goal = try goal(
        request(
          target: target,
          floor: floor,
          capRatio: cap,
          reward: Reward(monetary: Money(amount: Decimal(cents) / 100, currency: "EUR"))
        )
      )
      for progress in 0...(target * 2) {
        goal.progress = progress
        let payout = try #require(Payout.amount(for: goal)).amount
        #expect(payout >= before)
        #expect(progress >= floor || payout == 0)
        // Half a cent is what rounding may add to the cap.
        #expect(payout <= (Decimal(cents) * Decimal(percent) / 100 + Decimal(1) / 2) / 100)
        before = payout
      }
    }
  }
}
