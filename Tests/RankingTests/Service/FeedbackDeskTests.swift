import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

@testable import Ranking

@Suite struct FeedbackDeskTests {
  @Test func feedbackBecomesOpportunitiesWithTheirEvidence() async throws {
    try await RankingBench.run { bench in
      try await bench.record(200, seed: 1)
      try await bench.refresh()
      let list = try await bench.list()
      #expect(list.items == 200 && list.total >= 5)
      #expect(list.unthemedItems == 200 - list.opportunities.reduce(0) { $0 + $1.opportunity.items })
      let luggage = try #require(try await bench.opportunity(about: "lost luggage"))
      #expect(luggage.title.lowercased().contains("luggage") || luggage.title.lowercased().contains("suitcase"))
      #expect((1...3).contains(luggage.quotes.count))
      #expect(luggage.reach <= luggage.items && luggage.reach > 0)
      #expect(luggage.breadth.channels.count == 3 && Set(luggage.breadth.teams) == ["porto", "braga"])
      #expect(luggage.weeklyItems.reduce(0, +) == luggage.items)
      #expect(luggage.severity > 0.4 && luggage.confidence > 0.3 && luggage.expectedValue > 0)
      #expect(try await bench.inconsistencies() == [])
      #expect(list.opportunities.allSatisfy { !$0.because.isEmpty })
    }
  }

  @Test func whatPeopleChatAboutStandsBelowWhatHurtsThem() async throws {
    try await RankingBench.run { bench in
      for index in 0..<40 {
        let isNeed = index % 4 == 0
        let text = Corpus.themes[isNeed ? 0 : 3].openings[index % 3]
        let item = try bench.item(index, text, signals: isNeed ? [.complaint] : index % 4 == 1 ? [.praise] : [])
        try await bench.store.write { try bench.feedback.record(item, $0) }
      }
      try await bench.refresh()
      let list = try await bench.list().opportunities.map(\.opportunity)
      let luggage = try #require(try await bench.opportunity(about: "luggage suitcase"))
      let router = try #require(try await bench.opportunity(about: "router"))
      #expect(list.first?.id == luggage.id && router.items > luggage.items)
      #expect(router.confidence < luggage.confidence / 2)
      #expect(try await bench.inconsistencies() == [])
    }
  }

  /// Feedback without end about some opportunities is filed between the turns, and the others are refreshed all the same.
  @Test func whatIsAlwaysStaleKeepsNothingElseFromItsTurn() async throws {
    try await RankingBench.run { bench in
      let programmes: [ID<Programme>] = ["alpha", "beta", "gamma"]
      for (offset, corpus) in Corpus.items(360, seed: 7).enumerated() {
        var item = try bench.item(offset, corpus.text)
        item.programme = programmes[offset % 3]
        let feedback = item
        try await bench.store.write { try bench.feedback.record(feedback, $0) }
      }
      try await bench.refresh()
      let numbers = try await bench.numbers(of: "alpha")
      try await bench.store.write { transaction in
        try transaction.database.execute(sql: "UPDATE opportunity SET value = -1")
        for programme in programmes {
          try OpportunityRows(database: transaction.database, programme: programme).markAllStale()
        }
      }
      let count = try await bench.countOfUnvalued()
      try #require(numbers.count >= 5 && count > numbers.count + 5)
      for _ in 0...(count / 5) {
        let isMoreDue = try await bench.store.write { try bench.upkeep.refresh($0) }
        #expect(isMoreDue)
        try await bench.store.write { transaction in
          let rows = OpportunityRows(database: transaction.database, programme: "alpha")
          for number in numbers { try rows.markStale(number) }
        }
      }
      #expect(try await bench.countOfUnvalued() == 0)
    }
  }

  @Test func aRepeatChangesNothing() async throws {
    try await RankingBench.run { bench in
      try await bench.record(60, seed: 2)
      let before = try await bench.list()
      let position = bench.store.heads().map(\.position)
      try await bench.record(60, seed: 2)
      #expect(try await bench.list() == before)
      #expect(bench.store.heads().map(\.position) == position)
    }
  }

  @Test(arguments: Seeds.fresh(2))
  func aReplayAndAnyNumberOfRestartsEndInTheSame(seed: UInt64) async throws {
    func outcome(restarting: Bool) async throws -> OpportunityList {
      try await RankingBench.run { bench in
        var generator = SeededGenerator(seed: seed)
        var bench = bench
        for round in 0..<15 {
          try await bench.record(10, seed: seed &+ UInt64(round), from: 10 * round)
          if restarting, generator.happens(0.5) { bench = bench.restarted }
        }
        try await bench.refresh()
        return try await bench.list()
      }
    }
    #expect(try await outcome(restarting: false) == outcome(restarting: true))
  }

