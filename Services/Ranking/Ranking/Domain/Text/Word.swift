/// One word of a text, as it counts and as it was written.
package struct Word: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Counts by itself and in pairs.
    case content
    /// Counts only in a pair with the content word right beside it.
    case particle
  }

  /// What it is counted as.
  package let stem: String
  /// As it was written, in lower case.
  package let written: String
  package let kind: Kind
  /// Words of the text before it that were left out count too, so that neighbours are known.
  package let place: Int
  /// Counts up at punctuation: pairs don't reach across.
  package let clause: Int
}

extension Word {
  /// The words of a text that matter, in order.
  ///
  /// Handles, addresses, HTML entities, digits, stop words and function words are left out. English is stemmed; other
  /// languages are counted as written.
  /// - Parameter language: a BCP 47 tag; `und` is read as English, the language of most that doesn't say.
  package static func words(of text: String, language: String) -> [Word] {
    let isEnglish = language.hasPrefix("en") || language == "und" || language.isEmpty
    let functionWords = isEnglish ? [] : FunctionWords.of(language)
    var words: [Word] = []
    var scanner = WordScanner(text)
    var place = 0
    while let token = scanner.next() {
      place += 1
      guard !functionWords.contains(token.text), let word = word(token, place: place, isEnglish: isEnglish) else {
        continue
      }
      words.append(word)
      if words.count == longestText { break }
    }
    return words
  }

  /// Texts are read up to this many words that matter: a complaint's first page says what it is about.
  static let longestText = 400

  private static func word(_ token: WordScanner.Token, place: Int, isEnglish: Bool) -> Word? {
    func make(_ stem: String, _ written: String, _ kind: Kind) -> Word {
      Word(stem: stem, written: written, kind: kind, place: place, clause: token.clause)
    }
    guard isEnglish else {
      return token.text.unicodeScalars.count > 1 ? make(token.text, token.text, .content) : nil
    }
    if EnglishWords.negations.contains(token.text) { return make("not", token.text, .particle) }
    let text = token.text.firstIndex(of: "'").map { String(token.text[..<$0]) } ?? token.text
    guard text.utf8.count > 1 else { return nil }
    if EnglishWords.particles.contains(text) { return make(text, text, .particle) }
    guard !EnglishWords.stop.contains(text) else { return nil }
    return make(EnglishStemmer.stem(text), text, .content)
  }
}
