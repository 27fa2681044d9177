import Contracts
import Foundation
import GRDB
import LoopClosure
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

@Suite struct CaseBookTests {
  @Test func urgentComplaintsOpenACaseOnce() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(
        FeedbackRecorded(feedback: bench.feedback("f1")),
        FeedbackRecorded(feedback: bench.feedback("f2", urgency: 0.2))
      )
      // Another instance of Ingestion tells of it again, before and after the source edits it.
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1")))
      var edited = bench.feedback("f1", "Nobody EVER calls me back")
      edited.revision = 2
      try await bench.publish(FeedbackRevised(feedback: edited))
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1")))
      let cases = try await bench.cases()
      #expect(cases.map(\.feedback) == ["f1"] && cases.first?.verbatim == "Nobody EVER calls me back")
      #expect(try await bench.published(CaseOpened.self).count == 1)
      let byHand = try await bench.command {
        try $0.cases.open(OpenCase(programme: "telco", feedback: "f2", team: "faro"), $1)
      }
      #expect(byHand.team == "faro")
      let again = try await #require(throws: Fault.self) {
        try await bench.command { try $0.cases.open(OpenCase(programme: "telco", feedback: "f2"), $1) }
      }
      #expect(again.reason == "caseExists")
    }
  }

  @Test func lowScoresOrderTheListAndAreNeverPublished() async throws {
    try await LoopBench.run { bench in
      let score = Score(kind: .known(.nps), value: 1, minimum: 0, maximum: 10)
      func observed(_ feedback: ID<Feedback>) -> ScoreObserved {
        ScoreObserved(
          feedback: feedback,
          programme: "telco",
          channel: .known(.survey),
          occurredAt: bench.clock.now,
          score: score
        )
      }
      // The score of f3 comes before its words, that of f1 after them.
      try await bench.publish(observed("f3"))
      try await bench.publish(
        FeedbackRecorded(feedback: bench.feedback("f1", urgency: 0.7)),
        FeedbackRecorded(feedback: bench.feedback("f2", urgency: 0.8)),
        FeedbackRecorded(feedback: bench.feedback("f3", urgency: 0.65))
      )
      #expect(try await bench.cases().map(\.feedback) == ["f3", "f2", "f1"])
      let before = try await bench.records().count
      try await bench.publish(observed("f1"))
      #expect(try await bench.cases().map(\.feedback) == ["f1", "f3", "f2"])
      #expect(try await bench.cases().map(\.urgency) == [0.7, 0.65, 0.8])
      #expect(try await bench.records().count == before)
    }
  }

  @Test func erasedWordsAreGoneEverywhere() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1", "My secret words")))
      let id = try #require(try await bench.cases().first?.id)
      _ = try await bench.advance(id, .contacted)
      try await bench.publish(FeedbackErased(id: "f1", programme: "telco", reason: "asked for"))
      try await bench.tick()
      try await bench.tick()
      let erased = try #require(try await bench.cases().first)
      #expect(erased.verbatim.isEmpty && erased.customer == nil && erased.state == .contacted)
      #expect(try await bench.records().allSatisfy(\.isErased))
      let rows = try await bench.query { _, database in
        try Int.fetchOne(database, sql: "SELECT count(*) FROM feedback") ?? -1
      }
      #expect(rows == 0)
    }
  }

  @Test func aRecordThatIsTrimmedHoldsUpNoErasure() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1", "My secret words")))
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f2", "More secret words")))
      try await bench.publish(FeedbackErased(id: "f1", programme: "telco", reason: "asked for"))
      try await bench.publish(FeedbackErased(id: "f2", programme: "telco", reason: "asked for"))
      let policy = RetentionPolicy(mostAge: .zero)
      bench.clock.advance(by: .seconds(1))
      let step = try await bench.store.write {
        try $0.trim(.loopClosure, by: policy, expecting: [], mostFrames: 1)
      }
      #expect(step.position == 1)
      try await bench.tick()
      let records = try await bench.records()
      #expect(records.count == 1 && records.allSatisfy(\.isErased))
      let marked = try await bench.query { _, database in
        try Int.fetchOne(database, sql: "SELECT count(*) FROM caseRecord WHERE isToErase = 1") ?? -1
      }
      #expect(marked == 0)
    }
  }

  @Test func wordsErasedInTheVeryBatchThatBroughtThemAreGoneToo() async throws {
    try await LoopBench.run { bench in
      let recorded = FeedbackRecorded(feedback: bench.feedback("f1", "My secret words"))
      let erased = FeedbackErased(id: "f1", programme: "telco", reason: "asked for")
      _ = try await bench.upstream.write { transaction in
        try transaction.append(recorded)
        try transaction.append(erased)
      }
      try await bench.applyAll(of: .ingestion)
      try await bench.tick()
      #expect(try await bench.cases().map(\.verbatim) == [""])
      #expect(try await bench.records().allSatisfy(\.isErased))
      #expect(try await bench.deadLetterCount() == 0)
    }
  }

  @Test func theInnerLoopIsWalkedAndItsReceiptsGiven() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1")))
      let id = try #require(try await bench.cases().first?.id)
      _ = try await bench.advance(id, .assigned, assignee: "rui")
      _ = try await bench.advance(id, .contacted)
      _ = try await bench.advance(id, .resolved, rootCause: "No callback list")
      _ = try await bench.advance(id, .confirmed)
      let closed = try await bench.advance(id, .closed, action: "Made a list")
      #expect(closed.state == .closed)
      try bench.move(to: "2026-03-04T09:00")
      for receipt in Receipt.allCases {
        let request = GiveReceipt(
          programme: "telco",
          subject: id.rawValue,
          receipt: .known(receipt),
          note: "We keep a list now"
        )
        _ = try await bench.command { try $0.receipts.give(request, actor: LoopBench.ana, $1) }
      }
      let now = bench.clock.now
      let report = try await bench.query {
        try $0.outerLoop.closures(ClosuresRequest(programme: "telco"), at: now, $1)
      }
      #expect(report.threeReceiptRate == 1 && report.medianDays == 2 && report.closures.first?.isComplete == true)
      let told = try await bench.published(NoticeDelivered.self)
      #expect(told.map(\.recipient) == ["rui", "customer-1", "rui"] && told.allSatisfy { $0.delivery == .shown })
    }
  }

  @Test func clocksSurviveInTheStore() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1")))
      let id = try #require(try await bench.cases().first?.id)
      _ = try await bench.advance(id, .assigned, assignee: "rui")
      // Four hours of work before it is due the assignee is reminded, once.
      try bench.move(to: "2026-03-04T13:00")
      try await bench.tick()
      try await bench.tick()
      // Far out of hours: the misses are noted, nobody is disturbed.
      try bench.move(to: "2026-03-14T03:00")
      try await bench.tick()
      let steps = try await bench.published(CaseAdvanced.self).map(\.step)
      #expect(
        steps == [.known(.assigned), .known(.reminded), .known(.missedFirstContact), .known(.missedResolve)]
      )
      let missed = try await bench.advance(id, .contacted)
      #expect(missed.missedFirstContact && missed.missedResolve)
      #expect(try await bench.published(NoticeDelivered.self).count == 2)
    }
  }

  @Test func aNewCalendarMovesWhatIsDue() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(FeedbackRecorded(feedback: bench.feedback("f1")))
      let id = try #require(try await bench.cases().first?.id)
      _ = try await bench.advance(id, .paused, note: "on holiday")
      try bench.move(to: "2026-03-02T11:00")
      _ = try await bench.advance(id, .resumed)
      var programme = Programme(id: "telco", name: "Telco")
      programme.calendar = weekdays([interval(9, 13)])
      try await bench.publish(ProgrammeSet(value: programme))
      let moved = try #require(try await bench.cases().first)
      #expect(moved.firstContactDue == (try instant("2026-03-10T11:00")) && moved.pauses.count == 1)
      // A calendar that nobody could work by is set aside, and the good one stays.
      programme.calendar = BusinessCalendar(intervals: [:])
      try await bench.publish(ProgrammeSet(value: programme))
      #expect(try await bench.deadLetterCount() == 1)
      #expect(try await bench.cases().first?.firstContactDue == moved.firstContactDue)
    }
  }

  // MARK: The outer loop

  private func resolve(_ bench: LoopBench, _ number: Int, customer: ID<Customer>, team: ID<Team>) async throws -> Case {
    let feedback: ID<Feedback> = ID("f\(number)")
    try await bench.publish(
      FeedbackRecorded(feedback: bench.feedback(feedback, customer: customer, team: team))
    )
    let opened = try #require(try await bench.cases().first { $0.feedback == feedback })
    _ = try await bench.advance(opened.id, .contacted)
    return try await bench.advance(
      opened.id,
      .resolved,
      rootCause: number == 2 ? "no callback LIST" : "No callback list."
    )
  }

  @Test func theSameCauseReachesTheOuterLoopOnce() async throws {
    try await LoopBench.run { bench in
      #expect(try await resolve(bench, 1, customer: "c1", team: "porto").outerItem == nil)
      #expect(try await resolve(bench, 2, customer: "c2", team: "porto").outerItem == nil)
      let third = try await resolve(bench, 3, customer: "c3", team: "braga")
      let raised = try await bench.published(EscalationRaised.self)
      #expect(raised.count == 1 && raised.first?.item.reason == .known(.sameCause))
      #expect(third.outerItem == raised.first?.item.id && raised.first?.item.cases.count == 3)
      #expect(try await bench.cases().allSatisfy { $0.outerItem == third.outerItem })
      // A fourth joins the item that waits already.
      let fourth = try await resolve(bench, 4, customer: "c4", team: "faro")
      #expect(fourth.outerItem == third.outerItem)
      let joined = try await bench.published(OuterItemAdvanced.self)
      #expect(joined.last?.item.cases.count == 4)
    }
  }

  @Test func silenceShowsInTheAnswerRate() async throws {
    try await LoopBench.run { bench in
      let titles = ["Answered", "Ignored"]
      var ids: [ID<OuterItem>] = []
      for title in titles {
        let request = Escalate(programme: "telco", title: title, reason: .known(.raisedByHuddle), owner: "maria")
        ids.append(try await bench.command { try $0.outerLoop.escalate(request, $1) }.id)
      }
      let answered = ids[0]
      _ = try await bench.command {
        try $0.outerLoop.decide(
          Decide(programme: "telco", id: answered, kind: .known(.fix)),
          actor: LoopBench.maria,
          $1
        )
      }
      try bench.move(to: "2026-03-17T09:00")
      try await bench.tick()
      try await bench.tick()
      let now = bench.clock.now
      let list = try await bench.query {
        try $0.outerLoop.items(OuterItemsRequest(programme: "telco"), at: now, $1)
      }
      #expect(list.answerRate == 0.5 && list.items.map(\.isOverdue) == [true, false])
      let notices = try await bench.published(NoticeDelivered.self)
      #expect(notices.map(\.delivery) == [.known(.ownAction), .known(.shown)])
    }
  }

  @Test func surgingThemesAreRaised() async throws {
    try await LoopBench.run { bench in
      var theme: Opportunity = try JSONSchema.specimen(of: Opportunity.self)
      theme.id = "opportunity-1"
      theme.programme = "telco"
      theme.state = .known(.open)
      theme.mergedInto = nil
      theme.weeklyItems = [2, 1, 3, 2, 2, 1, 2, 3, 2]
      try await bench.publish(OpportunityOpened(opportunity: theme))
      #expect(try await bench.published(EscalationRaised.self).isEmpty)
      theme.weeklyItems[8] = 15
      try await bench.publish(OpportunityGrown(opportunity: theme))
      try await bench.publish(OpportunityGrown(opportunity: theme))
      let raised = try await bench.published(EscalationRaised.self)
      #expect(raised.map(\.item.reason) == [.known(.unusualVolume)] && raised[0].item.opportunity == theme.id)
    }
  }

  @Test func mergedCasesHaveNoClosureOfTheirOwn() async throws {
    try await LoopBench.run { bench in
      try await bench.publish(
        FeedbackRecorded(feedback: bench.feedback("f1")),
        FeedbackRecorded(feedback: bench.feedback("f2"))
      )
      let cases = try await bench.cases()
      let request = MergeCases(programme: "telco", into: cases[0].id, merged: [cases[1].id])
      _ = try await bench.command { try $0.cases.merge(request, actor: LoopBench.ana, $1) }
      try bench.move(to: "2026-05-01T09:00")
      try await bench.tick()
      let advanced = try await bench.published(CaseAdvanced.self)
      #expect(!advanced.contains { $0.case.id == cases[1].id && $0.step != .merged })
      let fault = try await #require(throws: Fault.self) {
        try await bench.command {
          try $0.receipts.give(
            GiveReceipt(
              programme: "telco",
              subject: cases[1].id.rawValue,
              receipt: .known(.customerTold),
              note: "x"
            ),
            actor: LoopBench.ana,
            $1
          )
        }
      }
      #expect(fault.reason == "unknownSubject")
    }
  }
}