  @Test func whatIsRolledBackIsForgottenInMemoryToo() async throws {
    struct Undone: Error {}
    try await RankingBench.run { bench in
      try await bench.record(50, seed: 4)
      let disturbed = try bench.item(900, "The router keeps rebooting, xylophone xylophone")
      await #expect(throws: (any Error).self) {
        try await bench.store.write { transaction in
          try bench.feedback.record(disturbed, transaction)
          throw Undone()
        }
      }
      try await bench.record(50, seed: 5, from: 50)
      let withDisturbance = try await bench.list()
      let without = try await RankingBench.run { other in
        try await other.record(50, seed: 4)
        try await other.record(50, seed: 5, from: 50)
        return try await other.list()
      }
      #expect(withDisturbance == without)
    }
  }

  @Test func arevisionCountsAsItIsNow() async throws {
    try await RankingBench.run { bench in
      try await bench.record(100, seed: 6)
      for index in 0..<20 {
        let text = "The technician never came, I waited at home"
        let revised = try bench.item(index, text, day: 3, customer: 3, revision: 2)
        try await bench.store.write { try bench.feedback.revise(revised, $0) }
        try await bench.store.write { try bench.feedback.revise(revised, $0) }
      }
      let stale = try bench.item(1, "Luggage went missing", revision: 1)
      try await bench.store.write { try bench.feedback.revise(stale, $0) }
      #expect(try await bench.inconsistencies() == [])
      let technician = try #require(try await bench.opportunity(about: "technician never came"))
      let evidence = try await bench.detail(technician.id).evidence
      #expect(Set(evidence.map(\.feedback)).isSuperset(of: (0..<20).map { ID("feedback-\($0)") }))
      #expect(try await bench.list().items == 100)
    }
  }

  @Test func erasedWordsAreGoneEverywhere() async throws {
    try await RankingBench.run { bench in
      try await bench.record(40, seed: 7)
      for index in 40..<44 {
        let item = try bench.item(index, "The barcode scanner at locker xanthippe is broken", customer: index)
        try await bench.store.write { try bench.feedback.record(item, $0) }
      }
      let quoted = try #require(try await bench.opportunity(about: "barcode scanner xanthippe"))
      #expect(!quoted.quotes.isEmpty)
      for index in 40..<44 { try await bench.erase(ID("feedback-\(index)")) }
      try await bench.refresh()
      #expect(try await bench.inconsistencies() == [])
      #expect(try await bench.list().items == 40)
      let detail = try await bench.detail(quoted.id)
      #expect(detail.evidence.isEmpty && detail.opportunity.quotes.isEmpty && detail.opportunity.items == 0)
      let words = try await bench.published().map { String(decoding: $0.body, as: UTF8.self) }
      #expect(!words.contains { $0.lowercased().contains("xanthippe") })
      #expect(detail.opportunity.title == "Withdrawn feedback" && detail.opportunity.keywords.isEmpty)
      let term = Int64(bitPattern: Term(EnglishStemmer.stem("xanthippe")).rawValue)
      let kept = try await bench.store.read { database in
        try ModelRows(database: database, programme: RankingBench.programme).load(RankingBench.themes)
      }
      #expect(kept.frequencies.counts[Term(rawValue: UInt64(bitPattern: term))] == nil)
      #expect(!kept.themes.contains { $0.terms.contains { $0.term.rawValue == UInt64(bitPattern: term) } })
    }
  }

  @Test func whatWasErasedBeforeItCameStaysOut() async throws {
    try await RankingBench.run { bench in
      try await bench.erase("feedback-1")
      let item = try bench.item(1, "Luggage went missing")
      try await bench.store.write { try bench.feedback.record(item, $0) }
      try await bench.store.write { try bench.feedback.revise(item, $0) }
      #expect(try await bench.list().items == 0)
    }
  }

  @Test func anOpportunityIsMadeKnownOnceAndThenWhenItHasGrown() async throws {
    try await RankingBench.run { bench in
      try await bench.record(200, seed: 8)
      try await bench.refresh()
      let opened = try await bench.published(OpportunityOpened.self)
      #expect(Set(opened.map(\.opportunity.id)).count == opened.count && opened.count >= 5)
      let grown = try await bench.published(OpportunityGrown.self).count
      try await bench.refresh()
      #expect(try await bench.published(OpportunityGrown.self).count == grown, "nothing grew")
      let largest = try #require(opened.map(\.opportunity.id).first)
      try await bench.record(200, seed: 9, from: 200)
      try await bench.refresh()
      let since = try await bench.published(OpportunityGrown.self)
      #expect(since.count > grown && since.count < grown + 30)
      #expect(since.contains { $0.opportunity.id == largest })
    }
  }

  @Test func anAdaptationIsReadInItsOwnWords() async throws {
    try await RankingBench.run { bench in
      for index in 0..<4 {
        var item = try bench.item(index, "", customer: index)
        item.channel = .known(.adaptation)
        item.adaptation = Adaptation(
          standard: "Refund vouchers need a supervisor",
          didInstead: "I refunded the voucher at the desk",
          outcome: "The customer was relieved"
        )
        let noted = item
        try await bench.store.write { try bench.feedback.record(noted, $0) }
      }
      let found = try #require(try await bench.opportunity(about: "refund voucher"))
      #expect(found.items == 4)
    }
  }
}

extension RankingBench {
  fileprivate func numbers(of programme: ID<Programme>) async throws -> [ThemeNumber] {
    try await store.read { database in
      try Int.fetchAll(
        database,
        sql: "SELECT number FROM opportunity WHERE programme = ?",
        arguments: [programme.rawValue]
      )
      .map(ThemeNumber.init)
    }
  }

  /// Opportunities that the test has taken the value of, and that have none since.
  fileprivate func countOfUnvalued() async throws -> Int {
    try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM opportunity WHERE value = -1") ?? 0 }
  }
}
