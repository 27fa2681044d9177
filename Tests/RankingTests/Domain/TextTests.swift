import Testing

@testable import Ranking

@Suite struct TextTests {
  /// Examples from Porter's paper (1980), each after all steps.
  @Test(arguments: [
    ("caresses", "caress"), ("ponies", "poni"), ("cats", "cat"), ("feed", "feed"), ("agreed", "agre"),
    ("plastered", "plaster"), ("bled", "bled"), ("motoring", "motor"), ("sing", "sing"), ("conflated", "conflat"),
    ("troubled", "troubl"), ("sized", "size"), ("hopping", "hop"), ("falling", "fall"), ("hissing", "hiss"),
    ("failing", "fail"), ("filing", "file"), ("happy", "happi"), ("sky", "sky"), ("relational", "relat"),
    ("conditional", "condit"), ("digitizer", "digit"), ("operator", "oper"), ("feudalism", "feudal"),
    ("decisiveness", "decis"), ("hopefulness", "hope"), ("formality", "formal"), ("sensibility", "sensibl"),
    ("triplicate", "triplic"), ("formative", "form"), ("formalize", "formal"), ("electrical", "electr"),
    ("goodness", "good"), ("revival", "reviv"), ("allowance", "allow"), ("adjustment", "adjust"),
    ("adoption", "adopt"), ("probate", "probat"), ("rate", "rate"), ("cease", "ceas"), ("controlling", "control"),
    ("roll", "roll"),
  ])
  func stemsAreThoseOfThePaper(word: String, stem: String) {
    #expect(EnglishStemmer.stem(word) == stem)
  }

  private func stems(_ text: String, _ language: String = "en") -> [String] {
    Word.words(of: text, language: language).map(\.stem)
  }

  @Test func delaysAreOneWordHoweverTheyAreWritten() {
    #expect(Set(stems("delayed DELAYS delay Delaying")) == ["delai"])
  }

  @Test func handlesAddressesEntitiesAndNumbersAreNoWords() {
    #expect(stems("@SomeAir_2 see https://t.co/x?y=1 www.example.org/a b4 UA881 &amp; &#39; 42 luggage") == ["luggag"])
  }

  @Test func shoutingIsNoOtherWord() {
    #expect(stems("delaaaaayed") == stems("delayed"))
  }

  @Test func aTextWithoutWordsIsEmpty() {
    for text in ["", "   ", "🙂🙂", "!!! 12 ...", "the and of", "&", "@", "n/a"] {
      #expect(TermVector(Word.words(of: text, language: "en")).isEmpty, "\(text)")
    }
  }

  @Test func otherScriptsAreReadAsTheyAreWritten() {
    #expect(stems("تأخرت الرحلة كثيرا", "ar") == ["تأخرت", "الرحلة", "كثيرا"])
    #expect(stems("Koffer fehlen", "de") == ["koffer", "fehlen"])
    // Composed and decomposed é are one letter.
    #expect(stems("caf\u{E9}", "fr") == stems("cafe\u{301}", "fr"))
    #expect(stems("It’s the luggage’s fault") == stems("It's the luggage's fault"))
  }

  @Test(arguments: [
    ("Der Koffer ist noch nicht da", "de-AT", ["koffer", "nicht"]),
    ("La valise n'est pas là", "fr", ["valise", "pas"]),
    ("La maleta no ha llegado", "es-MX", ["maleta", "no", "llegado"]),
    ("لماذا تأخرت الرحلة", "ar", ["تأخرت", "الرحلة"]),
    ("De koffer is er nog niet", "nl", ["koffer", "niet"]), ("Walizki jeszcze nie ma", "pl", ["walizki", "nie"]),
    ("La valigia non è arrivata", "it", ["valigia", "non", "arrivata"]),
    ("A mala não chegou", "pt_BR", ["mala", "não", "chegou"]),
    ("Kufři jsou pryč", "cs", ["kufři", "jsou", "pryč"]),
  ])
  func functionWordsOfTheLanguageAreLeftOut(text: String, language: String, kept: [String]) {
    #expect(stems(text, language) == kept)
  }

  @Test func pairsKeepWhatSingleWordsLose() {
    let pairs = WordPair.pairs(in: Word.words(of: "I was on hold. They lost my bag, it can't connect", language: "en"))
    #expect(pairs.map(\.written) == ["on hold", "lost bag", "can't connect"])
    let negated = WordPair.pairs(in: Word.words(of: "it is not connecting", language: "en"))
    #expect(negated.map(\.term) == [pairs[2].term])
  }

  @Test func longTextsAreReadOnlySoFar() {
    let text = String(repeating: "luggage missing ", count: 50_000)
    #expect(Word.words(of: text, language: "en").count == 400)
  }

  @Test func everyScalarIsSurvived() {
    // Each by itself and between letters: the scanner reads bytes, and none may throw it off its course.
    for value in stride(from: UInt32(1), to: 0x11_0000, by: 37) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let words = Word.words(of: "luggage \(scalar) missing", language: "en").map(\.stem)
      #expect(words.first == "luggag" && words.last == "miss")
    }
  }
}
