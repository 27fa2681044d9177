import Contracts
import Foundation
import GRDB

/// An opportunity's own row: what was counted, what was worked out, and what people decided.
struct OpportunityRow: Sendable {
  let number: ThemeNumber
  let id: ID<Opportunity>
  var title: String
  var isNamedByPerson: Bool
  var keywords: [String]
  var quotes: [ID<Feedback>]
  var tally: OpportunityTally
  var growth: Growth
  /// Cosine to the nearest other opportunity.
  var nearness: Double
  var value: Double
  var weekly: [Int]
  let openedAt: Timestamp
  var lastSeenAt: Timestamp
  var state: OpportunityState
  var isPinned: Bool
  var mergedInto: ThemeNumber?
  var effortPersonDays: Double?
  var describedItems: Int
  var publishedItems: Int

  init(number: ThemeNumber, id: ID<Opportunity>, openedAt: Timestamp) {
    self.number = number
    self.id = id
    title = ""
    isNamedByPerson = false
    keywords = []
    quotes = []
    tally = OpportunityTally()
    growth = Growth(recent: 0, before: 0, weeksBefore: 0)
    nearness = 0
    value = 0
    weekly = []
    self.openedAt = openedAt
    lastSeenAt = openedAt
    state = .open
    isPinned = false
    describedItems = 0
    publishedItems = 0
  }

  init(_ row: Row) throws {
    number = ThemeNumber(row["number"])
    id = ID(row["id"])
    title = row["title"]
    isNamedByPerson = row["isNamedByPerson"]
    keywords = try row.decoded([String].self, "keywords")
    quotes = try row.decoded([ID<Feedback>].self, "quotes")
    tally = OpportunityTally(row)
    growth = Growth(recent: row["recent"], before: row["before"], weeksBefore: row["weeksBefore"])
    nearness = row["nearness"]
    value = row["value"]
    weekly = try row.decoded([Int].self, "weekly")
    openedAt = Timestamp(milliseconds: row["openedAt"])
    lastSeenAt = Timestamp(milliseconds: row["lastSeenAt"])
    state = OpportunityState(rawValue: row["state"]) ?? .open
    isPinned = row["isPinned"]
    mergedInto = (row["mergedInto"] as Int?).map { ThemeNumber($0) }
    effortPersonDays = row["effort"]
    describedItems = row["describedItems"]
    publishedItems = row["publishedItems"]
  }
}

extension OpportunityTally {
  init(_ row: Row) {
    self.init()
    items = row["items"]
    knownCustomers = row["knownCustomers"]
    returningCustomers = row["returningCustomers"]
    itemsWithoutCustomer = row["itemsWithoutCustomer"]
    severitySum = row["severitySum"]
    similaritySum = row["similaritySum"]
    needs = row["needs"]
  }
}

struct OpportunityRows {
  let database: Database
  let programme: ID<Programme>

  func find(_ number: ThemeNumber) throws -> OpportunityRow? {
    try database.row(
      "SELECT * FROM opportunity WHERE programme = ? AND number = ?",
      [programme.rawValue, number.rawValue]
    )
    .map { try OpportunityRow($0) }
  }

  func find(_ id: ID<Opportunity>) throws -> OpportunityRow? {
    try database.row("SELECT * FROM opportunity WHERE programme = ? AND id = ?", [programme.rawValue, id.rawValue])
      .map { try OpportunityRow($0) }
  }

  func exists(_ number: ThemeNumber) throws -> Bool {
    try database.integer(
      "SELECT 1 FROM opportunity WHERE programme = ? AND number = ?",
      [programme.rawValue, number.rawValue]
    ) != nil
  }

