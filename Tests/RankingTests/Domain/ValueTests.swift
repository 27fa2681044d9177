import Contracts
import Testing

@testable import Ranking

@Suite struct ValueTests {
  private func feedback(_ signals: [Signal], urgency: Double = 0, sentiment: Double = 0) throws -> Feedback {
    var feedback: Feedback = try JSONSchema.specimen(of: Feedback.self)
    feedback.signals = signals.map { .known($0) }
    feedback.urgency = urgency
    feedback.sentiment = sentiment
    return feedback
  }

  @Test func severityFollowsSignalsUrgencyAndWords() throws {
    let leaving = Severity.of(try feedback([.praise, .churnReason], urgency: 1, sentiment: -1))
    let complaint = Severity.of(try feedback([.complaint], urgency: 0.2, sentiment: -0.4))
    let praise = Severity.of(try feedback([.praise], sentiment: 0.9))
    let silent = Severity.of(try feedback([]))
    #expect(abs(leaving - 1) < 1e-12)
    #expect(abs(complaint - (0.7 * 0.8 + 0.04 + 0.04)) < 1e-12)
    #expect(complaint > silent && silent > praise)
    #expect(Severity.of(try feedback([], sentiment: -1)) > silent)
  }

  @Test func whatAsksForChangeIsANeedAndChatterIsNot() throws {
    for signal in [Signal.complaint, .wish, .workaround, .churnReason] {
      #expect(Severity.of(try feedback([signal])) >= Severity.ofANeed, "\(signal)")
    }
    #expect(Severity.of(try feedback([], sentiment: -0.6)) >= Severity.ofANeed)
    #expect(Severity.of(try feedback([.question], urgency: 0.5)) >= Severity.ofANeed)
    for signals in [[], [Signal.praise], [.question]] {
      #expect(Severity.of(try feedback(signals)) < Severity.ofANeed, "\(signals)")
    }
  }

  @Test func moreItemsThatSayANeedAreWorthMore() {
    var tally = OpportunityTally()
    tally.items = 40
    tally.itemsWithoutCustomer = 40
    tally.severitySum = 12
    tally.similaritySum = 20
    let growth = Growth(recent: 5, before: 40, weeksBefore: 8)
    let values = [0, 5, 10, 20, 30].map { needs in
      tally.needs = needs
      return OpportunityValue(tally: tally, growth: growth, effortPersonDays: nil).expected
    }
    #expect(values == values.sorted() && values[0] > 0 && values[0] < values[3] / 10)
    #expect(values[3] < values[4] * 1.03, "from one half on it is a need for sure")
  }

  /// Expected values: scipy.stats.beta.ppf(p, x₁ + ½, x₀ + ½), its odds times 8 weeks (SciPy 1.17.1).
  @Test(arguments: [
    (12, 20, 4.826_904_969_564_334, 2.611_048_425_880_01, 8.666_277_237_188_243),
    (3, 40, 0.631_982_108_245_378, 0.210_439_831_586_791_72, 1.469_030_433_607_926_5),
  ])
  func trendIsARatioOfRatesWithItsInterval(recent: Int, before: Int, ratio: Double, low: Double, high: Double) {
    let trend = Growth(recent: recent, before: before, weeksBefore: 8).trend
    #expect(abs(trend.ratio - ratio) < 1e-9 && abs(trend.low - low) < 1e-9 && abs(trend.high - high) < 1e-9)
  }

  @Test func withoutHistoryGrowthIsNotKnown() {
    let growth = Growth(days: [100: 30, 101: 40], today: 101, firstDay: 99)
    #expect(growth.recent == 70 && growth.weeksBefore == 0)
    #expect(growth.trend.low < 0.1 && growth.trend.high > 10)
  }

  @Test func daysFallIntoWeeks() {
    let days = [100: 1, 93: 2, 94: 4, 17: 8, 16: 16, 101: 32]
    let growth = Growth(days: days, today: 100, firstDay: 0)
    #expect(growth.recent == 5 && growth.before == 2 && growth.weeksBefore == 8)
    #expect(Growth.weeks(of: days, today: 100) == [8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 5])
  }

  @Test func valueIsReachTimesSeverityTimesConfidencePerEffortPlusGrowth() {
    var tally = OpportunityTally()
    tally.items = 30
    tally.knownCustomers = 20
    tally.returningCustomers = 5
    tally.itemsWithoutCustomer = 4
    tally.severitySum = 24
    tally.similaritySum = 12
    tally.needs = 10
    #expect(tally.reach == 24 && tally.recurrence == 0.25)
    let severity = (24 + 1.2) / 33.0
    let confidence = 30.0 / 40 * (0.5 + 0.5 * 0.8) * 2 * 11 / 33
    let steady = Growth(recent: 3, before: 24, weeksBefore: 8)
    let usual = OpportunityValue(tally: tally, growth: steady, effortPersonDays: nil).expected
    #expect(abs(usual - 24 * severity * confidence / 5) < 1e-12)
    #expect(abs(OpportunityValue(tally: tally, growth: steady, effortPersonDays: 2).expected - usual * 2.5) < 1e-12)
    let growing = Growth(recent: 20, before: 20, weeksBefore: 8)
    let surplus = min(growing.trend.low, 4) - 1
    let expected = (24 + surplus * 20) * severity * confidence / 5
    #expect(abs(OpportunityValue(tally: tally, growth: growing, effortPersonDays: nil).expected - expected) < 1e-12)
  }

