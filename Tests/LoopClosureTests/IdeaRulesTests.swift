import Contracts
import Foundation
import LoopClosure
import TestSupport
import Testing

@Suite struct IdeaRulesTests {
  private func idea(_ id: ID<Idea> = "idea-1", _ state: IdeaState = .submitted, at time: String = "2026-03-02T09:00")
    throws -> Idea
  {
    Idea(
      id: id,
      programme: "telco",
      team: "porto",
      author: "ana",
      authorName: "Ana",
      title: "Call back sooner",
      text: "Keep a list of promised calls",
      evidence: [],
      state: .known(state),
      novelty: 1,
      canonical: id,
      needsMergeDecision: false,
      supporters: ["ana"],
      submittedAt: try instant(time),
      coreComponents: ["list", "owner"],
      nearGraves: []
    )
  }

  private func member(_ id: ID<Idea>, _ supporters: [String], at time: String) throws -> IdeaCluster.Member {
    IdeaCluster.Member(idea: try idea(id, at: time), ownSupporters: supporters)
  }

  // MARK: Similarity

  @Test(arguments: [
    ("Call customers back within an hour", "call customers  back, within an HOUR!", 1.0...1),
    ("Rückruf binnen einer Stunde", "Ruckruf binnen einer Stunde", 1...1),
    ("Call customers back within an hour", "Call customer back within one hour", 0.6...0.95),
    ("Call customers back within an hour", "Print shorter invoices", 0...0.2),
    ("", "anything", 0...0), ("…!?", "…!?", 0...0), ("再び電話する", "再び電話する", 1...1),
  ])
  func similarity(one: String, other: String, expected: ClosedRange<Double>) {
    let similarity = TextFingerprint(one).similarity(to: TextFingerprint(other))
    #expect(similarity >= expected.lowerBound - 1e-12 && similarity <= expected.upperBound + 1e-12, "\(similarity)")
    #expect(similarity == TextFingerprint(other).similarity(to: TextFingerprint(one)))
  }

