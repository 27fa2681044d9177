/// Numbers a theme within its programme, in the order of opening; an older theme wins a tie.
package struct ThemeNumber: Hashable, Comparable, Sendable {
  package let rawValue: Int

  package init(_ rawValue: Int) {
    self.rawValue = rawValue
  }

  package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// A group of feedback in the making: the sum of its items' unit vectors, cut to its heaviest terms.
package struct Theme: Hashable, Sendable {
  package let number: ThemeNumber
  /// It has been seen often enough, and people may know it by an id.
  package var isOpportunity: Bool
  /// A person named or pinned it: it is never retired.
  package var isProtected: Bool
  package var items: Int
  /// The count of the programme's items when it last took one in.
  package var lastItem: Int
  /// Ordered by term; weights without rarity, which is applied when comparing.
  package var terms: [TermVector.Entry]
  /// Euclidean length of the terms weighted by rarity, as of the last change or general review.
  package var length: Double

  package init(
    number: ThemeNumber,
    isOpportunity: Bool = false,
    isProtected: Bool = false,
    items: Int = 0,
    lastItem: Int = 0,
    terms: [TermVector.Entry] = [],
    length: Double = 0
  ) {
    self.number = number
    self.isOpportunity = isOpportunity
    self.isProtected = isProtected
    self.items = items
    self.lastItem = lastItem
    self.terms = terms
    self.length = length
  }

  /// Takes an item out of a theme that has ended.
  package mutating func remove(_ vector: TermVector, scale: Float) {
    items = max(0, items - 1)
    add(vector.entries, scale: -scale)
  }

  /// Takes another theme out of one that has ended.
  package mutating func remove(_ part: Theme) {
    items = max(0, items - part.items)
    add(part.terms, scale: -1)
  }

  /// Adds `scale` times the other terms; terms that fall to nothing go.
  mutating func add(_ others: [TermVector.Entry], scale: Float) {
    var sum: [TermVector.Entry] = []
    sum.reserveCapacity(terms.count + others.count)
    var left = 0
    var right = 0
    while left < terms.count || right < others.count {
      if right == others.count || (left < terms.count && terms[left].term < others[right].term) {
        sum.append(terms[left])
        left += 1
      } else if left == terms.count || others[right].term < terms[left].term {
        if scale > 0 { sum.append(.init(term: others[right].term, weight: others[right].weight * scale)) }
        right += 1
      } else {
        let weight = terms[left].weight + others[right].weight * scale
        if weight > Theme.nothing { sum.append(.init(term: terms[left].term, weight: weight)) }
        left += 1
        right += 1
      }
    }
    terms = sum
  }

  /// What rounding leaves of a term when the last item that had it is taken out.
  private static let nothing: Float = 1e-5
}
