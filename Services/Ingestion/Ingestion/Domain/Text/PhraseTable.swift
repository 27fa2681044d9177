/// Phrases of one or more words, each with what it means, found at word boundaries in one pass over a text.
struct PhraseTable<Meaning: Sendable>: Sendable {
  private struct Entry: Sendable {
    var words: [String]
    var meaning: Meaning
  }

  struct Match {
    var range: Range<Int>
    var meaning: Meaning
  }

  private var entriesByFirstWord: [String: [Entry]] = [:]

  /// - Parameter phrases: by meaning, phrases in lower case, their words parted by single spaces.
  init(_ phrases: [(Meaning, [String])]) {
    for (meaning, texts) in phrases {
      for text in texts {
        let words = text.split(separator: " ").map(String.init)
        entriesByFirstWord[words[0], default: []].append(Entry(words: words, meaning: meaning))
      }
    }
  }

  /// All phrases that occur, in the order of their first words. No phrase reaches across the end of a sentence.
  func matches(in words: [Words.Word]) -> [Match] {
    var matches: [Match] = []
    for (index, word) in words.enumerated() {
      for entry in entriesByFirstWord[word.text] ?? [] where occurs(entry, in: words, at: index) {
        matches.append(Match(range: index..<index + entry.words.count, meaning: entry.meaning))
      }
    }
    return matches
  }

  private func occurs(_ entry: Entry, in words: [Words.Word], at start: Int) -> Bool {
    guard start + entry.words.count <= words.count else { return false }
    for offset in 1..<max(1, entry.words.count) {
      let word = words[start + offset]
      guard word.text == entry.words[offset], !word.startsClause else { return false }
    }
    return true
  }
}
