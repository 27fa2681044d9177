import Contracts
import GRDB
import Records
import Storage

/// Works out what opportunities look like, and makes changes known.
struct OpportunityAnnouncer: Sendable {
  let cache: ThemeCache

  /// Who stands in events for what the system does by itself.
  static let system = "groundswell"
  private static let quoteCount = 3
  /// Items that a name and quotes are chosen from: the newest.
  private static let sampleSize = 100
  /// Growth since the last record that is worth another.
  private static let noticeableGrowth = 1.25

  /// The id follows from what opened it, so that a replay into an empty store gives the same.
  static func id(
    of number: ThemeNumber,
    in programme: ID<Programme>,
    openedBy feedback: ID<Feedback>
  ) -> ID<Opportunity> {
    var random = SeededRandom(seed: "\(programme)/\(number.rawValue)/\(feedback)")
    let digits = String(random.next(), radix: 16)
    return ID("opportunity-" + String(repeating: "0", count: 16 - digits.count) + digits)
  }

  // MARK: Reckoning

  /// Works out growth, value, weeks and nearness anew; name and quotes too, where it has grown enough or `isRenamed`.
  func refresh(_ number: ThemeNumber, in programme: ID<Programme>, _ database: Database, describe: Bool = false) throws
    -> OpportunityRow?
  {
    let rows = OpportunityRows(database: database, programme: programme)
    guard var row = try rows.find(number) else { return nil }
    let span = try FeedbackRows(database: database, programme: programme).days() ?? 0...0
    let days = try TallyRows(database: database, programme: programme).days(of: number, from: span.upperBound - 84)
    row.growth = Growth(days: days, today: span.upperBound, firstDay: span.lowerBound)
    row.weekly = Growth.weeks(of: days, today: span.upperBound)
    row.value =
      OpportunityValue(
        tally: row.tally,
        growth: row.growth,
        effortPersonDays: row.effortPersonDays
      ).expected
    row.nearness = try cache.read(programme, database) { $0.nearnessToOthers(of: number) }
    let hasGrown = Double(row.tally.items) >= 1.3 * Double(row.describedItems) + 2
    if row.mergedInto == nil, describe || hasGrown { try self.describe(&row, programme, database) }
    try rows.save(row)
    return row
  }

  private func describe(_ row: inout OpportunityRow, _ programme: ID<Programme>, _ database: Database) throws {
    let items = try FeedbackRows(database: database, programme: programme)
      .items(of: row.number, limit: OpportunityAnnouncer.sampleSize)
    let verbatims = items.map {
      Verbatim(feedback: $0.id, customer: $0.customer, words: $0.words, severity: $0.severity)
    }
    let (number, title) = (row.number, row.title)
    let (description, quotes) = try cache.read(programme, database) { model in
      (
        model.describe(verbatims, called: title),
        RepresentativeQuotes.choose(OpportunityAnnouncer.quoteCount, from: verbatims, of: number, in: model)
      )
    }
    row.keywords = description.keywords
    row.quotes = quotes
    row.describedItems = row.tally.items
    if !row.isNamedByPerson, !description.title.isEmpty { row.title = description.title }
  }

  // MARK: Making known

  func open(_ number: ThemeNumber, in programme: ID<Programme>, _ transaction: Transaction) throws {
    guard let row = try refresh(number, in: programme, transaction.database, describe: true) else { return }
    let opportunity = try noted(row, programme, transaction)
    try publish(OpportunityOpened(opportunity: opportunity), [row], transaction)
  }

  /// Says that it has grown, when it has noticeably.
  func announceGrowth(of row: OpportunityRow, in programme: ID<Programme>, _ transaction: Transaction) throws {
    let due = Double(row.publishedItems) * OpportunityAnnouncer.noticeableGrowth + 2
    guard row.state == .open, Double(row.tally.items) >= due else { return }
    let opportunity = try noted(row, programme, transaction)
    try publish(OpportunityGrown(opportunity: opportunity), [row], transaction)
  }

  /// It has been silent longest, and others need the room: it is muted until somebody wakes it.
  func retire(_ number: ThemeNumber, in programme: ID<Programme>, _ transaction: Transaction) throws {
    let rows = OpportunityRows(database: transaction.database, programme: programme)
    guard var row = try rows.find(number) else { return }
    row.state = .muted
    try rows.save(row)
    let opportunity = try noted(row, programme, transaction)
    let event = OpportunityCurated(opportunity: opportunity, change: .known(.muted), by: OpportunityAnnouncer.system)
    try publish(event, [row], transaction)
  }

  /// The opportunity for a record, remembered as published.
  func noted(_ row: OpportunityRow, _ programme: ID<Programme>, _ transaction: Transaction) throws -> Opportunity {
    var row = row
    let rows = OpportunityRows(database: transaction.database, programme: programme)
    row.publishedItems = row.tally.items
    try rows.save(row)
    return try rows.opportunity(row, now: transaction.now)
  }

  /// Appends a record and remembers what it quotes.
  func publish(_ event: some Event, _ rows: [OpportunityRow], _ transaction: Transaction) throws {
    let position = try transaction.append(event)
    for row in rows {
      for feedback in row.quotes {
        try transaction.database.run(
          "INSERT OR IGNORE INTO quotation (programme, feedback, position, number) VALUES (?, ?, ?, ?)",
          [event.programme.rawValue, feedback.rawValue, Int64(position), row.number.rawValue]
        )
      }
    }
  }
}

// MARK: Erasing

extension OpportunityAnnouncer {
  /// Takes words out of where they are quoted, here and in the journal. Opportunities that lose a record's body get a
  /// new record without the quote.
  func unquote(_ item: FiledFeedback, _ transaction: Transaction) throws {
    let database = transaction.database
    let key: StatementArguments = [item.programme.rawValue, item.id.rawValue]
    let quoting = try database.rows(
      "SELECT DISTINCT number FROM quotation WHERE programme = ? AND feedback = ? ORDER BY number",
      key
    )
    // Records of this very transaction aren't in the journal yet: bodies are erased by the next turn of the timer.
    try database.run(
      "INSERT OR IGNORE INTO bodyToErase (position) SELECT position FROM quotation WHERE programme = ? AND feedback = ?",
      key
    )
    try database.run("DELETE FROM quotation WHERE programme = ? AND feedback = ?", key)
    for quoted in quoting {
      let number = ThemeNumber(quoted["number"])
      guard let row = try refresh(number, in: item.programme, database, describe: true) else { continue }
      let opportunity = try noted(row, item.programme, transaction)
      try publish(OpportunityGrown(opportunity: opportunity), [row], transaction)
    }
  }

  /// Overwrites the bodies of records that quoted what has been erased.
  func eraseBodies(_ transaction: Transaction, limit: Int) throws {
    let positions = try transaction.database.rows("SELECT position FROM bodyToErase ORDER BY position LIMIT ?", [limit])
    for row in positions {
      let position: Int64 = row["position"]
      do {
        try transaction.eraseBody(of: .ranking, at: UInt64(position))
      } catch FrameError.nothingToErase {
        // A record may quote several; the first of them to be erased took its body along.
      }
      try transaction.database.run("DELETE FROM bodyToErase WHERE position = ?", [position])
    }
  }
}
