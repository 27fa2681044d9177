/// Which themes have a term, and how heavily: finding the nearest costs the themes that share a word with the item,
/// not all of them, and never the items.
struct ThemeIndex: Sendable {
  struct Posting: Sendable {
    let slot: Int32
    var weight: Float
  }

  private var postings: [Term: [Posting]] = [:]
  private var dots: [Double] = []
  private var touched: [Int32] = []

  mutating func reserve(slots: Int) {
    if dots.count < slots { dots.append(contentsOf: repeatElement(0, count: slots - dots.count)) }
  }

  /// Replaces what a slot is found by; both lists are ordered by term.
  mutating func update(slot: Int32, from old: [TermVector.Entry], to new: [TermVector.Entry]) {
    var left = 0
    var right = 0
    while left < old.count || right < new.count {
      if right == new.count || (left < old.count && old[left].term < new[right].term) {
        remove(slot, from: old[left].term)
        left += 1
      } else if left == old.count || new[right].term < old[left].term {
        postings[new[right].term, default: []].append(Posting(slot: slot, weight: new[right].weight))
        right += 1
      } else {
        if old[left].weight != new[right].weight { reweigh(slot, new[right]) }
        left += 1
        right += 1
      }
    }
  }

  private mutating func remove(_ slot: Int32, from term: Term) {
    postings[term]?.removeAll { $0.slot == slot }
    if postings[term]?.isEmpty == true { postings[term] = nil }
  }

  private mutating func reweigh(_ slot: Int32, _ entry: TermVector.Entry) {
    guard let at = postings[entry.term]?.firstIndex(where: { $0.slot == slot }) else { return }
    postings[entry.term]?[at].weight = entry.weight
  }

  /// Dot products with every theme that shares a term: sums run in the order of `weights`, so that they come out the
  /// same whatever order themes were loaded in.
  mutating func forEachDotProduct(with weights: [(term: Term, weight: Double)], _ body: (Int32, Double) -> Void) {
    for (term, weight) in weights {
      for posting in postings[term] ?? [] {
        if dots[Int(posting.slot)] == 0 { touched.append(posting.slot) }
        dots[Int(posting.slot)] += weight * Double(posting.weight)
      }
    }
    for slot in touched {
      body(slot, dots[Int(slot)])
      dots[Int(slot)] = 0
    }
    touched.removeAll(keepingCapacity: true)
  }

  /// The themes that have at least one of the terms.
  func slots(sharing terms: [Term]) -> Set<Int32> {
    terms.reduce(into: []) { slots, term in
      for posting in postings[term] ?? [] { slots.insert(posting.slot) }
    }
  }
}
