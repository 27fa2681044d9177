package import Contracts

/// Puts opportunities in order: by expected value, with a fifth of the list left to weak signals.
package enum OpportunityOrder {
  package struct Candidate: Hashable, Sendable {
    package let id: ID<Opportunity>
    package let isPinned: Bool
    package let value: Double
    package let items: Int
    package let severitySum: Double
    /// Items that say a need.
    package let needs: Int
    package let growth: Growth

    package init(
      id: ID<Opportunity>,
      isPinned: Bool,
      value: Double,
      items: Int,
      severitySum: Double,
      needs: Int,
      growth: Growth
    ) {
      self.id = id
      self.isPinned = isPinned
      self.value = value
      self.items = items
      self.severitySum = severitySum
      self.needs = needs
      self.growth = growth
    }
  }

  package struct Place: Hashable, Sendable {
    package let id: ID<Opportunity>
    package let isExploration: Bool
  }

  /// The first `limit` places. Every fifth is drawn by Thompson sampling from those that their value would leave out;
  /// where all have room, nothing has to be drawn.
  /// - Parameter seed: the same for as long as the list should stay the same, e.g. programme and day.
  package static func list(_ candidates: [Candidate], limit: Int, seed: String) -> [Place] {
    let byValue = candidates.sorted(by: isBefore)
    guard byValue.count > limit else { return byValue.map { Place(id: $0.id, isExploration: false) } }
    let explored = limit / 5
    let safe = byValue.prefix(limit - explored)
    var draws: [(id: ID<Opportunity>, draw: Double)] = []
    for candidate in byValue.dropFirst(limit - explored) { draws.append((candidate.id, draw(candidate, seed: seed))) }
    draws.sort { $0.draw == $1.draw ? $0.id < $1.id : $0.draw > $1.draw }
    var drawn = draws.prefix(explored)
    var places: [Place] = []
    for candidate in safe {
      places.append(Place(id: candidate.id, isExploration: false))
      if places.count % 5 == 4, let next = drawn.popFirst() { places.append(Place(id: next.id, isExploration: true)) }
    }
    places += drawn.map { Place(id: $0.id, isExploration: true) }
    return places
  }

  package static func isBefore(_ one: Candidate, _ other: Candidate) -> Bool {
    if one.isPinned != other.isPinned { return one.isPinned }
    return one.value == other.value ? one.id < other.id : one.value > other.value
  }

  /// What it might be worth to a customer: a draw of severity × one of how many say a need × one of growth. The less is
  /// known, the wider it is.
  ///
  /// Each opportunity has its own stream of numbers, so that its luck doesn't hang on which others there are.
  private static func draw(_ candidate: Candidate, seed: String) -> Double {
    var random = SeededRandom(seed: "\(seed)/\(candidate.id)")
    let severe = min(candidate.severitySum, Double(candidate.items))
    let severity = random.draw(BetaDistribution(1 + severe, 1 + Double(candidate.items) - severe))
    let need = random.draw(
      BetaDistribution(1 + Double(candidate.needs), 1 + Double(max(0, candidate.items - candidate.needs)))
    )
    let recent = random.draw(GammaDistribution(shape: Double(candidate.growth.recent) + 0.5, rate: 1))
    let weeks = max(1, candidate.growth.weeksBefore)
    let before = random.draw(GammaDistribution(shape: Double(candidate.growth.before) + 0.5, rate: weeks))
    return severity * need * min(4, recent / max(before, 1e-9))
  }
}
