import Contracts
import Testing

@testable import Ranking

@Suite struct CreditTests {
  static let monday = Timestamp(milliseconds: 1_794_873_600_000)

  private func idea(
    _ id: ID<Idea>,
    team: ID<Team> = "porto",
    author: ID<Employee>? = "ana",
    novelty: Double = 0.8,
    after: Duration = .zero
  ) throws -> Idea {
    var idea: Idea = try JSONSchema.specimen(of: Idea.self)
    idea.id = id
    idea.canonical = id
    idea.team = team
    idea.author = author
    idea.authorName = author?.rawValue ?? "someone"
    idea.novelty = novelty
    idea.submittedAt = CreditTests.monday + after
    idea.state = .known(.submitted)
    idea.implementedBy = nil
    idea.verifiedAt = nil
    idea.verifiedBy = nil
    return idea
  }

  private func advanced(_ record: IdeaRecord, _ idea: Idea, _ steps: IdeaState..., isOwnReview: Bool = false)
    -> IdeaRecord
  {
    var record = record
    var idea = idea
    var from = idea.state
    for step in steps {
      idea.state = .known(step)
      if step == .implemented { idea.implementedBy = idea.implementedBy ?? idea.team }
      if step == .verified { idea.verifiedAt = CreditTests.monday }
      record.advance(to: idea, from: from, isOwnReview: isOwnReview)
      from = idea.state
    }
    return record
  }

  private func amounts(_ record: IdeaRecord, cluster: [IdeaRecord] = [], isWithin: Bool = true) -> [[Double]] {
    CreditRules.deeds(of: record, cluster: cluster, isWithinWeeklyLimit: isWithin).map { $0.shares.map(\.amount) }
  }

  @Test func anIdeaEarnsStepByStep() throws {
    let idea = try idea("i1")
    let record = IdeaRecord(idea)
    #expect(amounts(record) == [[], [], []])
    #expect(amounts(advanced(record, idea, .accepted)) == [[0.8], [], []])
    #expect(amounts(advanced(record, idea, .accepted, .implemented)) == [[0.8], [1.25], []])
    #expect(amounts(advanced(record, idea, .accepted, .implemented, .verified)) == [[0.8], [1.25], [3.75]])
    #expect(amounts(advanced(record, idea, .accepted, .implemented, .verified, .scaled)) == [[0.8], [1.25], [3.75]])
  }

  @Test func decliningTakesBackUnlessItWasTested() throws {
    let idea = try idea("i1")
    let record = IdeaRecord(idea)
    #expect(amounts(advanced(record, idea, .accepted, .declined)) == [[], [], []])
    #expect(amounts(advanced(record, idea, .accepted, .implemented, .declined)) == [[], [], []])
    #expect(amounts(advanced(record, idea, .accepted, .testing, .declined)) == [[0.8], [], []])
  }

