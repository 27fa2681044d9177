import Contracts
import Foundation

/// What is known about an opportunity's items, in sums that can be counted up and down.
package struct OpportunityTally: Hashable, Sendable {
  package var items = 0
  package var knownCustomers = 0
  /// Customers with more than one item.
  package var returningCustomers = 0
  package var itemsWithoutCustomer = 0
  package var severitySum = 0.0
  package var similaritySum = 0.0
  /// Items that say a need: their severity is `Severity.ofANeed` or more.
  package var needs = 0

  package init() {}

  /// Distinct customers, and the items whose customer isn't known.
  package var reach: Int { knownCustomers + itemsWithoutCustomer }

  /// Share of the known customers who came back with it.
  package var recurrence: Double {
    knownCustomers == 0 ? 0 : Double(returningCustomers) / Double(knownCustomers)
  }

  package var severity: Double { Severity.mean(sum: severitySum, items: items) }

  /// The share of items that say a need, drawn towards a third as if three others had come first.
  package var needShare: Double { (Double(needs) + 1) / Double(items + 3) }

  /// How sure it is that this is a need that many share: how many items there are (half at ten) × how much they belong
  /// together (full from a mean cosine of one half) × how many of them say a need (full from one half).
  ///
  /// Without the last, what people chat about most would stand above what hurts them.
  package var confidence: Double {
    guard items > 0 else { return 0 }
    let cohesion = min(1, max(0, 2 * similaritySum / Double(items)))
    return Double(items) / Double(items + 10) * (0.5 + 0.5 * cohesion) * min(1, 2 * needShare)
  }
}

/// What an opportunity is worth looking at: reach × severity × confidence ÷ effort, plus growth.
package struct OpportunityValue: Hashable, Sendable {
  package let expected: Double

  /// - Parameter effortPersonDays: nil where nobody has estimated; then `usualEffortPersonDays`.
  package init(tally: OpportunityTally, growth: Growth, effortPersonDays: Double?) {
    let perCustomer = tally.severity * tally.confidence / (effortPersonDays ?? OpportunityValue.usualEffortPersonDays)
    // Only growth that is almost certain counts, and four times is as good as any more.
    let surplus = max(0, min(growth.trend.low, 4) - 1)
    expected = (Double(tally.reach) + surplus * Double(growth.recent)) * perCustomer
  }

  /// Stands in for an estimate, so that unestimated opportunities compare with each other.
  package static let usualEffortPersonDays = 5.0

  /// Half from age (halved every four weeks), half from the distance to the nearest other opportunity.
  package static func novelty(ageDays: Double, nearness: Double) -> Double {
    0.5 * pow(0.5, max(0, ageDays) / 28) + 0.5 * (1 - min(1, max(0, nearness)))
  }
}
