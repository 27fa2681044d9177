import Contracts
import Testing

@testable import Ranking

@Suite struct StandingTests {
  /// Five teams; all expected values below were computed from these with NumPy and SciPy 1.17.1, formulas as in
  /// `CreditPrior` and `Standings`.
  private let teams: [TeamRecord] = [
    record("a", 60, [3, 1.25, 0.8, 5, 3]), record("b", 48, [0.9, 3]),
    record("c", 30, [3, 3, 1.25, 3.75, 2, 2, 0.7, 3]), record("d", 72, [0.5]), record("e", 24, [3]),
  ]

  private static func record(_ id: ID<Team>, _ exposure: Double, _ awards: [Double], people: Int? = 10) -> TeamRecord {
    TeamRecord(
      team: id,
      name: id.rawValue,
      people: people,
      exposureFTEMonths: exposure,
      awards: awards,
      counts: ["suggestion": awards.count]
    )
  }

  @Test func thePriorIsFittedByMoments() {
    let prior = CreditPrior(fitting: teams)
    #expect(abs(prior.meanRate - 0.167_307_692_307_692_3) < 1e-12)
    #expect(abs(prior.dispersion - 2.947_062_579_821_200_2) < 1e-12)
    #expect(abs(prior.shape - 0.756_955_560_308_485_2) < 1e-9)
    #expect(abs(prior.rate - 4.524_332_084_602_441) < 1e-9)
  }

  @Test func ratesAreShrunkenWithTheirIntervals() throws {
    let standings = Standings(ranking: teams, seed: "p/1").standings
    #expect(standings.map(\.team) == ["c", "a", "e", "b", "d"])
    let expected = [
      (0.483_016_611_634_946_14, 0.195_771_108_784_633_64, 0.897_720_726_155_388_3),
      (0.208_374_038_261_755_66, 0.069_425_476_148_810_42, 0.422_319_335_303_586_9),
      (0.140_110_004_086_574_06, 0.013_910_056_314_619_71, 0.408_558_471_896_900_87),
      (0.099_958_365_777_687_75, 0.012_863_550_800_215_786, 0.274_378_636_699_015_24),
      (0.032_001_449_996_315_82, 0.000_630_562_346_390_741_6, 0.122_001_388_733_277_44),
    ]
    for (standing, (rate, low, high)) in zip(standings, expected) {
      #expect(abs(standing.rate - rate) < 1e-9)
      #expect(abs(standing.rateLow - low) < 1e-9)
      #expect(abs(standing.rateHigh - high) < 1e-9)
    }
  }

  /// Tails by scipy.special: c 0.0050 above, d 0.0238 below, the others more than 0.32.
  @Test func bandsFollowTheFunnel() {
    let standings = Standings(ranking: teams, seed: "p/1").standings
    #expect(standings.map(\.band.rawValue) == ["above", "within", "within", "within", "below"])
    let prior = CreditPrior(fitting: teams)
    #expect(Standings.band(of: StandingTests.record("x", 30, [50]), prior) == .farAbove)
    #expect(Standings.band(of: StandingTests.record("x", 200, []), prior) == .farBelow)
    #expect(Standings.band(of: StandingTests.record("x", 0, []), prior) == .within)
  }

  /// By 400,000 draws with NumPy: c is first with probability .896; a is among the first two with .647 only.
  @Test func aPlaceIsSaidOnlyWhereItIsNearlyCertain() {
    for day in 0..<5 {
      let places = Standings(ranking: teams, seed: "p/\(day)").standings.map(\.place)
      #expect(places == [1, nil, nil, nil, nil])
    }
  }

  @Test func theSameSeedGivesTheSameStandings() {
    #expect(Standings(ranking: teams, seed: "p/1") == Standings(ranking: teams.reversed(), seed: "p/1"))
  }

  @Test func smallTeamsAreShownAsOne() throws {
    let all =
      teams + [
        StandingTests.record("s1", 12, [3], people: 3), StandingTests.record("s2", 6, [1.25], people: 1),
        StandingTests.record("unknown", 0, [], people: nil),
      ]
    let standings = Standings(ranking: all, seed: "p/1").standings
    #expect(standings.count == 7)
    let pooled = try #require(standings.first { $0.isPooled })
    #expect(pooled.credits == 4.25 && pooled.exposureFTEMonths == 18 && pooled.counts == ["suggestion": 2])
    #expect(pooled.place == nil)
    #expect(!standings.contains { $0.team == "s1" || $0.team == "s2" })
    #expect(standings.contains { $0.team == "unknown" && !$0.isPooled })
  }

  @Test func nobodyHasDoneAnythingYet() {
    let idle = (0..<4).map { StandingTests.record(ID("t\($0)"), 30, []) }
    let standings = Standings(ranking: idle, seed: "p/1")
    #expect(standings.meanRate == 0)
    #expect(standings.standings.allSatisfy { $0.band == .within && $0.place == nil && $0.rate < 0.05 })
    #expect(Standings(ranking: [], seed: "p/1").standings.isEmpty)
    #expect(Standings(ranking: [teams[0]], seed: "p/1").standings.first?.place == nil)
  }

  @Test func teamsThatDoNotDifferAreDrawnTogether() {
    let alike = (0..<6).map { StandingTests.record(ID("t\($0)"), 40, Array(repeating: 1, count: 8)) }
    let standings = Standings(ranking: alike, seed: "p/1").standings
    #expect(standings.allSatisfy { abs($0.rate - 0.2) < 1e-9 && $0.band == .within && $0.place == nil })
  }

  @Test func firstDaysCountHalf() {
    let end = Timestamp(milliseconds: 1_795_348_800_000)
    let start = end - .days(180)
    func person(_ fte: Double, startedDaysAgo days: Int?) -> Employee {
      Employee(
        id: "x",
        programme: "p",
        team: "t",
        name: "x",
        fullTimeEquivalent: fte,
        startedAt: days.map { end - .days($0) }
      )
    }
    func days(_ people: [Employee], unlisted: Double = 0) -> Double {
      Exposure.months(of: people, unlistedFTE: unlisted, from: start, until: end) * Exposure.daysInMonth
    }
    #expect(abs(days([person(1, startedDaysAgo: nil)]) - 180) < 1e-9)
    #expect(abs(days([person(0.5, startedDaysAgo: 1000)]) - 90) < 1e-9)
    #expect(abs(days([person(1, startedDaysAgo: 20)]) - 10) < 1e-9)
    #expect(abs(days([person(1, startedDaysAgo: 100)]) - 85) < 1e-9)
    // Fifteen of the first thirty days lie before the window.
    #expect(abs(days([person(1, startedDaysAgo: 195)]) - (7.5 + 165)) < 1e-9)
    #expect(days([person(1, startedDaysAgo: -5)]) == 0)
    #expect(abs(days([], unlisted: 2) - 360) < 1e-9)
  }
}
