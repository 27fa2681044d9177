import Foundation

/// What to call a theme, and the words that set it apart.
package struct ThemeDescription: Hashable, Sendable {
  package var title: String
  package var keywords: [String]
}

extension ThemeModel {
  /// Names a theme by what its items say and others don't.
  ///
  /// Terms are ranked by class-based TF-IDF (Grootendorst 2022): share of the theme × ln(1 + A ÷ f), f the term's
  /// weight over all themes and A the mean weight of a theme. They are shown as they were most often written.
  /// - Parameter sample: the words of some of its items; where it is empty, so is the description.
  package func describe(_ number: ThemeNumber, sample: [[Word]]) -> ThemeDescription {
    let written = WrittenForms(sample)
    // What only one of many says may be anything, a name for example.
    let fewest = max(sample.count < 3 ? 1 : 2, sample.count / 12)
    var phrases: [Phrase] = []
    for (term, score) in distinctiveness(of: number) {
      guard let form = written[term], form.items >= fewest else { continue }
      phrases.append(Phrase(form: form, score: score))
    }
    phrases.sort { $0.score == $1.score ? $0.text < $1.text : $0.score > $1.score }
    return ThemeDescription(title: title(from: phrases), keywords: keywords(from: phrases))
  }

  /// Share of the theme × how far other themes go without it, by term.
  func distinctiveness(of number: ThemeNumber) -> [(term: Term, score: Double)] {
    guard let theme = self[number] else { return [] }
    let mass = theme.terms.reduce(0) { $0 + Double($1.weight) }
    let meanMass = 1.5 * Double(clock) / Double(max(1, slotOf.count))
    return theme.terms.map { entry in
      let everywhere = index.weights(of: entry.term).reduce(0) { $0 + Double($1) }
      return (entry.term, Double(entry.weight) / mass * log(1 + meanMass / max(everywhere, .leastNormalMagnitude)))
    }
  }

  private struct Phrase {
    let text: String
    let stems: Set<String>
    let items: Int
    let score: Double
    /// It stands in for a word of its own where this many times its items are as many: negations are in every third
    /// sentence and have to earn it.
    var commonness: Int { stems.contains("not") ? 2 : 3 }

    init(form: WrittenForms.Form, score: Double) {
      text = form.text
      stems = form.stems
      items = form.items
      self.score = score
    }
  }

  /// Up to two phrases. A pair of words says more than the word alone, where it is said often enough.
  private func title(from phrases: [Phrase]) -> String {
    var chosen: [Phrase] = []
    for phrase in phrases where chosen.count < 2 {
      let fuller = phrases.first {
        $0.stems.count > phrase.stems.count && $0.stems.isSuperset(of: phrase.stems)
          && $0.commonness * $0.items >= phrase.items
      }
      let candidate = fuller ?? phrase
      guard chosen.allSatisfy({ $0.stems.isDisjoint(with: candidate.stems) }) else { continue }
      // A second phrase has to carry its weight, and to set the theme apart too; less so beside a single word.
      if let first = chosen.first {
        let scarcity = first.stems.count == 1 ? 6.0 : 3
        if 4 * candidate.items < first.items || scarcity * phrase.score < first.score { continue }
      }
      chosen.append(candidate)
    }
    let text = chosen.map(\.text).joined(separator: ", ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private func keywords(from phrases: [Phrase]) -> [String] {
    phrases.prefix(ThemeModel.keywordCount).map(\.text)
  }

  private static let keywordCount = 8
}

/// How terms were written, most often.
private struct WrittenForms {
  struct Form {
    var text = ""
    var stems: Set<String> = []
    /// In how many of the texts.
    var items = 0
  }

  private var forms: [Term: (stems: Set<String>, items: Int, texts: [String: Int])] = [:]

  init(_ sample: [[Word]]) {
    for words in sample {
      var seen: Set<Term> = []
      for word in words where word.kind == .content {
        note(Term(word.stem), [word.stem], word.written, &seen)
      }
      for pair in WordPair.pairs(in: words) {
        note(pair.term, [pair.first.stem, pair.second.stem], pair.written, &seen)
      }
    }
  }

  private mutating func note(_ term: Term, _ stems: Set<String>, _ text: String, _ seen: inout Set<Term>) {
    var form = forms[term] ?? (stems, 0, [:])
    form.texts[text, default: 0] += 1
    if seen.insert(term).inserted { form.items += 1 }
    forms[term] = form
  }

  subscript(term: Term) -> Form? {
    guard let form = forms[term],
      let text = form.texts.max(by: { $0.value == $1.value ? $0.key > $1.key : $0.value < $1.value })?.key
    else { return nil }
    return Form(text: text, stems: form.stems, items: form.items)
  }
}
