import Contracts
import TestSupport
import Testing

@testable import Ranking

@Suite struct ThemeModelTests {
  private var small: ThemeConfiguration {
    var configuration = ThemeConfiguration()
    configuration.itemsToOpen = 3
    configuration.maximumCandidates = 20
    configuration.maximumOpportunities = 8
    configuration.termsPerTheme = 10
    configuration.maximumTerms = 150
    configuration.crowdedShare = 0.5
    return configuration
  }

  @Test(arguments: Seeds.fresh(4))
  func itemsOfOneThemeComeTogetherAndOthersDoNot(seed: UInt64) {
    var configuration = ThemeConfiguration()
    configuration.crowdedShare = 0.5
    var model = ThemeModel(configuration: configuration)
    var goldOf: [ThemeNumber: [Int: Int]] = [:]
    let items = Corpus.items(300, seed: seed)
    for (theme, text) in items {
      guard let number = model.place(Corpus.vector(text)).theme else { continue }
      goldOf[number, default: [:]][theme, default: 0] += 1
    }
    let opened = goldOf.filter { model[$0.key]?.isOpportunity == true }
    let pure = opened.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
    let themed = opened.values.reduce(0) { $0 + $1.values.reduce(0, +) }
    #expect(Double(pure) >= 0.95 * Double(themed), "themes are mixed")
    #expect(Double(themed) >= 0.85 * Double(items.count), "items are left out")
    #expect(Set(opened.values.compactMap { $0.max { $0.value < $1.value }?.key }) == Set(0..<5))
  }

  @Test(arguments: Seeds.fresh(6))
  func aModelThatWasReadAgainGoesOnAsIfItHadNot(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var kept = ThemeModel(configuration: small)
    var reread = kept
    for (_, text) in noisy(400, seed: seed) {
      let vector = Corpus.vector(text)
      #expect(kept.place(vector) == reread.place(vector))
      if generator.happens(0.1) { reread = copy(of: reread) }
    }
    #expect(kept.themes == reread.themes)
  }

  private func copy(of model: ThemeModel) -> ThemeModel {
    ThemeModel(
      configuration: model.configuration,
      frequencies: TermFrequencies(items: model.frequencies.items, counts: model.frequencies.counts),
      themes: model.themes.shuffled(),
      nextNumber: model.nextNumber,
      clock: model.clock
    )
  }

  /// Themes among chatter that belongs nowhere.
  private func noisy(_ count: Int, seed: UInt64) -> [(theme: Int, text: String)] {
    var generator = SeededGenerator(seed: seed)
    let syllables = ["ba", "do", "ki", "lu", "me", "no", "pra", "sti", "tra", "vo"]
    return Corpus.items(count, seed: seed).map { item in
      guard generator.happens(0.4) else { return item }
      let words = (0..<6).map { _ in
        (0..<3).map { _ in syllables.randomElement(using: &generator) ?? "" }.joined()
      }
      return (-1, words.joined(separator: " "))
    }
  }

  @Test(arguments: Seeds.fresh(3))
  func nothingGrowsWithoutBound(seed: UInt64) {
    var model = ThemeModel(configuration: small)
    var dissolved = 0
    for (_, text) in noisy(1500, seed: seed) {
      dissolved += model.place(Corpus.vector(text)).effects.dissolved.count
      let candidates = model.themes.count { !$0.isOpportunity }
      #expect(candidates <= small.maximumCandidates)
      #expect(model.themes.count - candidates <= small.maximumOpportunities)
      #expect(model.themes.allSatisfy { $0.terms.count <= 2 * small.termsPerTheme })
    }
    #expect(dissolved > 0)
    // Between two reviews, items of a fifth of the clock add their terms.
    #expect(model.frequencies.counts.count < 20 * 1500 / 5 + small.maximumTerms)
  }

  @Test func aThemeThatTakesOverGetsChoosy() {
    var configuration = ThemeConfiguration()
    configuration.joinThreshold = 0.2
    var model = ThemeModel(configuration: configuration)
    // Everything shares one word; only the crowd guard can keep it from being one theme.
    for index in 0..<1000 {
      _ = model.place(
        Corpus.vector("flight \(Corpus.themes[index % 5].openings[0]) \(Corpus.themes[index / 5 % 5].endings[0])")
      )
    }
    let largest = model.themes.map(\.items).max() ?? 0
    #expect(largest < 400)
  }

