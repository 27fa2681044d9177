package import Contracts

/// Chooses the verbatims that show best what a theme is about.
package enum RepresentativeQuotes {
  /// Those that are near the middle of the theme and hurt, each saying something of its own, from different customers.
  package static func choose(
    _ count: Int,
    from verbatims: [Verbatim],
    of theme: ThemeNumber,
    in model: ThemeModel
  ) -> [ID<Feedback>] {
    // One or two words hit the middle of a theme and explain nothing: they are for when there is nothing else.
    let telling = verbatims.filter { $0.words.count >= 3 }
    let ranked = (telling.isEmpty ? verbatims : telling).map { verbatim in
      (verbatim: verbatim, merit: merit(of: verbatim, in: theme, of: model))
    }
    .sorted { $0.merit == $1.merit ? $0.verbatim.feedback < $1.verbatim.feedback : $0.merit > $1.merit }
    var chosen: [Verbatim] = []
    for (verbatim, _) in ranked where chosen.count < count {
      let isDistinct = chosen.allSatisfy { other in
        (other.customer == nil || other.customer != verbatim.customer)
          && overlap(verbatim.vector, other.vector) < mostOverlap
      }
      if isDistinct { chosen.append(verbatim) }
    }
    return chosen.map(\.feedback)
  }

  /// What is praised asks for no change, so that praise shows what a theme is about only where there is nothing else.
  private static func merit(of verbatim: Verbatim, in theme: ThemeNumber, of model: ThemeModel) -> Double {
    model.similarity(of: verbatim.vector, to: theme) * fullness(verbatim.words) * verbatim.voice.squareRoot()
  }

  /// Few words leave most of it out, and many bury it.
  private static func fullness(_ words: [Word]) -> Double {
    let count = Double(words.count)
    return min(1, count / 6) * min(1, 30 / max(count, 1))
  }

  private static let mostOverlap = 0.6

  /// Jaccard similarity of the terms.
  private static func overlap(_ one: TermVector, _ other: TermVector) -> Double {
    let terms = Set(one.entries.map(\.term))
    let others = Set(other.entries.map(\.term))
    guard !terms.isEmpty || !others.isEmpty else { return 1 }
    return Double(terms.intersection(others).count) / Double(terms.union(others).count)
  }
}

extension ThemeModel {
  /// Cosine of a text to a theme.
  package func similarity(of vector: TermVector, to number: ThemeNumber) -> Double {
    guard let theme = self[number], theme.length > 0, !vector.isEmpty else { return 0 }
    return similarity(of: weigh(vector), to: theme)
  }

  /// Cosine to the nearest other opportunity, 0 where there is none: how near a theme is to being said already.
  package func nearnessToOthers(of number: ThemeNumber) -> Double {
    guard let theme = self[number], !theme.terms.isEmpty else { return 0 }
    return search(TermVector(entries: theme.terms), limit: 2).first { $0.theme != number }?.similarity ?? 0
  }

  private func similarity(of item: WeightedItem, to theme: Theme) -> Double {
    var dot = 0.0
    var at = theme.terms.startIndex
    for (term, weight) in item.terms {
      while at < theme.terms.endIndex, theme.terms[at].term < term { at += 1 }
      guard at < theme.terms.endIndex else { break }
      if theme.terms[at].term == term { dot += weight * Double(theme.terms[at].weight) }
    }
    return min(1, dot / (item.length * theme.length))
  }

  /// The opportunities nearest to a text, nearest first.
  package func search(_ vector: TermVector, limit: Int) -> [(theme: ThemeNumber, similarity: Double)] {
    guard !vector.isEmpty else { return [] }
    let item = weigh(vector)
    let found = index.slots(sharing: item.terms.map(\.term)).compactMap { slot -> (ThemeNumber, Double)? in
      guard let theme = slots[Int(slot)], theme.isOpportunity, theme.length > 0 else { return nil }
      return (theme.number, similarity(of: item, to: theme))
    }
    .sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
    return found.prefix(limit).map { (theme: $0.0, similarity: $0.1) }
  }
}
