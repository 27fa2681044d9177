package import Contracts

/// Where teams stand: shrunken rates with intervals, bands of a funnel, and a place only where it is nearly certain.
package struct Standings: Hashable, Sendable {
  package let standings: [TeamStanding]
  package let meanRate: Double

  package static let draws = 4000
  package static let certainEnough = 0.8

  /// - Parameter seed: for the draws; the same seed and records give the same places.
  package init(ranking teams: [TeamRecord], seed: String) {
    let (records, pooled) = TeamRecord.poolingSmallTeams(teams.sorted { $0.team < $1.team })
    let prior = CreditPrior(fitting: records)
    let posteriors = records.map { prior.posterior(of: $0) }
    // Best first; ties in the order of ids.
    let order = records.indices.sorted {
      posteriors[$0].mean == posteriors[$1].mean
        ? records[$0].team < records[$1].team : posteriors[$0].mean > posteriors[$1].mean
    }
    let places = Standings.places(of: order.map { posteriors[$0] }, seed: seed)
    meanRate = prior.meanRate
    standings = zip(order, places).map { index, place in
      let team = records[index]
      let posterior = posteriors[index]
      let isPooled = team.team == pooled
      return TeamStanding(
        team: team.team,
        name: team.name,
        isPooled: isPooled,
        credits: team.credits,
        counts: team.counts,
        exposureFTEMonths: team.exposureFTEMonths,
        rate: posterior.mean,
        rateLow: posterior.quantile(0.025),
        rateHigh: posterior.quantile(0.975),
        band: .known(Standings.band(of: team, prior)),
        place: isPooled ? nil : place
      )
    }
  }

  /// Against the limits of the funnel (Spiegelhalter 2005, exact form): how surprising a team's credits are if its rate
  /// were that of all. 95 % inside the inner limits, 99.8 % inside the outer.
  package static func band(of team: TeamRecord, _ prior: CreditPrior) -> Band {
    let expected = prior.meanRate * team.exposureFTEMonths / prior.dispersion
    guard expected > 0 else { return .within }
    // The gamma function stands in for the Poisson sum, because credits are no whole numbers.
    let observed = team.credits / prior.dispersion
    let atLeast = observed > 0 ? GammaFunction.lower(observed, expected) : 1
    let atMost = GammaFunction.upper(observed + 1, expected)
    switch (atLeast, atMost) {
    case (..<0.001, _): return .farAbove
    case (..<0.025, _): return .above
    case (_, ..<0.001): return .farBelow
    case (_, ..<0.025): return .below
    default: return .within
    }
  }

  /// For the k-th best: k where P(in the top k) ≥ 0.8 (Marshall and Spiegelhalter 1998), in the upper half only; that
  /// the last of five is among the top five is certain and says nothing.
  private static func places(of posteriors: [GammaDistribution], seed: String) -> [Int?] {
    guard posteriors.count > 1 else { return posteriors.map { _ in nil } }
    var random = SeededRandom(seed: seed)
    var timesInTop = Array(repeating: 0, count: posteriors.count)
    for _ in 0..<draws {
      let rates = posteriors.map { random.draw($0) }
      let ranked = rates.indices.sorted { rates[$0] > rates[$1] }
      for (rank, index) in ranked.enumerated() where rank <= index { timesInTop[index] += 1 }
    }
    return timesInTop.enumerated().map { index, times in
      let isCertain = Double(times) >= certainEnough * Double(draws)
      return isCertain && index < posteriors.count / 2 ? index + 1 : nil
    }
  }
}