  @Test func aRetiredThemeIsTheOneSilentLongestAndNeverAProtectedOne() throws {
    var configuration = small
    configuration.maximumOpportunities = 3
    var model = ThemeModel(configuration: configuration)
    var numbers: [ThemeNumber] = []
    var retired: [ThemeNumber] = []
    for theme in 0..<5 {
      for _ in 0..<3 {
        let placement = model.place(Corpus.vector(Corpus.themes[theme].openings[0]))
        numbers += placement.effects.opened
        retired += placement.effects.retired
        if numbers.count == 1 { model.protect(numbers[0], true) }
      }
    }
    #expect(numbers.count == 5)
    #expect(retired == [numbers[1], numbers[2]])
    #expect(model[numbers[0]] != nil && model[numbers[1]] == nil)
  }

  @Test func whatIsTakenOutLeavesNoWordBehind() throws {
    var model = ThemeModel(configuration: small)
    let secret = Corpus.vector("They lost my luggage, xanthippe")
    for _ in 0..<5 { _ = model.place(Corpus.vector("They lost my luggage")) }
    let placement = model.place(secret)
    let theme = try #require(placement.theme)
    let term = Term(EnglishStemmer.stem("xanthippe"))
    #expect(model[theme]?.terms.contains { $0.term == term } == true)
    model.take(secret, scale: placement.scale, outOf: theme)
    model.forget(secret)
    #expect(model[theme]?.terms.contains { $0.term == term } == false)
    #expect(model.frequencies.counts[term] == nil)
    #expect(model[theme]?.items == 5)
  }

  @Test func aMergeThatIsUndoneGivesBothTheirItems() throws {
    var model = ThemeModel(configuration: small)
    var opened: [ThemeNumber] = []
    for theme in 0..<2 {
      for _ in 0..<4 { opened += model.place(Corpus.vector(Corpus.themes[theme].openings[0])).effects.opened }
    }
    let (one, other) = (opened[0], opened[1])
    let before = try #require(model[one])
    let part = try #require(model[other])
    model.merge(other, into: one)
    #expect(model[other] == nil && model[one]?.items == 8)
    #expect(model.place(Corpus.vector(Corpus.themes[1].openings[0])).theme == one)
    model.unmerge(part, outOf: one)
    #expect(model[one]?.items == 5 && model[other]?.items == 4)
    #expect(model.place(Corpus.vector(Corpus.themes[1].openings[0])).theme == other)
    #expect(model.similarity(of: TermVector(entries: before.terms), to: one) > 0.7)
  }

  @Test func searchFindsTheThemeThatATextIsNearTo() throws {
    var model = ThemeModel(configuration: small)
    for (_, text) in Corpus.items(100, seed: 3) { _ = model.place(Corpus.vector(text)) }
    let nearest = try #require(model.search(Corpus.vector("where is my suitcase"), limit: 5).first?.theme)
    let theme = try #require(model[nearest])
    #expect(theme.terms.contains { $0.term == Term(EnglishStemmer.stem("suitcase")) })
    #expect(model.search(Corpus.vector("zebra"), limit: 5).isEmpty)
  }

  @Test func quotesAreNearDistinctAndFromDifferentCustomers() throws {
    var model = ThemeModel(configuration: small)
    let texts = [
      "They lost my luggage at the carousel and nobody traced the bag",
      "They lost my luggage at the carousel and nobody traced the bag!",
      "Luggage", "My suitcase never arrived, the luggage belt stood empty all evening",
      "Luggage went missing between two flights, the desk was closed",
    ]
    var theme: ThemeNumber?
    for text in texts { theme = model.place(Corpus.vector(text)).theme ?? theme }
    let number = try #require(theme)
    let verbatims = texts.enumerated().map { index, text in
      Verbatim(
        feedback: ID("f\(index)"),
        customer: index == 4 ? "c3" : ID("c\(index)"),
        words: Word.words(of: text, language: "en"),
        severity: 0.6
      )
    }
    let chosen = RepresentativeQuotes.choose(3, from: verbatims, of: number, in: model)
    #expect(chosen.count >= 2 && !chosen.contains("f2"))
    #expect(!(chosen.contains("f0") && chosen.contains("f1")))
    #expect(!(chosen.contains("f3") && chosen.contains("f4")))
  }
}
