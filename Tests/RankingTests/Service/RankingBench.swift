import Contracts
import GRDB
import Records
import Storage
import TestSupport

@testable import Ranking

/// Ranking's desks on a store of their own, one transaction a call, as the runtime makes them.
struct RankingBench {
  static let programme: ID<Programme> = "telco"

  let store: Store
  let clock: ManualClock
  let cache: ThemeCache

  var feedback: FeedbackDesk { FeedbackDesk(cache: cache) }
  var curation: CurationDesk { CurationDesk(cache: cache) }
  var filing: FilingDesk { FilingDesk(cache: cache) }
  var catalogue: OpportunityCatalogue { OpportunityCatalogue(cache: cache) }
  var upkeep: OpportunityUpkeep { OpportunityUpkeep(cache: cache) }
  let credits = CreditDesk()
  let standings = StandingDesk()
  let disruptions = DisruptionWatch()

  static var themes: ThemeConfiguration {
    var configuration = ThemeConfiguration()
    configuration.itemsToOpen = 3
    configuration.crowdedShare = 0.5
    return configuration
  }

  static func run<Value>(
    themes: ThemeConfiguration = RankingBench.themes,
    _ body: (RankingBench) async throws -> Value
  ) async throws -> Value {
    let clock = ManualClock()
    return try await withTemporaryStore(
      streams: [.ranking],
      migrations: RankingSchema.migrations,
      clock: clock
    ) { store in
      let bench = RankingBench(store: store, clock: clock, cache: ThemeCache(themes))
      try await store.write { transaction in
        let rows = DirectoryRows(database: transaction.database)
        try rows.save(Programme(id: programme, name: "Telco"))
        for team: ID<Team> in ["porto", "braga", "lisbon"] {
          try rows.save(
            Team(id: team, programme: programme, name: team.rawValue, people: 10, fullTimeEquivalents: 8)
          )
        }
      }
      return try await body(bench)
    }
  }

  /// The same store with nothing in memory, as after a restart.
  var restarted: RankingBench { RankingBench(store: store, clock: clock, cache: ThemeCache(RankingBench.themes)) }

  // MARK: Feedback

  func item(
    _ index: Int,
    _ text: String,
    day: Int = 0,
    customer: Int? = nil,
    revision: Int = 1,
    signals: [Signal] = [.complaint]
  ) throws -> Feedback {
    var feedback: Feedback = try JSONSchema.specimen(of: Feedback.self)
    feedback.id = ID("feedback-\(index)")
    feedback.programme = RankingBench.programme
    feedback.text = text
    feedback.language = "en"
    feedback.channel = .known([.call, .chat, .survey][index % 3])
    feedback.team = ID(["porto", "braga"][index % 2])
    feedback.touchpoint = index % 5 == 0 ? "delivery" : nil
    feedback.customer = customer.map { ID("customer-\($0)") }
    feedback.occurredAt = clock.now - .days(100) + .days(day) + .seconds(index)
    feedback.receivedAt = clock.now
    feedback.signals = signals.map { .known($0) }
    feedback.urgency = signals == [.complaint] ? 0.5 : 0
    feedback.sentiment = signals == [.complaint] ? -0.5 : 0
    feedback.adaptation = nil
    feedback.revision = revision
    return feedback
  }

  /// Records made-up feedback; odd ones have a customer.
  func record(_ count: Int, seed: UInt64, from first: Int = 0) async throws {
    for (offset, corpus) in Corpus.items(count, seed: seed).enumerated() {
      let index = first + offset
      let customer = index % 2 == 1 ? index % 11 : nil
      let item = try item(index, corpus.text, day: index / 10, customer: customer)
      try await store.write { try feedback.record(item, $0) }
    }
  }

  func erase(_ id: ID<Feedback>) async throws {
    try await store.write { try feedback.erase(id, in: RankingBench.programme, $0) }
  }

  /// Turns the timer until nothing is left to do.
  func refresh() async throws {
    while try await store.write({ try upkeep.refresh($0) }) {}
  }

