/// How credit rates vary between teams, and how lumpy credit comes: fitted across the teams of a programme.
///
/// Credits are a compound Poisson sum: with awards a, their variance is φ times their mean, φ = Σa² ÷ Σa. Rates are
/// λ ~ Gamma(α, β) across teams. α and β come from the method of moments: with r = y ÷ E and the pooled mean m,
/// E[Σ E (r - m)²] = (k - 1) φ m + τ² (ΣE - ΣE² ÷ ΣE), solved for the variance τ² between teams
/// (as DerSimonian and Laird 1986 do for effects); then α = m² ÷ τ² and β = m ÷ τ².
package struct CreditPrior: Hashable, Sendable {
  /// Mean credits per FTE-month over all teams.
  package let meanRate: Double
  /// φ.
  package let dispersion: Double
  package let shape: Double
  package let rate: Double

  package init(fitting teams: [TeamRecord]) {
    let exposed = teams.filter { $0.exposureFTEMonths > 0 }
    let exposure = exposed.reduce(0) { $0 + $1.exposureFTEMonths }
    let credits = exposed.reduce(0) { $0 + $1.credits }
    let awards = exposed.flatMap(\.awards)
    let squares = awards.reduce(0) { $0 + $1 * $1 }
    dispersion = credits > 0 ? squares / credits : 1
    meanRate = exposure > 0 ? credits / exposure : 0
    guard meanRate > 0 else {
      // Nobody has any credit yet: one FTE-month's worth of doubt about a rate near nothing.
      shape = 0.5
      rate = 1
      return
    }
    let spread = CreditPrior.spread(exposed, mean: meanRate, dispersion: dispersion, exposure: exposure)
    shape = meanRate * meanRate / spread
    rate = meanRate / spread
  }

  /// τ², kept between a twentieth of the mean and three times it (squared): outside, teams would look all the same, or
  /// the fit would believe in a single lucky one.
  private static func spread(
    _ teams: [TeamRecord],
    mean: Double,
    dispersion: Double,
    exposure: Double
  ) -> Double {
    let least = (0.05 * mean) * (0.05 * mean)
    let most = (3 * mean) * (3 * mean)
    guard teams.count > 1 else { return mean * mean }
    let observed = teams.reduce(0.0) { sum, team in
      let difference = team.credits / team.exposureFTEMonths - mean
      return sum + team.exposureFTEMonths * difference * difference
    }
    let byChance = Double(teams.count - 1) * dispersion * mean
    let squares = teams.reduce(0) { $0 + $1.exposureFTEMonths * $1.exposureFTEMonths }
    let spread = (observed - byChance) / (exposure - squares / exposure)
    return min(most, max(least, spread))
  }

  /// A team's rate, given its credits: Gamma(α + y ÷ φ, β + E ÷ φ), whose mean is (y + αφ) ÷ (E + βφ).
  package func posterior(of team: TeamRecord) -> GammaDistribution {
    GammaDistribution(
      shape: shape + team.credits / dispersion,
      rate: rate + team.exposureFTEMonths / dispersion
    )
  }
}
