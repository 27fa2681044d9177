import Contracts
import Storage
import TestSupport
import Testing

@testable import Ranking

@Suite struct CreditDeskTests {
  private let programme = RankingBench.programme

  /// Facts of LoopClosure, told one after the other.
  private final class Story {
    let bench: RankingBench
    var position = 0

    init(_ bench: RankingBench) {
      self.bench = bench
    }

    func idea(_ id: ID<Idea>, _ team: ID<Team>, _ author: ID<Employee>) throws -> Idea {
      var idea: Idea = try JSONSchema.specimen(of: Idea.self)
      idea.id = id
      idea.canonical = id
      idea.programme = RankingBench.programme
      idea.team = team
      idea.author = author
      idea.authorName = author.rawValue
      idea.novelty = 0.9
      idea.opportunity = nil
      idea.submittedAt = bench.clock.now + .seconds(position)
      idea.state = .known(.submitted)
      idea.implementedBy = nil
      idea.verifiedAt = nil
      idea.verifiedBy = nil
      return idea
    }

    func tell(_ note: @escaping @Sendable (CreditDesk, CreditDesk.Cause, Transaction) throws -> Void) async throws {
      position += 1
      let cause = CreditDesk.Cause("loop-closure/\(position)", at: bench.clock.now + .seconds(position))
      let desk = bench.credits
      try await bench.store.write { try note(desk, cause, $0) }
    }

    func submit(_ idea: Idea) async throws {
      try await tell { desk, _, transaction in try desk.note(IdeaSubmitted(idea: idea), transaction) }
    }

    func advance(_ idea: inout Idea, to state: IdeaState, by: String = "manager") async throws {
      let from = idea.state
      idea.state = .known(state)
      if state == .implemented { idea.implementedBy = idea.team }
      if state == .verified { idea.verifiedAt = bench.clock.now }
      let event = IdeaAdvanced(idea: idea, from: from, by: by)
      try await tell { desk, cause, transaction in try desk.note(event, cause, transaction) }
    }

    func merge(_ idea: Idea, _ canonical: Idea, isUndone: Bool = false) async throws {
      var joined = idea
      joined.state = isUndone ? idea.state : .known(.merged)
      joined.canonical = isUndone ? idea.id : canonical.id
      let event = IdeaMerged(idea: joined, canonical: canonical, isUndone: isUndone, by: "manager")
      try await tell { desk, cause, transaction in try desk.note(event, cause, transaction) }
    }

    /// Net credits by team.
    func balance() async throws -> [ID<Team>: Double] {
      let request = CreditsRequest(programme: RankingBench.programme, limit: 1000)
      let desk = bench.credits
      let credits = try await bench.store.read { try desk.credits(request, $0) }.credits
      return credits.reduce(into: [:]) { $0[$1.team, default: 0] += $1.amount }
        .mapValues { ($0 * 1e6).rounded() / 1e6 }.filter { $0.value != 0 }
    }
  }

  @Test func creditComesStepByStepWithItsCause() async throws {
    try await RankingBench.run { bench in
      let story = Story(bench)
      var idea = try story.idea("i1", "porto", "ana")
      try await story.submit(idea)
      #expect(try await story.balance() == [:])
      try await story.advance(&idea, to: .accepted)
      #expect(try await story.balance() == ["porto": 0.9])
      try await story.advance(&idea, to: .implemented)
      try await story.advance(&idea, to: .verified)
      try await story.advance(&idea, to: .scaled)
      #expect(try await story.balance() == ["porto": 5.9])
      let events = try await bench.published(CreditAwarded.self).map(\.credit)
      #expect(events.map(\.reason.rawValue) == ["suggestion", "implementation", "verification"])
      #expect(events.map(\.cause) == ["loop-closure/2", "loop-closure/3", "loop-closure/4"])
      #expect(events.allSatisfy { $0.employee == "ana" && !$0.note.isEmpty })
    }
  }

  @Test func aMergeMovesCreditAndUndoingItMovesItBack() async throws {
    try await RankingBench.run { bench in
      let story = Story(bench)
      var first = try story.idea("i1", "porto", "ana")
      try await story.submit(first)
      var later = try story.idea("i2", "braga", "rui")
      try await story.submit(later)
      try await story.advance(&first, to: .accepted)
      try await story.advance(&later, to: .accepted)
      #expect(try await story.balance() == ["porto": 0.9, "braga": 0.9])
      try await story.merge(later, first)
      #expect(try await story.balance() == ["porto": 0.54, "braga": 0.36])
      try await story.merge(later, first, isUndone: true)
      #expect(try await story.balance() == ["porto": 0.9, "braga": 0.9])
      try await story.advance(&later, to: .declined)
      #expect(try await story.balance() == ["porto": 0.9])
      let request = CreditsRequest(programme: programme, team: "braga")
      let desk = bench.credits
      let ledger = try await bench.store.read { try desk.credits(request, $0) }.credits
      #expect(ledger.first?.reason.rawValue == "clawback" && ledger.count >= 4)
    }
  }

