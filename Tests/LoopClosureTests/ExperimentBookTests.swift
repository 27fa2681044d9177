import Contracts
import Foundation
import LoopClosure
import Records
import Storage
import TestSupport
import Testing

@Suite struct ExperimentBookTests {
  private func request(_ bench: LoopBench, plan: PreRegistration = plan(units: 102)) -> StartExperiment {
    StartExperiment(
      programme: "telco",
      team: "porto",
      startedBy: "ana",
      title: "Callback list",
      track: .known(.licence),
      preRegistration: plan,
      changeMyMind: "As many leave as before",
      maximumLoss: Money(amount: 100, currency: "EUR"),
      blastRadiusCustomers: 80,
      isReversible: true,
      reviewOn: bench.clock.now + .days(10)
    )
  }

  private func start(_ bench: LoopBench, _ request: StartExperiment) async throws -> Experiment {
    try await bench.command { try $0.experiments.start(request, actor: LoopBench.ana, $1) }
  }

  /// Observes as many units in both arms, of which the first so many happened.
  private func observe(
    _ bench: LoopBench,
    _ experiment: Experiment,
    metric: String = "stayed",
    units: Range<Int>,
    control: Int,
    treatment: Int
  ) async throws {
    let now = bench.clock.now
    _ = try await bench.upstream.write { transaction in
      for unit in units {
        for (arm, happened) in [(Arm.control, control), (.treatment, treatment)] {
          let observation = Observation(
            programme: "telco",
            experiment: experiment.id,
            arm: .known(arm),
            metric: metric,
            unit: "\(arm.rawValue)-\(unit)",
            happened: unit - units.lowerBound < happened,
            occurredAt: now
          )
          try transaction.append(
            ObservationRecorded(id: ID("o-\(metric)-\(arm.rawValue)-\(unit)"), observation: observation)
          )
        }
      }
    }
    try await bench.applyAll(of: .observations)
  }

  private func conclude(_ bench: LoopBench, _ id: ID<Experiment>, early: Bool? = nil) async throws -> Experiment {
    let request = ConcludeExperiment(programme: "telco", id: id, lesson: "Lists need an owner", endEarly: early)
    return try await bench.command { try $0.experiments.conclude(request, actor: LoopBench.ana, $1) }
  }

