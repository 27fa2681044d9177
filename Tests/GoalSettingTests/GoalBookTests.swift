import Contracts
import Foundation
import GoalSetting
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

@Suite struct GoalBookTests {
  private func closeLoops(_ bench: GoalSettingBench, target: Int = 2, days: Int = 28) -> SetGoal {
    SetGoal(
      programme: "telco",
      kind: .known(.closeLoop),
      behaviour: "Close every case with its cause",
      team: "porto",
      target: target,
      until: bench.clock.now + .days(days),
      counterMetric: "reopened cases",
      reward: Reward(monetary: Money(amount: 300, currency: "EUR"))
    )
  }

  private func `case`(_ id: ID<Case>, _ state: CaseState) throws -> Case {
    var item: Case = try JSONSchema.specimen(of: Case.self)
    item.id = id
    item.programme = "telco"
    item.team = "porto"
    item.state = .known(state)
    return item
  }

  @Test func oneDeedCountsOnceHoweverManyEventsTellOfIt() async throws {
    try await GoalSettingBench.run { bench in
      let goal = try await bench.set(closeLoops(bench))
      let closed = CaseAdvanced(case: try `case`("case-1", .closed), step: .known(.closed), by: "ana")
      try await bench.publish(CaseOpened(case: try `case`("case-1", .open)))
      try await bench.publish(closed)
      try await bench.publish(closed)
      let told = bench.clock.now
      let closure = Closure(
        subject: "case-1",
        programme: "telco",
        openedAt: told,
        customerToldAt: told,
        frontLinerToldAt: told,
        systemChangedAt: told
      )
      try await bench.publish(
        ReceiptGiven(closure: closure, receipt: .known(.systemChanged), by: "ana", note: "New script")
      )
      try await bench.applyAll(of: .loopClosure)
      let progress = try #require(try await bench.progress(of: goal.id))
      #expect(progress.goal.progress == 1 && progress.ratio == 0.5)
      #expect(progress.payout == Money(amount: 150, currency: "EUR"))
      #expect(progress.evidence == ["loop-closure/2"])
    }
  }

  @Test func aReceiptCountsForTheTeamOfItsCase() async throws {
    try await GoalSettingBench.run { bench in
      let goal = try await bench.set(closeLoops(bench))
      try await bench.publish(CaseOpened(case: try `case`("case-7", .open)))
      let told = bench.clock.now
      for (subject, isComplete) in [("case-7", false), ("case-7", true), ("outer-1", true)] {
        let closure = Closure(
          subject: subject,
          programme: "telco",
          openedAt: told,
          customerToldAt: told,
          frontLinerToldAt: told,
          systemChangedAt: isComplete ? told : nil
        )
        try await bench.publish(
          ReceiptGiven(closure: closure, receipt: .known(.customerTold), by: "ana", note: "Called back")
        )
      }
      #expect(try await bench.progress(of: goal.id)?.goal.progress == 1)
    }
  }

  @Test func refutedTestsCountInFull() async throws {
    try await GoalSettingBench.run { bench in
      var request = closeLoops(bench, target: 3)
      request.kind = .known(.test)
      let goal = try await bench.set(request)
      for (number, outcome) in [Outcome.confirmed, .refuted, .harmful, .invalid].enumerated() {
        var experiment: Experiment = try JSONSchema.specimen(of: Experiment.self)
        experiment.id = ID("experiment-\(number)")
        experiment.programme = "telco"
        experiment.team = "porto"
        experiment.verdict?.outcome = .known(outcome)
        experiment.verdict?.earnsCredit = true
        try await bench.publish(ExperimentConcluded(experiment: experiment))
      }
      let progress = try #require(try await bench.progress(of: goal.id))
      #expect(progress.goal.progress == 3 && progress.goal.state == .achieved)
      #expect(try await bench.published().map(\.type).filter { $0 == GoalAchieved.type }.count == 1)
    }
  }

  @Test func aWindowThatEndsPaysOnceAndTakesLateReports() async throws {
    try await GoalSettingBench.run { bench in
      let goal = try await bench.set(closeLoops(bench, days: 1))
      try await bench.publish(
        CaseAdvanced(case: try `case`("case-1", .closed), step: .known(.closed), by: "ana")
      )
      // Done in time, and heard of after the end: LoopClosure's journal has it, GoalSetting was away.
      let late = CaseAdvanced(case: try `case`("case-2", .closed), step: .known(.closed), by: "ana")
      _ = try await bench.upstream.write { try $0.append(late) }
      bench.clock.advance(by: .days(1))
      for _ in 1...2 {
        try await bench.store.write { try bench.book.endOverdue($0, at: bench.clock.now) }
      }
      try await bench.applyAll(of: .loopClosure)
      let ended = try await bench.published().filter { $0.type == GoalEnded.type }.map { try $0.decode(GoalEnded.self) }
      #expect(ended.map(\.payout?.amount) == [150, 300])
      let progress = try #require(try await bench.progress(of: goal.id))
      #expect(progress.goal.state == .ended && progress.goal.progress == 2)
    }
  }