  private func candidates(_ count: Int) -> [OpportunityOrder.Candidate] {
    (0..<count).map { index in
      OpportunityOrder.Candidate(
        id: ID("o\(100 + index)"),
        isPinned: index == count - 1,
        value: Double(count - index),
        items: index % 7 == 3 ? 6 : 60,
        severitySum: index % 7 == 3 ? 4 : 20,
        needs: index % 7 == 3 ? 4 : 20,
        growth: Growth(recent: 3, before: 20, weeksBefore: 8)
      )
    }
  }

  @Test func everyFifthPlaceExploresAndTheRestIsByValue() {
    let list = OpportunityOrder.list(candidates(60), limit: 20, seed: "p/1")
    #expect(list.count == 20 && Set(list.map(\.id)).count == 20)
    #expect(list.enumerated().filter { $0.element.isExploration }.map(\.offset) == [4, 9, 14, 19])
    #expect(list.first?.id == "o159", "the pinned one comes first")
    #expect(list.filter { !$0.isExploration }.dropFirst().map(\.id) == (0..<15).map { ID("o\(100 + $0)") })
  }

  @Test func aListStaysTheSameForADayAndChangesWithTheNext() {
    let all = candidates(60)
    let today = OpportunityOrder.list(all, limit: 20, seed: "p/1")
    #expect(OpportunityOrder.list(all.reversed(), limit: 20, seed: "p/1") == today)
    let explored = (2..<30).map { day in
      Set(OpportunityOrder.list(all, limit: 20, seed: "p/\(day)").filter(\.isExploration).map(\.id))
    }
    #expect(Set(explored).count > 20)
  }

  @Test func weakSignalsAreDrawnMoreOften() {
    let all = candidates(60)
    let weak = Set(all.filter { $0.items == 6 }.map(\.id))
    let drawn = (0..<200).flatMap { OpportunityOrder.list(all, limit: 20, seed: "p/\($0)").filter(\.isExploration) }
    let share = Double(drawn.count { weak.contains($0.id) }) / Double(drawn.count)
    // They are a seventh of all.
    #expect(share > 0.3)
  }

  @Test func whatSaysNoNeedIsSeldomDrawn() {
    let all = (0..<60).map { index in
      OpportunityOrder.Candidate(
        id: ID("o\(100 + index)"),
        isPinned: false,
        value: Double(100 - index),
        items: 20,
        severitySum: 6,
        needs: index % 2 == 0 ? 12 : 1,
        growth: Growth(recent: 3, before: 20, weeksBefore: 8)
      )
    }
    let needy = Set(all.filter { $0.needs == 12 }.map(\.id))
    let drawn = (0..<200).flatMap { OpportunityOrder.list(all, limit: 20, seed: "p/\($0)").filter(\.isExploration) }
    #expect(Double(drawn.count { needy.contains($0.id) }) > 0.9 * Double(drawn.count))
  }

  @Test func whereAllHaveRoomNothingIsDrawn() {
    let list = OpportunityOrder.list(candidates(12), limit: 20, seed: "p/1")
    #expect(list.count == 12 && !list.contains { $0.isExploration })
    #expect(OpportunityOrder.list([], limit: 20, seed: "p/1").isEmpty)
    #expect(OpportunityOrder.list(candidates(3), limit: 1, seed: "p/1").count == 1)
  }

  @Test func becauseSaysWhatCounts() throws {
    var opportunity: Opportunity = try JSONSchema.specimen(of: Opportunity.self)
    opportunity.reach = 42
    opportunity.severity = 0.71
    opportunity.recurrence = 0.2
    opportunity.trend = Trend(ratio: 2.14, low: 1.2, high: 3)
    opportunity.breadth = Breadth(teams: ["a", "b"], channels: [.known(.call)], touchpoints: [])
    opportunity.effortPersonDays = nil
    opportunity.isPinned = false
    #expect(
      Because.sentence(for: opportunity, isExploration: false)
        == "42 customers in 2 teams, severe (71 %), growing to 2.1 times its rate of the weeks before, "
        + "20 % of customers came back with it."
    )
    opportunity.trend = Trend(ratio: 1, low: 0.5, high: 2)
    opportunity.recurrence = 0
    opportunity.reach = 1
    opportunity.breadth = Breadth(teams: ["a"], channels: [], touchpoints: [])
    #expect(
      Because.sentence(for: opportunity, isExploration: true)
        == "Drawn to give a weak signal a chance: 1 customer, severe (71 %)."
    )
  }
}
