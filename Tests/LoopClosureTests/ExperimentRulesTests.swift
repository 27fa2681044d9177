import Contracts
import Foundation
import LoopClosure
import Testing

@Suite struct ExperimentRulesTests {
  private let licence = LicenceToTry(
    maximumLoss: Money(amount: 500, currency: "EUR"),
    blastRadiusCustomers: 250,
    reviewWithinDays: 14,
    testsPerTeamAndMonth: 2
  )

  private func request(_ track: Track = .licence, plan: PreRegistration = plan(units: 120)) throws -> StartExperiment {
    StartExperiment(
      programme: "telco",
      team: "porto",
      title: "Callback list",
      track: .known(track),
      preRegistration: plan,
      changeMyMind: "As many leave as before",
      maximumLoss: Money(amount: 200, currency: "EUR"),
      blastRadiusCustomers: 240,
      isReversible: true,
      reviewOn: try instant("2026-03-12T09:00")
    )
  }

  private func check(_ request: StartExperiment, started: Int = 0, teams: Int = 8, known: Set<String> = []) throws {
    let rules = StartRules(licence: licence, startedThisMonth: started, teams: teams, knownEvidence: known)
    try rules.validate(request, now: instant("2026-03-02T09:00"))
  }

  // MARK: Power

  @Test(arguments: [
    (100, 0.7, 0.8, 0.4952366089332924), (200, 0.7, 0.8, 0.7482594588413491), (400, 0.7, 0.8, 0.9486654746290619),
    (100, 0.6, 0.8, 0.9301359410811318),
  ])
  func power(units: Int, control: Double, treatment: Double, expected: Double) {
    let power = TestPower.ofSingleLook(unitsPerArm: units, control: control, treatment: treatment)
    #expect(abs(power - expected) < 1e-12)
  }

  @Test(arguments: [(0.7, 0.8), (0.1, 0.14), (0, 0.1), (0.9, 1)])
  func halfPowerIsJustReached(control: Double, treatment: Double) {
    let units = TestPower.unitsForHalfPower(control: control, treatment: treatment)
    #expect(TestPower.ofSingleLook(unitsPerArm: units, control: control, treatment: treatment) >= 0.5)
    #expect(units == 1 || TestPower.ofSingleLook(unitsPerArm: units - 1, control: control, treatment: treatment) < 0.5)
  }

  @Test func trivialTestsAreRefused() throws {
    let fault = try #require(throws: Fault.self) { try check(request(plan: plan(units: 101))) }
    #expect(fault.reason == "underpowered" && fault.message.contains("102"))
    try check(request(plan: plan(units: 102)))
    let continuous = try #require(throws: Fault.self) { try check(request(plan: plan(units: 300, mode: .continuous))) }
    #expect(continuous.reason == "underpowered")
  }

