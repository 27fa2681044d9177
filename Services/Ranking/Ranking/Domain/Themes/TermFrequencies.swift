import Foundation

/// In how many items of a programme each term has stood: what makes a word rare, learned as feedback streams in.
package struct TermFrequencies: Sendable {
  package private(set) var items: Int
  package private(set) var counts: [Term: UInt32]
  /// Terms counted otherwise since `markSaved`; nil where so many were forgotten that all have to be saved.
  package private(set) var changed: Set<Term>? = []

  package init(items: Int = 0, counts: [Term: UInt32] = [:]) {
    self.items = items
    self.counts = counts
  }

  /// How much a term tells: √ln(1 + (N + ½) ÷ (n + ½)), never zero or infinite.
  ///
  /// The root, because a product of two vectors applies it twice, and inverse document frequency squared lets a word
  /// seen twice drown what the text is about (airline reasons: V-measure .20 with the root, .17 without).
  package func rarity(of term: Term) -> Double {
    let seen = Double(counts[term] ?? 0)
    return log(1 + (Double(items) + 0.5) / (seen + 0.5)).squareRoot()
  }

  package mutating func add(_ vector: TermVector) {
    items += 1
    for entry in vector.entries {
      counts[entry.term, default: 0] += 1
      changed?.insert(entry.term)
    }
  }

  /// Forgets an item that was erased or is about to be counted anew.
  package mutating func remove(_ vector: TermVector) {
    items = max(0, items - 1)
    for entry in vector.entries {
      guard let count = counts[entry.term] else { continue }
      counts[entry.term] = count > 1 ? count - 1 : nil
      changed?.insert(entry.term)
    }
  }

  /// Above `limit`, forgets the terms that were seen once, then twice and so on, until at most half of it are left.
  package mutating func trim(to limit: Int) {
    guard counts.count > limit else { return }
    var floor: UInt32 = 1
    while counts.count > limit / 2 {
      counts = counts.filter { $0.value > floor }
      floor += 1
    }
    changed = nil
  }

  package mutating func markSaved() { changed = [] }
}
