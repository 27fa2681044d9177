package import Contracts

/// When a cause is more than a team can mend alone.
package struct EscalationRules: Sendable {
  package let policy: LoopPolicy

  package init(policy: LoopPolicy) {
    self.policy = policy
  }

  /// A case with a given cause, as far as counting needs it.
  package struct Sighting: Hashable, Sendable {
    package var customer: ID<Customer>?
    package var team: ID<Team>?
    package var at: Timestamp

    package init(customer: ID<Customer>?, team: ID<Team>?, at: Timestamp) {
      self.customer = customer
      self.team = team
      self.at = at
    }
  }

  /// The same cause from at least 3 distinct customers across at least 2 teams within 14 days up to `now`. Customers
  /// and teams that aren't known can't be told apart, and so don't count.
  package func isSameCause(_ sightings: [Sighting], now: Timestamp) -> Bool {
    let recent = sightings.filter { $0.at <= now && now - $0.at <= policy.sameCauseWindow }
    return Set(recent.compactMap(\.customer)).count >= policy.sameCauseCustomers
      && Set(recent.compactMap(\.team)).count >= policy.sameCauseTeams
  }

  /// More in one week than the 8 weeks before explain: Poisson tail below 1 %.
  ///
  /// The base's rate is (count + ½) ÷ 8 weeks, the Jeffreys estimate, so that an empty base doesn't make the first
  /// case ever unusual. Without a whole base there is nothing to compare with, and the rule keeps silent.
  /// - Parameter base: items in each of the 8 weeks before; fewer entries mean that there is no base.
  package func isUnusual(week count: Int, base: [Int]) -> Bool {
    guard base.count >= EscalationRules.baseWeeks, count >= policy.unusualVolumeMinimum else { return false }
    let mean = (Double(base.reduce(0, +)) + 0.5) / Double(base.count)
    return SpecialFunctions.poissonUpperTail(count: count, mean: mean) < policy.unusualVolumeProbability
  }

  package static let baseWeeks = 8

  /// Whether a theme's last week stands out from its own eight weeks before. A theme that didn't exist in the older
  /// half of them has no base yet.
  package func isUnusual(_ opportunity: Opportunity) -> Bool {
    guard opportunity.state == .open, let last = opportunity.weeklyItems.last else { return false }
    let base = Array(opportunity.weeklyItems.dropLast().suffix(EscalationRules.baseWeeks))
    guard base.prefix(EscalationRules.baseWeeks / 2).contains(where: { $0 > 0 }) else { return false }
    return isUnusual(week: last, base: base)
  }
}
