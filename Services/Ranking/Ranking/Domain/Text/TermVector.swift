import Foundation

/// A word or a pair of words, as 64 bits: FNV-1a (draft-eastlake-fnv) over the stems.
///
/// With the 200,000 terms of a large programme two share a number once in about a billion programmes.
package struct Term: Hashable, Comparable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  package init(_ stem: String) {
    rawValue = Term.hash(stem, from: 0xCBF2_9CE4_8422_2325)
  }

  /// A pair. The separator can't stand in a stem.
  package init(_ first: String, _ second: String) {
    rawValue = Term.hash(second, from: Term.hash("\u{1}", from: Term.hash(first, from: 0xCBF2_9CE4_8422_2325)))
  }

  private static func hash(_ text: String, from start: UInt64) -> UInt64 {
    text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// How often each term stands in a text: ordered by term, so that sums always run in the same order.
package struct TermVector: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package let term: Term
    /// Sublinear: 1 + ln(how often); a pair counts `pairShare` of a word.
    package let weight: Float
  }

  package private(set) var entries: [Entry]

  package var isEmpty: Bool { entries.isEmpty }

  /// What a pair weighs beside a word. A pair repeats what its words already said.
  package static let pairShare: Float = 0.8

  package init(entries: [Entry]) {
    self.entries = entries.sorted { $0.term < $1.term }
  }

  package init(_ words: [Word]) {
    var counts: [Term: (count: Float, share: Float)] = [:]
    for word in words where word.kind == .content {
      counts[Term(word.stem), default: (0, 1)].count += 1
    }
    for pair in WordPair.pairs(in: words) {
      counts[pair.term, default: (0, TermVector.pairShare)].count += 1
    }
    self.init(
      entries: counts.map { Entry(term: $0.key, weight: (1 + log($0.value.count)) * $0.value.share) }
    )
  }
}

/// Two words that stand beside each other in one clause.
package struct WordPair: Sendable {
  package let first: Word
  package let second: Word

  package var term: Term { Term(first.stem, second.stem) }
  package var written: String { first.written + " " + second.written }

  /// Content words make a pair across at most two words that were left out ("lost my bag"); a particle only with the
  /// content word right beside it ("on hold").
  package static func pairs(in words: [Word]) -> [WordPair] {
    zip(words, words.dropFirst()).compactMap { first, second in
      guard first.clause == second.clause else { return nil }
      let gap = second.place - first.place
      switch (first.kind, second.kind) {
      case (.content, .content): return gap <= 3 ? WordPair(first: first, second: second) : nil
      case (.particle, .content), (.content, .particle): return gap == 1 ? WordPair(first: first, second: second) : nil
      case (.particle, .particle): return nil
      }
    }
  }
}