  func insert(_ row: OpportunityRow) throws {
    try database.run(
      """
      INSERT INTO opportunity (programme, number, id, title, keywords, quotes, weekly, openedAt, lastSeenAt)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        programme.rawValue, row.number.rawValue, row.id.rawValue, row.title, try row.keywords.stored(),
        try row.quotes.stored(), try row.weekly.stored(), row.openedAt.milliseconds, row.lastSeenAt.milliseconds,
      ]
    )
  }

  /// Writes everything but the tally, which is only ever counted up and down.
  func save(_ row: OpportunityRow) throws {
    try database.run(
      """
      UPDATE opportunity SET title = ?, isNamedByPerson = ?, keywords = ?, quotes = ?, recent = ?, before = ?,
        weeksBefore = ?, nearness = ?, value = ?, weekly = ?, state = ?, isPinned = ?, mergedInto = ?, effort = ?,
        describedItems = ?, publishedItems = ?, refreshPlace = 0
      WHERE programme = ? AND number = ?
      """,
      [
        row.title, row.isNamedByPerson, try row.keywords.stored(), try row.quotes.stored(), row.growth.recent,
        row.growth.before, row.growth.weeksBefore, row.nearness, row.value, try row.weekly.stored(),
        row.state.rawValue, row.isPinned, row.mergedInto?.rawValue, row.effortPersonDays, row.describedItems,
        row.publishedItems, programme.rawValue, row.number.rawValue,
      ]
    )
  }

  /// In SQL, the place of an opportunity that is to be refreshed: the one it has, or the last. So whatever feedback comes
  /// without end is about doesn't keep the others from their turn.
  static let queued = """
    CASE WHEN opportunity.refreshPlace > 0 THEN opportunity.refreshPlace
    ELSE (SELECT ifnull(max(refreshPlace), 0) + 1 FROM opportunity WHERE refreshPlace > 0) END
    """

  /// Something it is reckoned from has changed.
  func markStale(_ number: ThemeNumber) throws {
    try database.run(
      "UPDATE opportunity SET refreshPlace = \(OpportunityRows.queued) WHERE programme = ? AND number = ?",
      [programme.rawValue, number.rawValue]
    )
  }

  /// A day has passed: growth and novelty of all have changed.
  func markAllStale() throws {
    try database.run(
      "UPDATE opportunity SET refreshPlace = \(OpportunityRows.queued) WHERE programme = ? AND state = 'open'",
      [programme.rawValue]
    )
  }

  /// Those that are to be refreshed first.
  static func toRefresh(limit: Int, in database: Database) throws -> [(programme: ID<Programme>, number: ThemeNumber)] {
    try database.rows(
      """
      SELECT programme, number FROM opportunity WHERE refreshPlace > 0
      ORDER BY refreshPlace, programme, number LIMIT ?
      """,
      [limit]
    )
    .map { (ID($0["programme"]), ThemeNumber($0["number"])) }
  }

  /// What a list is ordered by, the most valuable first.
  func candidates(includingMuted: Bool, limit: Int) throws -> [(
    number: ThemeNumber, candidate: OpportunityOrder.Candidate
  )] {
    try database.rows(
      """
      SELECT number, id, isPinned, value, items, severitySum, needs, recent, before, weeksBefore FROM opportunity
      WHERE programme = ? AND state IN ('open', ?) AND items > 0 ORDER BY isPinned DESC, value DESC, id LIMIT ?
      """,
      [programme.rawValue, includingMuted ? "muted" : "open", limit]
    )
    .map { row in
      (
        ThemeNumber(row["number"]),
        OpportunityOrder.Candidate(
          id: ID(row["id"]),
          isPinned: row["isPinned"],
          value: row["value"],
          items: row["items"],
          severitySum: row["severitySum"],
          needs: row["needs"],
          growth: Growth(recent: row["recent"], before: row["before"], weeksBefore: row["weeksBefore"])
        )
      )
    }
  }

  /// Items in opportunities, muted ones too.
  func themedItems() throws -> Int {
    try database.integer(
      "SELECT total(items) FROM opportunity WHERE programme = ? AND state IN ('open', 'muted')",
      [programme.rawValue]
    ) ?? 0
  }

  /// Those that were merged into one, directly.
  func absorbed(by number: ThemeNumber) throws -> [OpportunityRow] {
    try database.rows(
      "SELECT * FROM opportunity WHERE programme = ? AND mergedInto = ? ORDER BY number",
      [programme.rawValue, number.rawValue]
    )
    .map { try OpportunityRow($0) }
  }

  /// A theme and what it was merged into, up to the one that stands.
  func lineage(of number: ThemeNumber) throws -> [ThemeNumber] {
    var lineage = [number]
    while let parent = try database.integer(
      "SELECT mergedInto FROM opportunity WHERE programme = ? AND number = ? AND mergedInto IS NOT NULL",
      [programme.rawValue, lineage[lineage.count - 1].rawValue]
    ) {
      lineage.append(ThemeNumber(parent))
    }
    return lineage
  }

  /// A theme and everything that was merged into it.
  func family(of number: ThemeNumber) throws -> [ThemeNumber] {
    try [number] + absorbed(by: number).flatMap { try family(of: $0.number) }
  }
}

// MARK: As others see it

extension OpportunityRows {
  /// The opportunity in full. Quotes whose feedback is gone are left out.
  func opportunity(_ row: OpportunityRow, now: Timestamp) throws -> Opportunity {
    let feedback = FeedbackRows(database: database, programme: programme)
    let quotes = try row.quotes.compactMap { try feedback.find($0)?.quote }
    let ageDays = Double(now.milliseconds - row.openedAt.milliseconds) / 86_400_000
    return Opportunity(
      id: row.id,
      programme: programme,
      title: row.title,
      isNamedByPerson: row.isNamedByPerson,
      keywords: row.keywords,
      quotes: quotes,
      reach: row.tally.reach,
      items: row.tally.items,
      recurrence: row.tally.recurrence,
      severity: row.tally.severity,
      trend: row.growth.trend,
      breadth: try breadth(row.number),
      novelty: OpportunityValue.novelty(ageDays: ageDays, nearness: row.nearness),
      confidence: row.tally.confidence,
      effortPersonDays: row.effortPersonDays,
      expectedValue: row.value,
      weeklyItems: row.weekly,
      openedAt: row.openedAt,
      lastSeenAt: row.lastSeenAt,
      state: .known(row.state),
      isPinned: row.isPinned,
      mergedInto: try row.mergedInto.flatMap { try find($0)?.id },
      ideas: try ideas(for: row.id)
    )
  }

  private func breadth(_ number: ThemeNumber) throws -> Breadth {
    func values(_ kind: Facet) throws -> [String] {
      try database.texts(
        """
        SELECT value FROM opportunityFacet WHERE programme = ? AND number = ? AND kind = ?
        ORDER BY items DESC, value LIMIT 50
        """,
        [programme.rawValue, number.rawValue, kind.rawValue]
      )
    }
    return Breadth(
      teams: try values(.team).map { ID($0) },
      channels: try values(.channel).map { Open(rawValue: $0) },
      touchpoints: try values(.touchpoint)
    )
  }

  private func ideas(for id: ID<Opportunity>) throws -> [ID<Idea>] {
    try database.texts(
      "SELECT idea FROM opportunityIdea WHERE programme = ? AND opportunity = ? ORDER BY idea LIMIT 200",
      [programme.rawValue, id.rawValue]
    )
    .map { ID($0) }
  }

  func add(_ idea: ID<Idea>, to id: ID<Opportunity>) throws {
    try database.run(
      "INSERT OR IGNORE INTO opportunityIdea (programme, opportunity, idea) VALUES (?, ?, ?)",
      [programme.rawValue, id.rawValue, idea.rawValue]
    )
  }
}

/// What breadth is counted by.
enum Facet: String, CaseIterable {
  case team, channel, touchpoint
}