  @Test func aFourthSuggestionOfAWeekCountsOnceAnotherIsDeclined() async throws {
    try await RankingBench.run { bench in
      let story = Story(bench)
      var ideas: [Idea] = []
      for index in 0..<4 {
        var idea = try story.idea(ID("i\(index)"), "porto", "ana")
        try await story.submit(idea)
        try await story.advance(&idea, to: .accepted)
        ideas.append(idea)
      }
      #expect(try await story.balance() == ["porto": 2.7])
      try await story.advance(&ideas[0], to: .declined)
      #expect(try await story.balance() == ["porto": 2.7])
      let last = try await bench.published(CreditAwarded.self).suffix(2).map(\.credit)
      #expect(Set(last.compactMap(\.idea)) == ["i0", "i3"])
    }
  }

  @Test func colleaguesDoNotReviewEachOther() async throws {
    try await RankingBench.run { bench in
      try await bench.store.write { transaction in
        let eva = Employee(id: "eva", programme: RankingBench.programme, team: "porto", name: "Eva Reis")
        try DirectoryRows(database: transaction.database).save(eva)
      }
      let story = Story(bench)
      for (index, reviewer) in ["ana", "eva", "Eva Reis", "manager"].enumerated() {
        var idea = try story.idea(ID("i\(index)"), "porto", ID("person\(index)"))
        if index == 0 { idea.author = "ana" }
        try await story.submit(idea)
        try await story.advance(&idea, to: .accepted, by: reviewer)
        #expect(try await story.balance() == (index == 3 ? ["porto": 0.9] : [:]))
      }
    }
  }

  @Test func testsLessonsAndAdoptionsEarn() async throws {
    try await RankingBench.run { bench in
      let story = Story(bench)
      var experiment: Experiment = try JSONSchema.specimen(of: Experiment.self)
      experiment.id = "e1"
      experiment.programme = programme
      experiment.team = "porto"
      experiment.verdict?.outcome = .known(.refuted)
      experiment.verdict?.earnsCredit = true
      let concluded = ExperimentConcluded(experiment: experiment)
      for _ in 0..<2 {
        try await story.tell { desk, cause, transaction in try desk.note(concluded, cause, transaction) }
      }
      #expect(try await story.balance() == ["porto": 3])
      let reuse = LessonReused(programme: programme, grave: "g", team: "porto", reusedBy: "braga", experiment: "e2")
      try await story.tell { desk, cause, transaction in try desk.note(reuse, cause, transaction) }
      #expect(try await story.balance() == ["porto": 5])
      var adoption: Adoption = try JSONSchema.specimen(of: Adoption.self)
      adoption.programme = programme
      adoption.team = "lisbon"
      adoption.originator = "porto"
      adoption.state = .known(.sustained)
      let adopted = AdoptionChanged(adoption: adoption, by: "manager")
      try await story.tell { desk, cause, transaction in try desk.note(adopted, cause, transaction) }
      #expect(try await story.balance() == ["porto": 7, "lisbon": 1])
      // A careless failure is recorded without credit, whenever that becomes known.
      var grave: Grave = try JSONSchema.specimen(of: Grave.self)
      grave.programme = programme
      grave.experiment = "e1"
      grave.failure = .known(.intelligent)
      let intelligent = GraveDug(grave: grave)
      try await story.tell { desk, cause, transaction in try desk.note(intelligent, cause, transaction) }
      #expect(try await story.balance() == ["porto": 7, "lisbon": 1])
      grave.failure = .known(.basic)
      let careless = GraveDug(grave: grave)
      try await story.tell { desk, cause, transaction in try desk.note(careless, cause, transaction) }
      #expect(try await story.balance() == ["porto": 4, "lisbon": 1])
      try await story.tell { desk, cause, transaction in try desk.note(concluded, cause, transaction) }
      #expect(try await story.balance() == ["porto": 4, "lisbon": 1])
    }
  }

  @Test func standingsArePublishedWhenTheyChangedAndAtMostDaily() async throws {
    try await RankingBench.run { bench in
      func publish() async throws -> Int {
        let now = bench.clock.now
        try await bench.store.write { try bench.standings.publishDue($0, at: now) }
        return try await bench.published(RankingPublished.self).count
      }
      let story = Story(bench)
      #expect(try await publish() == 0)
      var first = try story.idea("i1", "porto", "ana")
      try await story.submit(first)
      try await story.advance(&first, to: .accepted)
      bench.clock.advance(by: .minutes(5))
      #expect(try await publish() == 1)
      var second = try story.idea("i2", "braga", "rui")
      try await story.submit(second)
      try await story.advance(&second, to: .accepted)
      bench.clock.advance(by: .hours(1))
      #expect(try await publish() == 1)
      bench.clock.advance(by: .days(1))
      #expect(try await publish() == 2)
      bench.clock.advance(by: .days(1))
      #expect(try await publish() == 2, "nothing changed")
      let now = bench.clock.now
      let teams = try await bench.store.read {
        try bench.standings.teams(TeamsRequest(programme: RankingBench.programme), at: now, $0)
      }
      #expect(Set(teams.standings.map(\.team)) == ["porto", "braga", "lisbon"] && teams.windowDays == 180)
      #expect(teams.standings.first { $0.team == "porto" }?.credits == 0.9)
      #expect(teams.standings.first { $0.team == "porto" }?.counts == ["suggestion": 1])
      // 8 full-time equivalents over 180 days.
      let months: Double = 8 * 180 / (365.25 / 12)
      let exposure = teams.standings.first?.exposureFTEMonths ?? 0
      #expect(abs(exposure - months) < 1e-9)
    }
  }
}