  @Test(arguments: Seeds.fresh(10))
  func nearDuplicatesShareASearchTerm(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let words = (0..<14).map { _ in
      String((0..<7).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random) ?? "x" })
    }
    // Every word misspelt: no word is shared, only sketches can find it.
    let misspelt = words.map { String($0.dropLast()) + "ä" }
    let one = TextFingerprint(words.joined(separator: " "))
    let other = TextFingerprint(misspelt.joined(separator: " "))
    guard one.similarity(to: other) >= 0.6 else { return }
    #expect(!Set(one.searchTerms).isDisjoint(with: other.searchTerms))
  }

  @Test(arguments: [
    (0.85, IdeaIntake.Placing.duplicate(of: "idea-0")), (0.84, .similar(to: "idea-0")), (0.6, .similar(to: "idea-0")),
    (0.59, .new),
  ])
  func placing(similarity: Double, expected: IdeaIntake.Placing) {
    let intake = IdeaIntake(policy: LoopPolicy())
    let placed = intake.place([
      .init(id: "idea-9", title: "b", similarity: similarity - 0.1),
      .init(id: "idea-0", title: "a", similarity: similarity),
    ])
    #expect(placed.placing == expected && abs(placed.novelty - (1 - similarity)) < 1e-12 && placed.nearest == "idea-0")
    #expect(intake.place([]).placing == .new && intake.place([]).novelty == 1)
  }

  // MARK: Clusters

  @Test func mergingCountsEveryoneOnceAndCanBeUndone() throws {
    let leader = try member("idea-1", ["ana", "rui"], at: "2026-03-02T09:00")
    let later = try member("idea-2", ["rui", "eva"], at: "2026-03-03T09:00")
    let joined = try IdeaCluster.join(later, to: leader)
    #expect(joined.idea.state == .merged && joined.idea.canonical == "idea-1" && joined.mergedInto == "idea-1")
    #expect(IdeaCluster.supporters(of: [joined, leader]) == ["ana", "rui", "eva"])
    let free = try IdeaCluster.leave(joined)
    #expect(free == later && IdeaCluster.supporters(of: [leader]) == ["ana", "rui"])
    #expect(throws: Fault.self) { try IdeaCluster.leave(leader) }
    #expect(throws: Fault.self) { try IdeaCluster.join(joined, to: leader) }
    #expect(throws: Fault.self) { try IdeaCluster.join(leader, to: leader) }
    let wrongWay = try #require(throws: Fault.self) { try IdeaCluster.join(leader, to: later) }
    #expect(wrongWay.reason == "mergeIntoEarlier")
  }

  // MARK: States

  private func advance(
    _ idea: Idea,
    _ to: IdeaState,
    team: ID<Team>? = nil,
    reason: String? = nil,
    evidence: String? = nil,
    actorTeam: ID<Team>? = "braga",
    using: Int = 0,
    known: Bool = false,
    at now: String = "2026-03-02T10:00"
  ) throws -> Idea {
    let request = AdvanceIdea(
      programme: "telco",
      id: idea.id,
      to: .known(to),
      reason: reason,
      team: team,
      evidence: evidence
    )
    return try IdeaRules(policy: LoopPolicy()).advance(
      idea,
      by: request,
      in: .init(
        actor: Principal(role: .manager, name: "maria", team: actorTeam),
        now: instant(now),
        otherTeamsUsing: using,
        isEvidenceKnown: known
      )
    )
  }

  private func reason(_ body: () throws -> Idea) throws -> String {
    try #require(throws: Fault.self) { try body() }.reason
  }

  @Test func theWholeWay() throws {
    let accepted = try advance(idea(), .accepted)
    let implemented = try advance(advance(accepted, .testing), .implemented)
    #expect(implemented.implementedBy == "porto")
    let verified = try advance(implemented, .verified, at: "2026-04-01T10:00")
    #expect(verified.verifiedBy == "maria")
    #expect(try reason { try advance(verified, .scaled) } == "notInUse")
    #expect(try advance(verified, .scaled, using: 1).state == .scaled)
  }

  @Test func verificationTakesThirtyDaysAndSomebodyElse() throws {
    let implemented = try advance(advance(idea(), .accepted), .implemented, team: "braga")
    #expect(try reason { try advance(implemented, .verified, at: "2026-04-01T09:59") } == "tooEarly")
    let day = "2026-04-01T10:00"
    for team: ID<Team>? in ["braga", "porto", nil] {
      #expect(
        try reason { try advance(implemented, .verified, actorTeam: team, at: day) } == "ownVerification"
      )
    }
    #expect(try advance(implemented, .verified, actorTeam: "faro", at: day).state == .verified)
    #expect(
      try reason { try advance(implemented, .verified, evidence: "feedback-1", at: day) } == "unknownEvidence"
    )
    let proven = try advance(
      implemented,
      .verified,
      evidence: "feedback-1",
      actorTeam: "braga",
      known: true,
      at: day
    )
    #expect(proven.verifiedBy == "event data")
  }

  @Test func refusesShortCutsAndSilence() throws {
    #expect(try reason { try advance(idea(), .implemented) } == "wrongState")
    #expect(try reason { try advance(idea(), .merged) } == "unknownState")
    #expect(try reason { try advance(idea(), .declined, reason: " ") } == "reasonMissing")
    let declined = try advance(idea(), .declined, reason: "done already")
    #expect(declined.declinedReason == "done already")
    #expect(try advance(declined, .accepted).declinedReason == nil)
  }

  // MARK: Adoption

  private func change(
    _ row: Adoption?,
    _ to: AdoptionState,
    kept: [String]? = nil,
    reason: String? = nil,
    at now: String,
    idea state: IdeaState = .implemented
  ) throws -> Adoption {
    let request = ChangeAdoption(
      programme: "telco",
      idea: "idea-1",
      team: "braga",
      to: .known(to),
      keptComponents: kept,
      reason: reason
    )
    return try AdoptionRules(policy: LoopPolicy()).change(
      row,
      of: idea("idea-1", state),
      by: request,
      now: instant(now)
    )
  }

  @Test func adoptionTakesItsSteps() throws {
    let offered = try change(nil, .offered, at: "2026-03-02T09:00")
    let trialled = try change(offered, .trialled, at: "2026-03-03T09:00")
    let inUse = try change(trialled, .inUse, kept: ["list", "list"], at: "2026-03-04T09:00")
    #expect(inUse.fidelity == 0.5 && inUse.originator == "porto" && inUse.offeredAt == offered.offeredAt)
    #expect(throws: Fault.self) { try change(inUse, .sustained, at: "2026-06-02T08:59") }
    let sustained = try change(inUse, .sustained, at: "2026-06-02T09:00")
    #expect(sustained.sustainedAt != nil)
    #expect(try change(sustained, .abandoned, reason: "new tool", at: "2026-07-01T09:00").abandonedReason == "new tool")
  }

  @Test func adoptionRefusesWhatDoesNotFit() throws {
    let now = "2026-03-02T09:00"
    func reason(_ body: () throws -> Adoption) throws -> String {
      try #require(throws: Fault.self) { try body() }.reason
    }
    let trialled = try change(nil, .trialled, at: now)
    #expect(try reason { try change(nil, .inUse, at: now) } == "wrongState")
    #expect(try reason { try change(nil, .offered, at: now, idea: .accepted) } == "notImplemented")
    #expect(try reason { try change(trialled, .abandoned, at: now) } == "reasonMissing")
    #expect(try reason { try change(trialled, .inUse, at: now) } == "componentsMissing")
    #expect(try reason { try change(trialled, .inUse, kept: ["magic"], at: now) } == "unknownComponent")
  }

  @Test func theReportCountsTeamsAndDays() throws {
    func row(_ team: ID<Team>, _ state: AdoptionState, inUse: String?) throws -> Adoption {
      Adoption(
        idea: "idea-1",
        programme: "telco",
        team: team,
        state: .known(state),
        offeredAt: try instant("2026-03-01T00:00"),
        inUseAt: try inUse.map(instant)
      )
    }
    let rows = [
      try row("a", .sustained, inUse: "2026-03-03T00:00"), try row("b", .inUse, inUse: "2026-03-11T12:00"),
      try row("c", .abandoned, inUse: "2026-03-02T00:00"), try row("d", .offered, inUse: nil),
    ]
    let report = AdoptionReport(of: try idea(), rows: rows, eligible: 4)
    #expect(report.share == 0.5 && report.daysToHalf == 10.5 && report.pooled == nil)
    #expect(AdoptionReport(of: try idea(), rows: rows, eligible: 5).daysToHalf == nil)
  }

  /// The BCG vaccine trials (Colditz et al. 1994), log risk ratios: τ² = 0.3088 and -0.7141 are the published
  /// DerSimonian–Laird figures; intervals reckoned in Python with SciPy 1.17.1.
  @Test func poolsAsPublished() throws {
    let effects: [(Double, Double)] = [
      (-0.889311, 0.5706), (-1.585389, 0.441114), (-1.348073, 0.64449), (-1.441551, 0.141457), (-0.217547, 0.226297),
      (-0.786116, 0.0831), (-1.620898, 0.472247), (0.011952, 0.062941), (-0.469418, 0.237559), (-1.371345, 0.270231),
      (-0.339359, 0.11141), (0.445913, 0.72973), (-0.017314, 0.267217),
    ]
    let pooled = try #require(
      PooledEffect(pooling: effects.map { LocalEffect(effect: $0.0, standardError: $0.1) })
    )
    for (value, expected) in [
      (pooled.effect, -0.7141172), (pooled.low, -1.1078214), (pooled.high, -0.3204131),
      (pooled.predictionLow, -1.9872070), (pooled.predictionHigh, 0.5589725),
    ] {
      #expect(abs(value - expected) < 1e-4)
    }
    #expect(PooledEffect(pooling: [LocalEffect(effect: 0.1, standardError: 0.02)]) == nil)
  }
}
