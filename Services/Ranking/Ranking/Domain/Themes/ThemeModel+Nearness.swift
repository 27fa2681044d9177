import Foundation

extension ThemeModel {
  /// An item ready for comparing: terms weighted by rarity twice, once for each side of the dot product.
  struct WeightedItem {
    let terms: [(term: Term, weight: Double)]
    /// Euclidean length, weighted by rarity once.
    let length: Double
  }

  func weigh(_ vector: TermVector) -> WeightedItem {
    var terms: [(term: Term, weight: Double)] = []
    terms.reserveCapacity(vector.entries.count)
    var squares = 0.0
    for entry in vector.entries {
      let rarity = frequencies.rarity(of: entry.term)
      let weight = Double(entry.weight) * rarity
      squares += weight * weight
      terms.append((entry.term, weight * rarity))
    }
    if terms.count > configuration.termsPerItem {
      terms.sort { $0.weight == $1.weight ? $0.term < $1.term : $0.weight > $1.weight }
      terms.removeLast(terms.count - configuration.termsPerItem)
      terms.sort { $0.term < $1.term }
    }
    return WeightedItem(terms: terms, length: max(squares.squareRoot(), .leastNormalMagnitude))
  }

  /// The nearest theme by cosine; the older one of two that are equally near.
  mutating func nearest(
    to item: WeightedItem,
    where isWanted: (Theme) -> Bool = { _ in true }
  ) -> (theme: ThemeNumber, similarity: Double)? {
    var best: (theme: ThemeNumber, similarity: Double)?
    index.forEachDotProduct(with: item.terms) { slot, dot in
      guard let theme = slots[Int(slot)], theme.length > 0, isWanted(theme) else { return }
      let similarity = dot / (item.length * theme.length)
      if let known = best {
        guard similarity > known.similarity || (similarity == known.similarity && theme.number < known.theme) else {
          return
        }
      }
      best = (theme.number, similarity)
    }
    return best
  }

  /// How near an item has to be to join: more the larger the theme's share of everything has become.
  func threshold(of number: ThemeNumber) -> Double {
    guard let theme = self[number] else { return 1 }
    // Shares of the first few items mean nothing.
    let share = Double(theme.items) / Double(max(clock, 200))
    let crowding = max(0, share - configuration.crowdedShare)
    return min(1, configuration.joinThreshold + crowding * configuration.crowdingSlope)
  }

  func length(of terms: [TermVector.Entry]) -> Double {
    terms.reduce(0.0) { sum, entry in
      let weight = Double(entry.weight) * frequencies.rarity(of: entry.term)
      return sum + weight * weight
    }.squareRoot()
  }

  /// Cuts a theme's terms back to the heaviest once there are twice too many.
  func cut(_ terms: inout [TermVector.Entry]) {
    guard terms.count > 2 * configuration.termsPerTheme else { return }
    let ranked = terms.map { (entry: $0, weight: Double($0.weight) * frequencies.rarity(of: $0.term)) }
      .sorted { $0.weight == $1.weight ? $0.entry.term < $1.entry.term : $0.weight > $1.weight }
    terms = ranked.prefix(configuration.termsPerTheme).map(\.entry).sorted { $0.term < $1.term }
  }

  /// Rarities drift as items come in, so lengths are worked out anew whenever the clock has grown by a fifth.
  var isReviewDue: Bool {
    guard clock > 1 else { return true }
    let step = log(1.2)
    return (log(Double(clock)) / step).rounded(.down) > (log(Double(clock - 1)) / step).rounded(.down)
  }

  mutating func reviewLengths() {
    frequencies.trim(to: configuration.maximumTerms)
    for slot in slots.indices {
      guard var theme = slots[slot] else { continue }
      theme.length = length(of: theme.terms)
      slots[slot] = theme
      changed.insert(theme.number)
    }
  }
}