  @Test func aTeamsOwnReviewsDoNotCount() throws {
    let idea = try idea("i1")
    let record = IdeaRecord(idea)
    #expect(amounts(advanced(record, idea, .accepted, .implemented, .verified, isOwnReview: true)) == [[], [], []])
    var provenByData = idea
    provenByData.verifiedBy = "event data"
    #expect(
      amounts(advanced(record, provenByData, .accepted, .implemented, .verified, isOwnReview: true))
        == [[0.8], [1.25], [3.75]]
    )
  }

  @Test func nothingNewEarnsNothing() throws {
    let idea = try idea("i1", novelty: 0)
    #expect(amounts(advanced(IdeaRecord(idea), idea, .accepted)) == [[], [], []])
  }

  @Test func aClusterSharesOnePool() throws {
    let first = try idea("i1")
    let leader = advanced(IdeaRecord(first), first, .accepted, .implemented, .verified)
    func later(_ id: ID<Idea>, _ team: ID<Team>, _ author: ID<Employee>, _ hours: Int) throws -> IdeaRecord {
      var record = IdeaRecord(try idea(id, team: team, author: author, after: .hours(hours)))
      record.isMerged = true
      record.canonical = "i1"
      return record
    }
    let braga = try later("i2", "braga", "rui", 1)
    let lisbon = try later("i3", "lisbon", "eva", 2)
    // Neither the same person elsewhere nor the same team again is independent.
    let anaElsewhere = try later("i4", "faro", "ana", 3)
    let portoAgain = try later("i5", "porto", "leo", 4)
    let deeds = CreditRules.deeds(
      of: leader,
      cluster: [portoAgain, lisbon, leader, braga, anaElsewhere],
      isWithinWeeklyLimit: true
    )
    let verification = try #require(deeds.last)
    #expect(verification.shares.map(\.to.team) == ["porto", "braga", "lisbon"])
    for (share, part) in zip(verification.shares, [0.6, 0.2, 0.2]) { #expect(abs(share.amount - 3.75 * part) < 1e-12) }
    #expect(amounts(braga, cluster: []) == [[], [], []], "a merged idea has no pool of its own")
  }

  @Test func whoPutsItInPlaceIsCreditedForThat() throws {
    var idea = try idea("i1")
    idea.implementedBy = "braga"
    let record = advanced(IdeaRecord(idea), idea, .accepted, .implemented, .verified)
    let deeds = CreditRules.deeds(of: record, cluster: [], isWithinWeeklyLimit: true)
    #expect(deeds.map { $0.shares.map(\.to.team) } == [["porto"], ["braga"], ["braga"]])
  }

  @Test func threeSuggestionsAPersonAndWeekCount() throws {
    var records = try (0..<5).map { index in
      let idea = try idea(ID("i\(index)"), after: .hours(index))
      return advanced(IdeaRecord(idea), idea, .accepted)
    }
    func within() -> [Bool] { records.map { CreditRules.isWithinWeeklyLimit($0, among: records) } }
    #expect(within() == [true, true, true, false, false])
    records[1].isAccepted = false
    #expect(within() == [true, false, true, true, false])
    #expect(amounts(records[4], isWithin: false) == [[], [], []])
  }

  @Test func weeksBeginOnMonday() throws {
    let monday = IdeaRecord(try idea("a"))
    #expect(CreditTests.monday.description == "2026-11-17T00:00:00.000Z" || monday.week > 0)
    let sunday = Timestamp(rfc3339: "2026-11-22T23:59:59Z")
    let next = Timestamp(rfc3339: "2026-11-23T00:00:00Z")
    var record = monday
    record.submittedAt = try #require(sunday)
    let week = record.week
    record.submittedAt = try #require(next)
    #expect(record.week == week + 1)
    record.submittedAt = try #require(Timestamp(rfc3339: "2026-11-29T23:59:59Z"))
    #expect(record.week == week + 1)
  }

  @Test func testsEarnTheSameWhateverCameOut() throws {
    var experiment: Experiment = try JSONSchema.specimen(of: Experiment.self)
    for outcome in Outcome.allCases {
      experiment.verdict?.outcome = .known(outcome)
      experiment.verdict?.earnsCredit = true
      #expect(CreditRules.deed(of: experiment, wasCareless: false).shares.map(\.amount) == [3])
    }
    #expect(CreditRules.deed(of: experiment, wasCareless: true).shares.isEmpty)
    experiment.verdict?.earnsCredit = false
    #expect(CreditRules.deed(of: experiment, wasCareless: false).shares.isEmpty)
    experiment.verdict = nil
    #expect(CreditRules.deed(of: experiment, wasCareless: false).shares.isEmpty)
  }

  @Test func sustainedAdoptionCreditsBothTeams() throws {
    var adoption: Adoption = try JSONSchema.specimen(of: Adoption.self)
    adoption.team = "braga"
    adoption.state = .known(.inUse)
    adoption.sustainedAt = nil
    let originator = Beneficiary(team: "porto", employee: "ana")
    #expect(CreditRules.deeds(of: adoption, originator: originator, title: "x").allSatisfy { $0.shares.isEmpty })
    adoption.state = .known(.sustained)
    let deeds = CreditRules.deeds(of: adoption, originator: originator, title: "x")
    #expect(deeds.map { $0.shares.map(\.amount) } == [[2], [1]])
    #expect(deeds.map { $0.shares.map(\.to.team) } == [["porto"], ["braga"]])
    let own = Beneficiary(team: "braga")
    #expect(CreditRules.deeds(of: adoption, originator: own, title: "x").isEmpty)
    #expect(CreditRules.deeds(of: adoption, originator: nil, title: "x").isEmpty)
  }

  @Test func citingOneselfEarnsNothing() {
    let reuse = LessonReused(programme: "p", grave: "g", team: "porto", reusedBy: "braga", experiment: "e")
    #expect(CreditRules.deed(of: reuse)?.shares.map(\.amount) == [2])
    let own = LessonReused(programme: "p", grave: "g", team: "porto", reusedBy: "porto", experiment: "e")
    #expect(CreditRules.deed(of: own) == nil)
  }

  @Test func settlingWritesTheDifferenceAndNothingTwice() {
    let porto = Beneficiary(team: "porto", employee: "ana")
    let braga = Beneficiary(team: "braga", employee: "rui")
    func entries(_ shares: [Deed.Share], given: [Beneficiary: Double], cause: String) -> [Credit] {
      let deed = Deed(key: "suggestion/i1", reason: .suggestion, shares: shares, note: "Suggestion was accepted")
      return Settlement.entries(for: deed, given: given, programme: "p", cause: cause, at: CreditTests.monday)
    }
    let alone = entries([.init(to: porto, amount: 0.8)], given: [:], cause: "loop-closure/1")
    #expect(alone.map(\.amount) == [0.8] && alone.map(\.reason.rawValue) == ["suggestion"])
    #expect(entries([.init(to: porto, amount: 0.8)], given: [porto: 0.8], cause: "loop-closure/2").isEmpty)
    let shared = entries(
      [.init(to: porto, amount: 0.48), .init(to: braga, amount: 0.32)],
      given: [porto: 0.8],
      cause: "loop-closure/3"
    )
    #expect(shared.map(\.team) == ["braga", "porto"])
    #expect(shared.map(\.reason.rawValue) == ["suggestion", "clawback"])
    #expect(abs(shared[1].amount + 0.32) < 1e-12)
    #expect(shared[1].cause == "loop-closure/3")
    let gone = entries([], given: [porto: 0.48, braga: 0.32], cause: "loop-closure/4")
    #expect(gone.allSatisfy { $0.reason == .clawback } && gone.map(\.amount) == [-0.32, -0.48])
    #expect(Set((alone + shared + gone).map(\.id)).count == 5)
  }
}
