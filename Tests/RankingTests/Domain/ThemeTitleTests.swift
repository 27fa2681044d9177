import Contracts
import TestSupport
import Testing

@testable import Ranking

@Suite struct ThemeTitleTests {
  /// Counts the words of a programme's items; the first part of each is one theme.
  private func model(_ texts: [String], among others: [String]) -> ThemeModel {
    var frequencies = TermFrequencies()
    for text in texts + others { frequencies.add(Corpus.vector(text)) }
    return ThemeModel(frequencies: frequencies)
  }

  private func verbatims(_ texts: [String], severity: Double = 0.6) -> [Verbatim] {
    texts.enumerated().map { index, text in
      Verbatim(
        feedback: ID("f\(index)"),
        customer: nil,
        words: Word.words(of: text, language: "en"),
        severity: severity
      )
    }
  }

  private let router = ["The router reboots", "Router reboots again", "Reboot of my router", "Router rebooted"]
  private let parcels = [
    "My parcel is late", "Parcel came late again", "The parcel was left outside", "Where is my parcel",
    "Driver left the parcel at the wrong door", "Invoice for a parcel I never got", "The invoice is wrong",
  ]

  @Test func aThemeIsNamedByWhatOthersDoNotSay() {
    var configuration = ThemeConfiguration()
    configuration.crowdedShare = 0.5
    var model = ThemeModel(configuration: configuration)
    var texts: [ThemeNumber: [String]] = [:]
    for (_, text) in Corpus.items(200, seed: 11) {
      if let theme = model.place(Corpus.vector(text)).theme { texts[theme, default: []].append(text) }
    }
    let hold = model.search(Corpus.vector("on hold with the hotline"), limit: 1).first?.theme
    let description = model.describe(verbatims(hold.flatMap { texts[$0] } ?? []))
    #expect(description.title.lowercased().contains("hold"))
    #expect(description.title.first?.isUppercase == true)
    #expect((1...4).contains(description.title.split(separator: " ").count))
    #expect(description.keywords.contains { $0.contains("hotline") })
    #expect(model.describe([]) == ThemeDescription(title: "", keywords: []))
  }

  @Test func aPairCountsInEitherOrderAndIsWrittenAsMostOften() {
    let texts = ["My flight was cancelled", "Cancelled flight", "Flight cancelled once more", "Flight was cancelled"]
    #expect(model(texts, among: parcels).describe(verbatims(texts)).title == "Flight cancelled")
  }

  @Test func whatAbbreviatesOrBreaksOffIsNoTitle() {
    let texts = ["DM me. The update on it", "dm! Update on the refund", "Refund: dm. And update on"]
    let title = model(texts, among: parcels).describe(verbatims(texts)).title
    #expect(title.lowercased().contains("update") && !title.lowercased().contains("dm"))
    #expect(!title.lowercased().hasSuffix(" on") && !title.lowercased().contains(" on,"))
    // Where there is nothing else, an abbreviation is better than no name.
    #expect(model(["dm", "DM"], among: parcels).describe(verbatims(["dm", "DM"])).title == "Dm")
  }

  @Test func whatHurtsNamesTheTheme() {
    let praise = ["Great crew on board", "The crew sang for us", "Crew sang", "Crew sang again"]
    let blame = ["The crew shouted at us", "Crew shouted"]
    let sample = verbatims(praise, severity: 0.03) + verbatims(blame, severity: 0.9)
    #expect(model(praise + blame, among: parcels).describe(sample).title == "Crew shouted")
  }

  @Test func aThemeThatIsAllThereIsHasANameToo() {
    #expect(!model(router, among: []).describe(verbatims(router)).title.isEmpty)
  }

  @Test func aTitleChangesOnlyWhenAnotherTellsMuchMore() {
    let model = model(router, among: parcels)
    let fresh = model.describe(verbatims(router)).title
    #expect(fresh == "Router reboots")
    // As good, and written otherwise: it stays.
    #expect(model.describe(verbatims(router), called: "Reboot router").title == "Reboot router")
    // Nobody says it any more.
    #expect(model.describe(verbatims(router), called: "Router smokes").title == fresh)
    #expect(model.describe(verbatims(router), called: "Invoice").title == fresh)
  }

  @Test(arguments: Seeds.fresh(4))
  func theOrderOfTheSampleMakesNoDifference(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let texts = Corpus.items(60, seed: seed).map(\.text)
    let model = model(texts, among: parcels)
    let description = model.describe(verbatims(texts))
    #expect(model.describe(verbatims(texts).shuffled(using: &generator)) == description)
  }

  @Test func quotesShowWhatHurtsRatherThanPraise() throws {
    var model = ThemeModel()
    let texts = ["The crew on board was rude to everybody", "The crew on board was lovely to everybody"]
    for _ in 0..<3 { for text in texts { _ = model.place(Corpus.vector(text)) } }
    let number = try #require(model.themes.first?.number)
    let sample = [
      Verbatim(feedback: "praise", customer: "a", words: Word.words(of: texts[1], language: "en"), severity: 0.03),
      Verbatim(feedback: "blame", customer: "b", words: Word.words(of: texts[0], language: "en"), severity: 0.7),
    ]
    #expect(RepresentativeQuotes.choose(1, from: sample, of: number, in: model) == ["blame"])
  }
}
