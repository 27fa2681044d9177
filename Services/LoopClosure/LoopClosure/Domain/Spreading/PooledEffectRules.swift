package import Contracts

extension PooledEffect {
  /// What the teams' effects say together, and what the next team may expect.
  ///
  /// Random effects with the between-team variance of DerSimonian and Laird (1986), the interval of Hartung and Knapp
  /// (2001), and the prediction interval with the same variance and degrees of freedom (IntHout et al. 2016).
  /// - Returns: nil below two teams: there is nothing to pool.
  package init?(pooling effects: [LocalEffect]) {
    guard effects.count >= 2, effects.allSatisfy({ $0.standardError > 0 }) else { return nil }
    let between = PooledEffect.betweenTeamVariance(effects)
    let weights = effects.map { 1 / ($0.standardError * $0.standardError + between) }
    let total = weights.reduce(0, +)
    let mean = zip(weights, effects).reduce(0) { $0 + $1.0 * $1.1.effect } / total
    let freedom = effects.count - 1
    let spread = zip(weights, effects).reduce(0) { $0 + $1.0 * ($1.1.effect - mean) * ($1.1.effect - mean) }
    let variance = spread / (Double(freedom) * total)
    let quantile = SpecialFunctions.studentQuantile(confidence: 0.95, degreesOfFreedom: freedom)
    let half = quantile * variance.squareRoot()
    let halfPrediction = quantile * (variance + between).squareRoot()
    self.init(
      teams: effects.count,
      effect: mean,
      low: mean - half,
      high: mean + half,
      predictionLow: mean - halfPrediction,
      predictionHigh: mean + halfPrediction
    )
  }

  /// τ² by the method of moments (DerSimonian and Laird 1986), never negative.
  private static func betweenTeamVariance(_ effects: [LocalEffect]) -> Double {
    let weights = effects.map { 1 / ($0.standardError * $0.standardError) }
    let total = weights.reduce(0, +)
    let mean = zip(weights, effects).reduce(0) { $0 + $1.0 * $1.1.effect } / total
    let heterogeneity = zip(weights, effects).reduce(0) { $0 + $1.0 * ($1.1.effect - mean) * ($1.1.effect - mean) }
    let scale = total - weights.reduce(0) { $0 + $1 * $1 } / total
    return max(0, (heterogeneity - Double(effects.count - 1)) / scale)
  }
}

extension AdoptionReport {
  /// How far an idea has spread over the `eligible` teams.
  package init(of idea: Idea, rows: [Adoption], eligible: Int) {
    let users = rows.filter { [.inUse, .sustained].contains($0.state.known) }
    let starts = users.compactMap(\.inUseAt).sorted()
    // Half of five teams is three: the first moment at which at least half of them used it.
    let half = (eligible + 1) / 2
    let firstOffer = rows.map(\.offeredAt).min()
    let days = firstOffer.flatMap { offer -> Double? in
      guard half > 0, starts.count >= half else { return nil }
      return Double((starts[half - 1] - offer).wholeMilliseconds) / 86_400_000
    }
    self.init(
      idea: idea,
      rows: rows,
      eligible: eligible,
      share: eligible > 0 ? min(1, Double(users.count) / Double(eligible)) : 0,
      daysToHalf: days,
      pooled: PooledEffect(pooling: rows.compactMap(\.localEffect))
    )
  }
}
