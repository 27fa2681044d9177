import Contracts
import Storage
import TestSupport
import Testing

@testable import Ranking

@Suite struct DisruptionWatchTests {
  @Test func aWaveOfFeedbackIsNoticedOnceAndItsAnswersAreTimed() async throws {
    try await RankingBench.run { bench in
      var index = 0
      for day in 0..<40 {
        let items = (20...24).contains(day) ? 30 : 4
        for _ in 0..<items {
          let item = try bench.item(index, Corpus.themes[index % 5].openings[0], day: day)
          try await bench.store.write { try bench.feedback.record(item, $0) }
          index += 1
        }
        try await bench.store.write { try bench.disruptions.scan($0) }
      }
      let request = DisruptionsRequest(programme: RankingBench.programme)
      func whole() async throws -> [Disruption] {
        try await bench.store.read { try bench.disruptions.disruptions(request, $0) }.disruptions
          .filter { $0.opportunity == nil }
      }
      let first = try #require(try await whole().last)
      let start = bench.clock.now - .days(100)
      #expect(abs((first.startedAt - start).components.seconds - 20 * 86_400) <= 86_400)
      #expect(first.rateBefore < 6 && first.rateSince > 15 && first.recoveredAt != nil)
      #expect(first.firstIdeaAt == nil)
      let published = try await bench.published(DisruptionDetected.self).filter { $0.disruption.opportunity == nil }
      #expect(Set(published.map(\.disruption.id)).count == published.count)
      var idea: Idea = try JSONSchema.specimen(of: Idea.self)
      idea.programme = RankingBench.programme
      idea.submittedAt = first.startedAt + .days(2)
      let submitted = IdeaSubmitted(idea: idea)
      try await bench.store.write { try bench.credits.note(submitted, $0) }
      #expect(try await whole().last?.firstIdeaAt == first.startedAt + .days(2))
    }
  }
}