  private func get(_ bench: LoopBench, _ id: ID<Experiment>) async throws -> Experiment {
    try #require(
      try await bench.query {
        try $0.experiments.experiments(ExperimentsRequest(programme: "telco", id: id), $1).experiments.first
      }
    )
  }

  @Test func fromStartToLook() async throws {
    try await LoopBench.run { bench in
      let test = try await start(bench, request(bench))
      // SHA-256 of the plan's canonical JSON, reckoned with Python's hashlib.
      #expect(
        test.preRegistrationHash == "4372a44bce7a7191e2be2d1330e5eb118e3cbb5979e61240be240c4a90ae00e3"
      )
      try await observe(bench, test, units: 0..<60, control: 40, treatment: 55)
      let half = try await get(bench, test.id)
      #expect(half.observedUnits == 120 && half.state == .running && half.verdict == nil)
      let early = try await #require(throws: Fault.self) { try await conclude(bench, test.id) }
      #expect(early.reason == "tooEarly")
      // The same units again, and units beyond the plan, change nothing.
      try await observe(bench, test, units: 0..<60, control: 0, treatment: 60)
      try await observe(bench, test, units: 60..<110, control: 30, treatment: 40)
      let ready = try await get(bench, test.id)
      #expect(ready.state == .awaitingLesson && ready.observedUnits == 220 && ready.verdict == nil)
      let done = try await conclude(bench, test.id)
      #expect(done.verdict?.control == ArmTally(units: 102, happened: 70))
      #expect(done.verdict?.treatment == ArmTally(units: 102, happened: 95))
      #expect(done.verdict?.outcome.known == .confirmed && done.verdict?.earnsCredit == true)
      #expect(try await bench.published(ExperimentConcluded.self).count == 1)
      #expect(try await bench.published(GraveDug.self).isEmpty)
      // What comes afterwards is passed over; what belongs to no test is set aside.
      try await observe(bench, test, units: 200..<201, control: 1, treatment: 1)
      #expect(try await get(bench, test.id) == done)
      #expect(try await bench.deadLetterCount() == 0)
      var stranger = test
      stranger.id = "experiment-unknown"
      try await observe(bench, stranger, units: 0..<1, control: 1, treatment: 1)
      #expect(try await bench.deadLetterCount() == 2)
    }
  }

  @Test func aRefutedTestIsBuriedAndItsLessonReused() async throws {
    try await LoopBench.run { bench in
      let test = try await start(bench, request(bench))
      try await observe(bench, test, units: 0..<102, control: 80, treatment: 65)
      let done = try await conclude(bench, test.id)
      #expect(done.verdict?.outcome.known == .refuted && done.verdict?.earnsCredit == true)
      let grave = try #require(try await bench.published(GraveDug.self).first?.grave)
      #expect(grave.failure == .known(.intelligent) && grave.experiment == test.id && grave.triedBy.isEmpty)
      // A like idea is shown the grave.
      let idea = SubmitIdea(programme: "telco", title: "Callback list", text: "Calling back within the hour keeps them")
      let shown = try await bench.command { try $0.ideas.submit(idea, actor: LoopBench.maria, $1) }
      #expect(shown.graves.map(\.id) == [grave.id] && shown.idea.nearGraves == [grave.id])
      // The same again, citing it: the lesson is reused, and a second failure is no longer new territory.
      bench.clock.advance(by: .days(1))
      var again = request(bench)
      again.citedGraves = [grave.id]
      let second = try await start(bench, again)
      let types = try await bench.records().map(\.type).suffix(3)
      #expect(types == [LessonReused.type, GraveVisited.type, ExperimentStarted.type])
      #expect(try await bench.published(LessonReused.self).first?.reusedBy == "porto")
      try await observe(bench, second, units: 0..<102, control: 80, treatment: 65)
      _ = try await conclude(bench, second.id)
      #expect(try await bench.published(GraveDug.self).last?.grave.failure == .known(.basic))
      let near = try await bench.query {
        try $0.graves.graves(GraveyardRequest(programme: "telco", near: "callback list", limit: 1), $1)
      }
      #expect(near.graves.count == 1 && near.total == 2)
      // One tribute a person.
      for _ in 1...2 {
        let visit = VisitGrave(programme: "telco", id: grave.id, visit: .known(.tribute))
        _ = try await bench.command { try $0.graves.visit(visit, actor: LoopBench.maria, $1) }
      }
      let visited = try await bench.published(GraveVisited.self).filter { $0.visit == .tribute }
      #expect(visited.count == 1 && visited.first?.grave.tributes == 1 && visited.first?.grave.reuseCount == 1)
    }
  }

  @Test func guardrailsStopByTheEValue() async throws {
    try await LoopBench.run { bench in
      let guarded = plan(
        units: 400,
        mode: .continuous,
        guardrails: [Guardrail(metric: "complained", maximumHarm: 0.05)]
      )
      let test = try await start(bench, request(bench, plan: guarded))
      try await observe(bench, test, metric: "complained", units: 0..<60, control: 0, treatment: 60)
      #expect(try await get(bench, test.id).state == .awaitingLesson)
      let done = try await conclude(bench, test.id)
      #expect(done.verdict?.outcome.known == .harmful)
      #expect(try await bench.published(NoticeDelivered.self).map(\.delivery).contains(.known(.shown)))
    }
  }

  @Test func continuousTestsEndWhenTheEvidenceIsThere() async throws {
    try await LoopBench.run { bench in
      let test = try await start(bench, request(bench, plan: plan(units: 400, mode: .continuous)))
      try await observe(bench, test, units: 0..<30, control: 0, treatment: 30)
      let done = try await conclude(bench, test.id)
      #expect(done.verdict?.outcome.known == .confirmed && (done.verdict?.eValue ?? 0) >= 20)
      #expect((done.verdict?.shareOfPlan ?? 1) < 0.1 && done.verdict?.earnsCredit == true)
    }
  }

  @Test func theLicenceIsABudgetThatRenews() async throws {
    try await LoopBench.run { bench in
      for _ in 1...4 { _ = try await start(bench, request(bench)) }
      let fault = try await #require(throws: Fault.self) { try await start(bench, request(bench)) }
      #expect(fault.reason == "licenceUsedUp")
      func report() async throws -> LicenceReport {
        let now = bench.clock.now
        return try await bench.query {
          try $0.experiments.licence(LicenceRequest(programme: "telco", team: "porto"), at: now, $1)
        }
      }
      let march = try await report()
      #expect(march.month == "2026-03" && march.started == 4 && march.left == 0 && march.shareUnderLicence == 1)
      try bench.move(to: "2026-04-01T00:00")
      #expect(try await report().left == 4)
      _ = try await start(bench, request(bench))
    }
  }

  @Test func reviewsAndDeadEndsAreNoticed() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1", signals: [.wish])))
      var pilot = request(bench)
      pilot.track = .known(.pilot)
      let refused = pilot
      let gate = try await #require(throws: Fault.self) { () async throws -> Void in
        _ = try await start(bench, refused)
      }
      #expect(gate.reason == "deadEnd")
      let money = Money(amount: 5, currency: "EUR")
      pilot.valueCase = ValueCase(
        beneficiary: "callers",
        problemEvidence: ["f1"],
        outcomeMetric: "stayed",
        minimumWorthwhileEffect: 0.05,
        cost: money
      )
      pilot.scalePath = ScalePath(
        eligibleTeams: ["porto", "braga"],
        unitCostAtScale: money,
        dependencies: [],
        owner: "maria"
      )
      pilot.killCriteria = ["complaints double"]
      let test = try await start(bench, pilot)
      for day in [5, 11, 13] {
        try bench.move(to: "2026-03-02T09:00")
        bench.clock.advance(by: .days(day) + .hours(1))
        try await bench.tick()
      }
      let flagged = try await bench.published(DeadEndFlagged.self).map(\.experiment.deadEndRisk)
      #expect(flagged == [[.known(.nothingEvaluable)], [.known(.overrun), .known(.nothingEvaluable)]])
      let reviews = try await bench.published(NoticeDelivered.self)
      #expect(reviews.map(\.recipient) == ["ana"] && reviews.first?.subject == test.id.rawValue)
    }
  }

  @Test func whatWeTriedIsTold() async throws {
    try await LoopBench.run { bench in
      let won = try await start(bench, request(bench))
      try await observe(bench, won, units: 0..<102, control: 60, treatment: 90)
      _ = try await conclude(bench, won.id)
      let lost = try await start(bench, request(bench))
      try await observe(bench, lost, units: 0..<102, control: 80, treatment: 65)
      _ = try await conclude(bench, lost.id)
      let huddle = HoldHuddle(programme: "telco", team: "porto", attendees: 4, outcomes: ["Try the list", " "])
      bench.clock.advance(by: .days(1))
      let held = try await bench.command { try $0.huddles.hold(huddle, $1) }
      #expect(held.outcomes == ["Try the list"])
      bench.clock.advance(by: .hours(1))
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1")))
      let now = bench.clock.now
      let agenda = try await bench.query {
        try $0.huddles.agenda(AgendaRequest(programme: "telco", team: "porto"), at: now, $1)
      }
      #expect(agenda.since == held.heldAt && agenda.newFeedback.map(\.feedback) == ["f1"])
      #expect(agenda.openCases.count == 1 && agenda.graves.count == 1)
      let digest = try await bench.query {
        try $0.huddles.digest(DigestRequest(programme: "telco", week: now), at: now, $1)
      }
      #expect(digest.worked.map(\.experiment) == [won.id] && digest.didNotWork.map(\.experiment) == [lost.id])
      #expect(digest.didNotWork.first?.grave != nil && digest.started.count == 2 && digest.thanks.count == 2)
      let last = try await bench.query {
        try $0.huddles.digest(DigestRequest(programme: "telco"), at: now, $1)
      }
      #expect(last.started.isEmpty && last.until == digest.from)
    }
  }
}
