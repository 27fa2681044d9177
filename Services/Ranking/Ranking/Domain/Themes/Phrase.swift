import Foundation

/// A word, or a pair of words in either order, that may name a theme.
struct Phrase: Hashable, Sendable {
  /// As it is written most often, in lower case.
  let text: String
  /// All ways in which it is written.
  let forms: Set<String>
  let stems: Set<String>
  /// The part of the theme's voice that says it, 0 to 1.
  let share: Double
  /// How many times more often the theme says it than the whole programme does.
  let lift: Double

  /// What it adds to telling the theme from everything else: its part of the Kullback-Leibler divergence,
  /// share × ln(lift), with one added to the lift so that a theme which is all there is has a name too.
  var score: Double { share * log(1 + lift) }

  var isPair: Bool { stems.count > 1 }

  /// "dm" tells nobody anything, and "update on" and "drivers not" break off.
  var canStandAlone: Bool {
    guard text.utf8.count >= 3 else { return false }
    guard isPair, let last = text.split(separator: " ").last else { return true }
    return last != "on" && !EnglishWords.negations.contains(String(last))
  }
}

extension TermFrequencies {
  /// The words and pairs that some verbatims of a theme share, the most telling first.
  func phrases(of verbatims: [Verbatim]) -> [Phrase] {
    let counts = PhraseCounts(verbatims)
    // What only one of many says may be anything, a name for example.
    let fewest = max(verbatims.count < 3 ? 1 : 2, verbatims.count / 12)
    let voice = verbatims.reduce(0) { $0 + $1.voice }
    return counts.counts.values.filter { $0.verbatims >= fewest }
      .map { count in
        let seen = count.terms.reduce(0) { $0 + Double(self.counts[$1] ?? 0) }
        let share = count.voice / voice
        return Phrase(
          text: count.forms.max { $0.value == $1.value ? $0.key > $1.key : $0.value < $1.value }?.key ?? "",
          forms: Set(count.forms.keys),
          stems: count.stems,
          share: share,
          lift: share * Double(max(items, 1)) / max(seen, 1)
        )
      }
      .sorted { $0.score == $1.score ? $0.text < $1.text : $0.score > $1.score }
  }
}

/// How often each word and pair stands in some verbatims.
private struct PhraseCounts {
  struct Count {
    let stems: Set<String>
    /// What the programme counts it by: a pair has a term for either order.
    var terms: Set<Term> = []
    var verbatims = 0
    var voice = 0.0
    var forms: [String: Int] = [:]

    /// - Parameter voice: of the verbatim; nil where it has said this before.
    mutating func add(_ text: String, _ term: Term, voice: Double?) {
      terms.insert(term)
      forms[text, default: 0] += 1
      guard let voice else { return }
      verbatims += 1
      self.voice += voice
    }
  }

  private(set) var counts: [Term: Count] = [:]

  init(_ verbatims: [Verbatim]) {
    for verbatim in verbatims { add(verbatim) }
  }

  private mutating func add(_ verbatim: Verbatim) {
    var seen: Set<Term> = []
    for word in verbatim.words where word.kind == .content {
      let term = Term(word.stem)
      let voice = seen.insert(term).inserted ? verbatim.voice : nil
      counts[term, default: Count(stems: [word.stem])].add(word.written, term, voice: voice)
    }
    for pair in WordPair.pairs(in: verbatim.words) where pair.first.stem != pair.second.stem {
      let (one, other) = (pair.first.stem, pair.second.stem)
      let key = one < other ? pair.term : Term(other, one)
      let voice = seen.insert(key).inserted ? verbatim.voice : nil
      counts[key, default: Count(stems: [one, other])].add(pair.written, pair.term, voice: voice)
    }
  }
}