  // MARK: Answers

  func list(_ limit: Int = 50, search: String? = nil, includeMuted: Bool = false) async throws -> OpportunityList {
    let request = OpportunitiesRequest(
      programme: RankingBench.programme,
      limit: limit,
      includeMuted: includeMuted,
      search: search
    )
    let now = clock.now
    return try await store.read { try catalogue.list(request, at: now, $0) }
  }

  func detail(_ id: ID<Opportunity>, limit: Int = 500, cursor: String? = nil) async throws -> OpportunityDetail {
    let request = OpportunityRequest(programme: RankingBench.programme, id: id, limit: limit, cursor: cursor)
    let now = clock.now
    return try await store.read { try catalogue.detail(request, at: now, $0) }
  }

  /// What Ranking has published, oldest first.
  func published() async throws -> [Records.Record] {
    try await store.journal(of: .ranking).frames(after: 0, mostRecords: 100_000).flatMap { $0.records() }
  }

  func published<Fact: Event>(_ type: Fact.Type) async throws -> [Fact] {
    try await published().filter { $0.type == Fact.type && !$0.isErased }.map { try $0.decode(Fact.self) }
  }

  /// The opportunity that takes in texts like this.
  func opportunity(about text: String) async throws -> Opportunity? {
    try await list(search: text).opportunities.first?.opportunity
  }

  // MARK: Checking

  /// Compares every figure that is counted up and down with a count of what is there.
  func inconsistencies() async throws -> [String] {
    try await store.read { database in
      let rows = OpportunityRows(database: database, programme: RankingBench.programme)
      let numbers = try Int.fetchAll(database, sql: "SELECT number FROM opportunity WHERE mergedInto IS NULL")
      return try numbers.flatMap { number -> [String] in
        guard let row = try rows.find(ThemeNumber(number)) else { return ["\(number) is gone"] }
        let counted = try RankingBench.count(number, database)
        var problems: [String] = []
        if row.tally.items != counted.items {
          problems.append("\(number): items \(row.tally.items) ≠ \(counted.items)")
        }
        if row.tally.knownCustomers != counted.knownCustomers { problems.append("\(number): customers") }
        if row.tally.returningCustomers != counted.returningCustomers { problems.append("\(number): returning") }
        if row.tally.itemsWithoutCustomer != counted.itemsWithoutCustomer { problems.append("\(number): anonymous") }
        if abs(row.tally.severitySum - counted.severitySum) > 1e-6 { problems.append("\(number): severity") }
        if abs(row.tally.similaritySum - counted.similaritySum) > 1e-6 { problems.append("\(number): similarity") }
        if row.tally.needs != counted.needs { problems.append("\(number): needs") }
        for table in ["opportunityDay", "opportunityFacet WHERE kind = 'channel' AND"] {
          let filter = table.contains("WHERE") ? table : "\(table) WHERE"
          let sum = try Int.fetchOne(
            database,
            sql: "SELECT total(items) FROM \(filter) number = ?",
            arguments: [number]
          )
          if sum != counted.items { problems.append("\(number): \(table)") }
        }
        return problems
      }
    }
  }

  private static func count(_ number: Int, _ database: Database) throws -> OpportunityTally {
    var tally = OpportunityTally()
    let items = try Row.fetchAll(database, sql: "SELECT * FROM feedback WHERE theme = ?", arguments: [number])
      .map { FiledFeedback($0) }
    let byCustomer = Dictionary(grouping: items.filter { $0.customer != nil }, by: \.customer)
    tally.items = items.count
    tally.knownCustomers = byCustomer.count
    tally.returningCustomers = byCustomer.values.count { $0.count > 1 }
    tally.itemsWithoutCustomer = items.count { $0.customer == nil }
    tally.severitySum = items.reduce(0) { $0 + $1.severity }
    tally.similaritySum = items.reduce(0) { $0 + $1.similarity }
    tally.needs = items.count { $0.severity >= Severity.ofANeed }
    return tally
  }
}
