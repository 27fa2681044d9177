import Contracts
import Foundation
import GoalSetting
import TestSupport
import Testing

private let now = Timestamp(milliseconds: 1_790_000_000_000)

private func euros(_ text: String) throws -> Money {
  Money(amount: try #require(Decimal(string: text)), currency: "EUR")
}

private func partnership(_ parties: [Party], budget: String = "1000") throws -> Partnership {
  try PartnershipTerms.partnership(
    from: AgreePartnership(programme: "telco", parties: parties, riskBudget: euros(budget)),
    id: "partnership-1",
    at: now
  )
}

private let brandAndProvider = [
  Party(name: "Brand", riskPercent: 60, gainPercent: 50), Party(name: "Provider", riskPercent: 40, gainPercent: 50),
]

@Suite struct PartnershipTests {
  @Test(arguments: [
    [Party(name: "Brand", riskPercent: 100, gainPercent: 100)],
    [Party(name: "A", riskPercent: 50, gainPercent: 50), Party(name: "A", riskPercent: 50, gainPercent: 50)],
    [Party(name: "joint", riskPercent: 50, gainPercent: 50), Party(name: "A", riskPercent: 50, gainPercent: 50)],
    [Party(name: "A", riskPercent: 50, gainPercent: 50), Party(name: "B", riskPercent: 49, gainPercent: 50)],
    [Party(name: "A", riskPercent: 50, gainPercent: 110), Party(name: "B", riskPercent: 50, gainPercent: -10)],
  ])
  func partiesHaveNamesAndSumToHundred(_ parties: [Party]) {
    #expect(throws: Fault.self) { try partnership(parties) }
  }

  @Test func aGainIsSharedByGainAndALossByRisk() throws {
    let gain = PartnershipTerms.postings(sharing: try euros("10.01"), between: brandAndProvider)
    #expect(gain.map(\.account) == ["Brand", "Provider", "joint"])
    #expect(try gain.map(\.amount) == [euros("5.01"), euros("5.00"), euros("-10.01")])
    let loss = PartnershipTerms.postings(sharing: try euros("-10.01"), between: brandAndProvider)
    #expect(try loss.map(\.amount) == [euros("-6.01"), euros("-4.00"), euros("10.01")])
  }

  @Test func aLossBeyondTheRiskBudgetIsNotShared() throws {
    let agreed = try partnership(brandAndProvider)
    func post(_ amount: Money, left: String) throws -> LedgerEntry {
      try PartnershipTerms.entry(
        from: PostLedger(programme: "telco", partnership: agreed.id, amount: amount, text: "Call-back test"),
        in: agreed,
        riskLeft: euros(left),
        id: "entry-1",
        at: now
      )
    }
    #expect(try post(euros("-100"), left: "100").postings.count == 3)
    #expect(try post(euros("5000"), left: "0").postings.count == 3)
    for (amount, left, reason) in try [
      (euros("-100.01"), "100", "riskBudgetExceeded"), (euros("0"), "100", "amountOutOfRange"),
      (euros("1.001"), "100", "amountOutOfRange"), (Money(amount: 1, currency: "USD"), "100", "currencyMismatch"),
    ] {
      let fault = try #require(throws: Fault.self) { try post(amount, left: left) }
      #expect(fault.reason == reason)
    }
  }

  /// Whatever is posted between whomever: every entry sums to zero, shares are whole cents, and no party's share is
  /// off its percentage by more than the parties there are, in cents.
  @Test(arguments: Seeds.fresh(5))
  func everyEntrySumsToZero(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let count = Int.random(in: 2...7, using: &random)
      let (risks, gains) = (percents(count, &random), percents(count, &random))
      let parties = (0..<count).map { Party(name: "party \($0)", riskPercent: risks[$0], gainPercent: gains[$0]) }
      let cents = Int.random(in: 1...9_999_999_999, using: &random) * (Bool.random(using: &random) ? 1 : -1)
      let amount = Money(amount: Decimal(cents) / 100, currency: "EUR")
      let postings = PartnershipTerms.postings(sharing: amount, between: parties)
      #expect(postings.map(\.amount.amount).reduce(0, +) == 0)
      #expect(postings.allSatisfy { $0.amount.isWholeMinorUnits })
      for (party, posting) in zip(parties, postings) {
        let percent = cents > 0 ? party.gainPercent : party.riskPercent
        let drift = abs(posting.amount.amount - amount.amount * Decimal(percent) / 100)
        #expect(drift <= Decimal(count) / 100)
      }
    }
  }

  private func percents(_ count: Int, _ random: inout SeededGenerator) -> [Int] {
    let cuts = [0] + (1..<count).map { _ in Int.random(in: 0...100, using: &random) }.sorted() + [100]
    return zip(cuts, cuts.dropFirst()).map { $1 - $0 }
  }
}
