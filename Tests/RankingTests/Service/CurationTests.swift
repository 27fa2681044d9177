import Contracts
import GRDB
import Storage
import TestSupport
import Testing

@testable import Ranking

@Suite struct CurationTests {
  private let programme = RankingBench.programme

  private func fault(_ body: () async throws -> Void) async -> Fault? {
    await #expect(throws: Fault.self) { try await body() }
  }

  @Test func aNameThatAPersonGaveStaysUntilItIsTakenBack() async throws {
    try await RankingBench.run { bench in
      try await bench.record(100, seed: 1)
      let found = try #require(try await bench.opportunity(about: "on hold hotline"))
      func rename(_ title: String) async throws -> Opportunity {
        let request = RenameOpportunity(programme: programme, id: found.id, title: title)
        return try await bench.store.write { try bench.curation.rename(request, by: "ana", $0) }
      }
      #expect(try await rename("  Waiting   on the phone ").title == "Waiting on the phone")
      try await bench.record(200, seed: 2, from: 100)
      try await bench.refresh()
      let named = try await bench.detail(found.id).opportunity
      #expect(named.title == "Waiting on the phone" && named.isNamedByPerson)
      let again = try await rename("")
      #expect(again.title.lowercased().contains("hold") && !again.isNamedByPerson)
      let changes = try await bench.published(OpportunityCurated.self)
      #expect(changes.map(\.change.rawValue) == ["renamed", "renamed"] && changes.allSatisfy { $0.by == "ana" })
      #expect(await fault { _ = try await rename(String(repeating: "x", count: 121)) }?.reason == "titleTooLong")
    }
  }

  @Test func pinnedComesFirstAndMutedIsLeftOut() async throws {
    try await RankingBench.run { bench in
      try await bench.record(200, seed: 3)
      try await bench.refresh()
      let last = try #require(try await bench.list().opportunities.last?.opportunity.id)
      func pin(_ isPinned: Bool) async throws {
        let request = PinOpportunity(programme: programme, id: last, isPinned: isPinned)
        _ = try await bench.store.write { try bench.curation.pin(request, by: "ana", $0) }
      }
      func mute(_ isMuted: Bool) async throws {
        let request = MuteOpportunity(programme: programme, id: last, isMuted: isMuted)
        _ = try await bench.store.write { try bench.curation.mute(request, by: "ana", $0) }
      }
      try await pin(true)
      #expect(try await bench.list().opportunities.first?.opportunity.id == last)
      try await pin(false)
      try await mute(true)
      #expect(try await !bench.list().opportunities.contains { $0.opportunity.id == last })
      #expect(try await bench.list(includeMuted: true).opportunities.contains { $0.opportunity.id == last })
      try await mute(false)
      #expect(try await bench.list().opportunities.contains { $0.opportunity.id == last })
      let changes = try await bench.published(OpportunityCurated.self).map(\.change.rawValue)
      #expect(changes == ["pinned", "unpinned", "muted", "unmuted"])
    }
  }

  @Test func anEstimateChangesTheValue() async throws {
    try await RankingBench.run { bench in
      try await bench.record(100, seed: 4)
      try await bench.refresh()
      let found = try #require(try await bench.list().opportunities.first?.opportunity)
      let request = EstimateOpportunity(programme: programme, id: found.id, effortPersonDays: 1)
      let estimated = try await bench.store.write { try bench.curation.estimate(request, by: "ana", $0) }
      #expect(abs(estimated.expectedValue - 5 * found.expectedValue) < 1e-9)
      let nonsense = EstimateOpportunity(programme: programme, id: found.id, effortPersonDays: .nan)
      let refused = await fault {
        _ = try await bench.store.write { try bench.curation.estimate(nonsense, by: "ana", $0) }
      }
      #expect(refused?.reason == "effortOutOfRange" && refused?.field == "effortPersonDays")
    }
  }