  @Test func whatCannotBeDecidedIsRefused() throws {
    func reason(_ change: (inout PreRegistration) -> Void, teams: Int = 8) throws -> String {
      var plan = plan(units: 200)
      change(&plan)
      return try #require(throws: Fault.self) { try check(request(plan: plan), teams: teams) }.reason
    }
    #expect(try reason { $0.hypothesis = " " } == "incomplete")
    #expect(try reason { $0.minimumWorthwhileEffect = 0 } == "notAProportion")
    #expect(try reason { $0.expectedBaseline = 0.97 } == "notAProportion")
    #expect(try reason { $0.guardrails = [Guardrail(metric: "stayed", maximumHarm: 0.1)] } == "guardrailIsPrimary")
    #expect(try reason { $0.mode = Open(rawValue: "peeking") } == "unknownMode")
    #expect(try reason { $0.unit = Open(rawValue: "mood") } == "unknownUnit")
    #expect(
      try reason {
        $0.unit = .known(.teamWeek); $0.mode = .known(.continuous)
      } == "continuousTeamTest"
    )
    #expect(try reason({ $0.unit = .known(.teamWeek) }, teams: 5) == "tooFewTeams")
    try check(
      request(plan: plan(units: 200, unit: .teamWeek, stopRules: [PreRegistrationRules.descriptiveOnly])),
      teams: 5
    )
  }

  // MARK: The licence and the gate

  @Test func theLicenceNamesEveryLimitThatIsCrossed() throws {
    try check(request())
    var large = try request()
    large.maximumLoss.amount = 501
    large.blastRadiusCustomers = 251
    large.isReversible = false
    large.reviewOn = try instant("2026-03-16T09:01")
    let fault = try #require(throws: Fault.self) { try check(large) }
    #expect(fault.reason == "outsideLicence" && fault.field == "maximumLoss")
    for word in ["500", "250", "reversible", "14 days", "pilot"] { #expect(fault.message.contains(word)) }
    let used = try #require(throws: Fault.self) { try check(request(), started: 2) }
    #expect(used.reason == "licenceUsedUp" && used.code == .resourceExhausted)
  }

  @Test func theGateNamesEveryMissingPiece() throws {
    let bare = try #require(throws: Fault.self) { try check(request(.pilot)) }
    #expect(bare.reason == "deadEnd" && bare.field == "valueCase")
    #expect(["valueCase", "scalePath", "killCriteria"].allSatisfy(bare.message.contains))
    var pilot = try request(.pilot)
    let money = Money(amount: 10, currency: "EUR")
    pilot.valueCase = ValueCase(
      beneficiary: "",
      problemEvidence: ["feedback-9"],
      outcomeMetric: "stayed",
      minimumWorthwhileEffect: 0.05,
      cost: money
    )
    pilot.scalePath = ScalePath(eligibleTeams: [], unitCostAtScale: money, dependencies: [], owner: " ")
    pilot.killCriteria = ["  "]
    let half = try #require(throws: Fault.self) { try check(pilot) }
    for piece in ["beneficiary", "problemEvidence", "eligibleTeams", "owner", "killCriteria"] {
      #expect(half.message.contains(piece))
    }
    pilot.valueCase?.beneficiary = "customers who called twice"
    pilot.scalePath = ScalePath(eligibleTeams: ["porto"], unitCostAtScale: money, dependencies: [], owner: "rui")
    pilot.killCriteria = ["complaints double"]
    try check(pilot, known: ["feedback-9"])
    // A pilot may be larger than any licence.
    pilot.blastRadiusCustomers = 10_000
    try check(pilot, started: 2, known: ["feedback-9"])
  }

  // MARK: The look

  private func running(_ plan: PreRegistration = plan(units: 120)) throws -> Experiment {
    ExperimentRules.start("experiment-1", try request(plan: plan), hash: "", now: try instant("2026-03-02T09:00"))
  }

  private func conclude(
    _ experiment: Experiment,
    _ primary: MetricEvidence,
    early: Bool? = nil,
    lesson: String = "Call sooner"
  ) throws -> Experiment {
    let request = ConcludeExperiment(programme: "telco", id: experiment.id, lesson: lesson, endEarly: early)
    return try ExperimentRules.conclude(
      experiment,
      by: request,
      evidence: TestEvidence(primary: primary, guardrails: [:]),
      now: instant("2026-03-10T09:00")
    )
  }

  @Test func noWinnerBeforeTheLook() throws {
    let primary = evidence(control: (50, 10), treatment: (50, 45))
    let observed = ExperimentRules.observed(try running(), TestEvidence(primary: primary, guardrails: [:]))
    #expect(observed.state == .running && observed.verdict == nil && observed.observedUnits == 100)
    let fault = try #require(throws: Fault.self) { try conclude(observed, primary) }
    #expect(fault.reason == "tooEarly" && fault.message.contains("50 of 120") && !fault.message.contains("45"))
    let ended = try conclude(observed, primary, early: true)
    #expect(ended.verdict?.outcome.known == .inconclusive && ended.verdict?.earnsCredit == false)
  }

  @Test func theLookDecidesOnceAndNeedsALesson() throws {
    let primary = evidence(control: (120, 80), treatment: (120, 105))
    let ready = ExperimentRules.observed(try running(), TestEvidence(primary: primary, guardrails: [:]))
    #expect(ready.state == .awaitingLesson && ready.verdict == nil)
    let mute = try #require(throws: Fault.self) { try conclude(ready, primary, lesson: " ") }
    #expect(mute.reason == "lessonMissing")
    let concluded = try conclude(ready, primary)
    #expect(concluded.state == .concluded && concluded.verdict?.outcome.known == .confirmed)
    let again = try #require(throws: Fault.self) { try conclude(concluded, primary) }
    #expect(again.reason == "notRunning")
  }

  @Test func unitsBeyondThePlanDoNotCountForTheLook() {
    var metric = MetricEvidence.nothing(margin: 0)
    for _ in 0..<5 { metric.count(true, in: .control, upTo: 3) }
    metric.count(false, in: .treatment, upTo: 3)
    #expect(metric.control == ArmTally(units: 3, happened: 3) && metric.arrivedControl == 5)
    #expect(metric.treatment == ArmTally(units: 1, happened: 0))
  }

  // MARK: Dead ends

  @Test func deadEndsShow() throws {
    let signs = DeadEndSigns(policy: LoopPolicy())
    var pilot = try running()
    #expect(signs.risks(pilot, .init(), now: try instant("2027-01-01T09:00")).isEmpty, "the licence has no dead ends")
    pilot.track = .known(.pilot)
    pilot.plannedEndAt = try instant("2026-03-12T09:00")
    #expect(signs.risks(pilot, .init(), now: try instant("2026-03-03T09:00")) == [.noCase, .noOwner])
    let money = Money(amount: 1, currency: "EUR")
    pilot.valueCase = ValueCase(
      beneficiary: "b",
      problemEvidence: ["f"],
      outcomeMetric: "m",
      minimumWorthwhileEffect: 0.1,
      cost: money
    )
    pilot.scalePath = ScalePath(
      eligibleTeams: ["a", "b", "c", "d"],
      unitCostAtScale: money,
      dependencies: [],
      owner: "rui"
    )
    // Planned for ten days: half of it without an observation, then a quarter too long.
    #expect(signs.nextLook(pilot, now: pilot.startedAt) == (try instant("2026-03-07T09:00")) + .milliseconds(1))
    #expect(signs.risks(pilot, .init(), now: try instant("2026-03-07T09:01")) == [.nothingEvaluable])
    pilot.observedUnits = 1
    #expect(signs.risks(pilot, .init(), now: try instant("2026-03-14T20:00")).isEmpty)
    let late = try instant("2026-03-14T22:00")
    #expect(signs.risks(pilot, .init(), now: late) == [.overrun])
    #expect(signs.risks(pilot, .init(safeHarbourUntil: late + .days(1)), now: late).isEmpty)
    pilot = try conclude(pilot, evidence(control: (120, 80), treatment: (120, 105)))
    pilot.track = .known(.pilot)
    let later = try instant("2026-03-10T09:00") + .days(91)
    #expect(signs.risks(pilot, .init(teamsUsing: 1), now: later) == [.lowAdoption])
    #expect(signs.risks(pilot, .init(teamsUsing: 2), now: later).isEmpty)
  }

  // MARK: The frozen plan

  @Test(arguments: [
    (0.0, "0"), (1, "1"), (-1.5, "-1.5"), (0.05, "0.05"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
    (1.5e-7, "1.5e-7"), (0.000001, "0.000001"), (333333333.33333329, "333333333.3333333"), (4.50, "4.5"),
    (123456789012345683968, "123456789012345680000"), (.leastNonzeroMagnitude, "5e-324"),
  ])
  func numbersAsECMAScriptWritesThem(number: Double, expected: String) {
    #expect(CanonicalJSON.text(.number(number)) == expected)
  }

  @Test func canonicalJSONHasOneSpelling() throws {
    let value = JSONValue.object([
      "b": .array([.integer(1), .null, .bool(true)]), "a": .string("é \"x\"\\\n\u{1}/"), "": .number(0.5),
    ])
    #expect(CanonicalJSON.text(value) == #"{"":0.5,"a":"é \"x\"\\\n\u0001/","b":[1,null,true]}"#)
    let bytes = try CanonicalJSON.bytes(of: plan())
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(#"{"expectedBaseline":0.7,"guardrails":[],"hypothesis""#))
  }
}