  @Test func deedsDoneEarlierInTheWindowCount() async throws {
    try await GoalSettingBench.run { bench in
      for number in 1...3 {
        try await bench.publish(
          CaseAdvanced(case: try `case`(ID("case-\(number)"), .closed), step: .known(.closed), by: "ana")
        )
      }
      bench.clock.advance(by: .days(3))
      var request = closeLoops(bench, target: 5)
      request.from = bench.clock.now - .days(7)
      #expect(try await bench.set(request).progress == 3)
      request.from = nil
      #expect(try await bench.set(request).progress == 0)
    }
  }

  @Test func refusesWhatItDoesNotKnow() async throws {
    try await GoalSettingBench.run { bench in
      var request = closeLoops(bench)
      request.team = "lisbon"
      let unknownTeam = try await #require(throws: Fault.self) { try await bench.set(request) }
      #expect(unknownTeam.reason == "unknownTeam" && unknownTeam.field == "team")
      request.programme = "bank"
      let unknownProgramme = try await #require(throws: Fault.self) { try await bench.set(request) }
      #expect(unknownProgramme.reason == "unknownProgramme")
      request.behaviour = "Win back NPS"
      let score = try await #require(throws: Fault.self) { try await bench.set(request) }
      #expect(score.reason == "scoreTargetForbidden")
      #expect(try await bench.published().isEmpty)
    }
  }

  @Test func flagsTunnelVisionWhenItChanges() async throws {
    try await GoalSettingBench.run { bench in
      _ = try await bench.set(closeLoops(bench))
      _ = try await bench.set(closeLoops(bench))
      var other = closeLoops(bench)
      other.kind = .known(.suggest)
      other.reward = Reward(monetary: Money(amount: 600, currency: "EUR"))
      _ = try await bench.set(other)
      let flags = try await bench.published().filter { $0.type == TunnelVisionFlagged.type }
        .map { try $0.decode(TunnelVisionFlagged.self) }
      #expect(flags.map(\.report.warnings.count) == [1, 0])
    }
  }
}

@Suite struct PartnershipBookTests {
  @Test func theLedgerAddsUpAndTheRiskBudgetShrinks() async throws {
    try await GoalSettingBench.run { bench in
      let partnership = try await bench.store.write { transaction in
        try bench.partnerships.agree(
          AgreePartnership(
            programme: "telco",
            parties: [
              Party(name: "Brand", riskPercent: 67, gainPercent: 50),
              Party(name: "Provider", riskPercent: 33, gainPercent: 50),
            ],
            riskBudget: Money(amount: 100, currency: "EUR")
          ),
          transaction
        )
      }
      func post(_ cents: Int) async throws {
        _ = try await bench.store.write { transaction in
          try bench.partnerships.post(
            PostLedger(
              programme: "telco",
              partnership: partnership.id,
              amount: Money(amount: Decimal(cents) / 100, currency: "EUR"),
              text: "Call-back test"
            ),
            transaction
          )
        }
      }
      for cents in [1001, -3333, 7, -6667] { try await post(cents) }
      await #expect(throws: Fault.self) { try await post(-1) }
      let ledger = try await bench.store.read { try bench.partnerships.ledger(LedgerRequest(programme: "telco"), $0) }
      #expect(ledger.entries.count == 4)
      #expect(ledger.balances.map(\.amount.amount).reduce(0, +) == 0)
      #expect(ledger.balances.first { $0.account == "joint" }?.amount.amount == Decimal(string: "89.92"))
      #expect(ledger.riskBudgetLeft[partnership.id.rawValue] == Money(amount: 0, currency: "EUR"))
      #expect(try await bench.published().filter { $0.type == LedgerPosted.type }.count == 4)
    }
  }
}

@Suite struct ScoresStayAwayTests {
  /// Law 4: GoalSetting asks for no stream that carries scores, and would be refused if it did.
  @Test func noConsumerCanSeeAScore() throws {
    let allowed = AllowList.streams(for: .goalSetting)
    let consumers = GoalSettingConsumers.all(GoalBook())
    for consumer in consumers {
      let types = try #require(allowed[consumer.stream], "\(consumer.stream) is not allowed")
      if let types { #expect(consumer.types.isSubset(of: types)) }
      #expect(!consumer.types.contains(ScoreObserved.type))
    }
    #expect(Set(consumers.map(\.stream)) == Set(allowed.keys))
    for stream in [StreamName.scores, .ingestion, .observations] {
      #expect(!AllowList.permits(.goalSetting, toRead: stream))
    }
  }

  /// There is nothing in a goal that a score could be written into: what it counts is one of the kinds of behaviour,
  /// and each of those has an event that isn't a score as its evidence.
  @Test func noGoalKindRestsOnAScore() {
    for kind in GoalKind.allCases { #expect(kind.evidenceEventType != ScoreObserved.type) }
    let known = Set(Catalogue.events.filter { $0.stream == .loopClosure }.map { $0.type })
    #expect(known.isSuperset(of: GoalKind.allCases.map(\.evidenceEventType)))
  }
}