  @Test func aMergeGivesOneAndUndoingItGivesBothBack() async throws {
    try await RankingBench.run { bench in
      try await bench.record(200, seed: 5)
      try await bench.refresh()
      let luggage = try #require(try await bench.opportunity(about: "lost luggage suitcase"))
      let hold = try #require(try await bench.opportunity(about: "on hold hotline"))
      let invoice = try #require(try await bench.opportunity(about: "wrong invoice amount"))
      func merge(_ absorbed: Opportunity, into: Opportunity) async throws -> Opportunity {
        let request = MergeOpportunities(programme: programme, into: into.id, absorbed: [absorbed.id])
        return try await bench.store.write { try bench.filing.merge(request, by: "ana", $0) }
      }
      func unmerge(_ id: ID<Opportunity>) async throws -> Opportunity {
        let request = UnmergeOpportunity(programme: programme, id: id)
        return try await bench.store.write { try bench.filing.unmerge(request, by: "ana", $0) }
      }
      let two = try await merge(hold, into: luggage)
      #expect(two.items == luggage.items + hold.items && two.id == luggage.id)
      // A merged one into a third: it takes along what it had absorbed.
      let three = try await merge(luggage, into: invoice)
      #expect(three.items == two.items + invoice.items)
      #expect(try await bench.inconsistencies() == [])
      let shown = try await bench.detail(hold.id)
      #expect(shown.opportunity.state == .merged && shown.opportunity.mergedInto == luggage.id)
      #expect(shown.evidence.count == hold.items)
      #expect(try await bench.detail(invoice.id).absorbed == [luggage.id])
      let refused = await fault { _ = try await merge(hold, into: invoice) }
      #expect(refused?.reason == "mergedOpportunity" && refused?.field == "absorbed[0]")
      let into = await fault { _ = try await merge(invoice, into: invoice) }
      #expect(into?.reason == "nothingToMerge")

      // New feedback goes to the one that stands, and stays there.
      let late = try bench.item(500, "I was on hold, listening to music", customer: 9)
      try await bench.store.write { try bench.feedback.record(late, $0) }
      #expect(try await bench.detail(invoice.id).opportunity.items == three.items + 1)
      try await bench.erase(try #require(shown.evidence.first?.feedback))
      #expect(try await unmerge(hold.id).items == hold.items - 1)
      #expect(try await unmerge(luggage.id).items == luggage.items)
      #expect(try await bench.detail(invoice.id).opportunity.items == invoice.items + 1)
      #expect(try await bench.inconsistencies() == [])
      #expect(await fault { _ = try await unmerge(hold.id) }?.reason == "notMerged")
      // The parts take in feedback again.
      let next = try bench.item(501, "I was on hold, until the call dropped", customer: 9)
      try await bench.store.write { try bench.feedback.record(next, $0) }
      #expect(try await bench.detail(hold.id).opportunity.items == hold.items)
      let splits = try await bench.published(OpportunitySplit.self)
      #expect(splits.map { $0.parts.map(\.id) } == [[hold.id], [luggage.id]])
      #expect(try await bench.published(OpportunityMerged.self).map(\.absorbed) == [[hold.id], [luggage.id]])
    }
  }

  @Test func feedbackCanBeMovedAndMovedBack() async throws {
    try await RankingBench.run { bench in
      try await bench.record(150, seed: 6)
      let luggage = try #require(try await bench.opportunity(about: "lost luggage suitcase"))
      let hold = try #require(try await bench.opportunity(about: "on hold hotline"))
      let moved = try await bench.detail(luggage.id).evidence.prefix(3).map(\.feedback)
      func refile(to id: ID<Opportunity>, _ feedback: [ID<Feedback>]) async throws -> Opportunity {
        let request = RefileFeedback(programme: programme, feedback: feedback, to: id)
        return try await bench.store.write { try bench.filing.refile(request, by: "ana", $0) }
      }
      #expect(try await refile(to: hold.id, moved).items == hold.items + 3)
      #expect(try await bench.detail(luggage.id).opportunity.items == luggage.items - 3)
      #expect(try await bench.inconsistencies() == [])
      #expect(try await refile(to: luggage.id, moved + moved).items == luggage.items)
      #expect(try await bench.detail(hold.id).opportunity.items == hold.items)
      #expect(try await bench.inconsistencies() == [])
      let unknown = await fault { _ = try await refile(to: hold.id, [moved[0], "feedback-nobody"]) }
      #expect(unknown?.reason == "unknownFeedback" && unknown?.field == "feedback[1]")
      #expect(await fault { _ = try await refile(to: hold.id, []) }?.reason == "feedbackCountOutOfRange")
      #expect(try await bench.inconsistencies() == [])
    }
  }

  @Test(arguments: Seeds.fresh(3))
  func whateverPeopleDoTheCountsAreRight(seed: UInt64) async throws {
    try await RankingBench.run { bench in
      var generator = SeededGenerator(seed: seed)
      try await bench.record(120, seed: seed)
      for step in 0..<40 {
        let ids = try await bench.list(includeMuted: true).opportunities.map(\.opportunity.id)
        guard ids.count >= 2 else { break }
        try await act(step, ids.shuffled(using: &generator), bench, &generator)
        #expect(try await bench.inconsistencies() == [], "after step \(step)")
      }
    }
  }

  private func act(
    _ step: Int,
    _ ids: [ID<Opportunity>],
    _ bench: RankingBench,
    _ generator: inout SeededGenerator
  ) async throws {
    let index = Int.random(in: 0..<120, using: &generator)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0:
      let request = MergeOpportunities(programme: programme, into: ids[0], absorbed: [ids[1]])
      if ids.count > 3 { _ = try await bench.store.write { try bench.filing.merge(request, by: "a", $0) } }
    case 1:
      let merged = try await bench.detail(ids[0]).absorbed
      guard let id = merged.first else { return }
      let request = UnmergeOpportunity(programme: programme, id: id)
      _ = try await bench.store.write { try bench.filing.unmerge(request, by: "a", $0) }
    case 2:
      let feedback = try await bench.detail(ids[0], limit: 5).evidence.map(\.feedback)
      guard !feedback.isEmpty else { return }
      let request = RefileFeedback(programme: programme, feedback: feedback, to: ids[1])
      _ = try await bench.store.write { try bench.filing.refile(request, by: "a", $0) }
    case 3: try await bench.erase(ID("feedback-\(index)"))
    case 4:
      let text = Corpus.items(1, seed: UInt64(step))[0].text
      let revised = try bench.item(index, text, day: index % 9, customer: index % 5, revision: 2 + step)
      try await bench.store.write { try bench.feedback.revise(revised, $0) }
    default: try await bench.record(5, seed: UInt64(step), from: 1000 + 5 * step)
    }
  }

  @Test func whoAsksForWhatIsNotThereIsTold() async throws {
    try await RankingBench.run { bench in
      let pin = PinOpportunity(programme: programme, id: "opportunity-none", isPinned: true)
      let unknown = await fault { _ = try await bench.store.write { try bench.curation.pin(pin, by: "a", $0) } }
      #expect(unknown?.code == .notFound && unknown?.reason == "unknownOpportunity" && unknown?.field == "id")
      let elsewhere = OpportunitiesRequest(programme: "nowhere")
      let now = bench.clock.now
      let missing = await fault { _ = try await bench.store.read { try bench.catalogue.list(elsewhere, at: now, $0) } }
      #expect(missing?.reason == "unknownProgramme")
      #expect(await fault { _ = try await bench.list(0) }?.reason == "limitOutOfRange")
      #expect(await fault { _ = try await bench.list(201) }?.reason == "limitOutOfRange")
    }
  }

  @Test func evidenceIsPagedNewestFirst() async throws {
    try await RankingBench.run { bench in
      try await bench.record(150, seed: 8)
      let found = try #require(try await bench.list().opportunities.first?.opportunity)
      let all = try await bench.detail(found.id).evidence
      #expect(all.map(\.occurredAt) == all.map(\.occurredAt).sorted(by: >))
      var pages: [Quote] = []
      var cursor: String?
      repeat {
        let page = try await bench.detail(found.id, limit: 7, cursor: cursor)
        pages += page.evidence
        cursor = page.cursor
      } while cursor != nil
      #expect(pages == all)
      #expect(await fault { _ = try await bench.detail(found.id, cursor: "x") }?.reason == "cursorUnreadable")
    }
  }
}
