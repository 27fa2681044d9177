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
  /// A description of fewer items than this may have words that only one of them says.
  private static let fewestForSharedWords = 3
  /// What an opportunity is called when all that named it was withdrawn.
  private static let titleOfForgotten = "Withdrawn feedback"

  /// When an opportunity's name, words and quotes are chosen anew.
  enum Description {
    /// Where it has grown enough since they were chosen.
    case whenGrown
    case anew
    /// One of its items was forgotten: nothing stays that the others don't say.
    case afterForgetting
  }

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

  /// Works out growth, value, weeks and nearness anew; name and quotes too, as `description` says.
  func refresh(
    _ number: ThemeNumber,
    in programme: ID<Programme>,
    _ database: Database,
    describe description: Description = .whenGrown
  ) throws -> OpportunityRow? {
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
    switch description {
    case .whenGrown where hasGrown && row.mergedInto == nil, .anew where row.mergedInto == nil:
      try describe(&row, programme, database)
    case .afterForgetting:
      try describe(&row, programme, database)
      if row.keywords.isEmpty, !row.isNamedByPerson { row.title = OpportunityAnnouncer.titleOfForgotten }
    case .whenGrown, .anew: break
    }
    try rows.save(row)
    return row
  }

  private func describe(_ row: inout OpportunityRow, _ programme: ID<Programme>, _ database: Database) throws {
    let items = try self.items(of: row, OpportunityAnnouncer.sampleSize, programme, database)
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

  /// The newest of what it is about. What was merged into another is still about what was filed in it.
  private func items(
    of row: OpportunityRow,
    _ limit: Int,
    _ programme: ID<Programme>,
    _ database: Database
  ) throws -> [FiledFeedback] {
    let feedback = FeedbackRows(database: database, programme: programme)
    guard row.mergedInto != nil else { return try feedback.items(of: row.number, limit: limit) }
    let rows = OpportunityRows(database: database, programme: programme)
    let lineage = try rows.lineage(of: row.number)
    return try feedback.items(of: lineage[lineage.count - 1], filedIn: rows.family(of: row.number), limit: limit)
  }

  // MARK: Making known

  func open(_ number: ThemeNumber, in programme: ID<Programme>, _ transaction: Transaction) throws {
    guard let row = try refresh(number, in: programme, transaction.database, describe: .anew) else { return }
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

  /// Appends a record and remembers what it quotes: whole, or by words in a title that only one customer used.
  func publish(_ event: some Event, _ rows: [OpportunityRow], _ transaction: Transaction) throws {
    let position = try transaction.append(event)
    for row in rows {
      var quoted = Set(row.quotes)
      if row.describedItems < OpportunityAnnouncer.fewestForSharedWords {
        quoted.formUnion(
          try items(of: row, OpportunityAnnouncer.sampleSize, event.programme, transaction.database).map(\.id)
        )
      }
      for feedback in quoted.sorted(by: { $0.rawValue < $1.rawValue }) {
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
  /// new record without them.
  /// - Parameter themes: those that counted it.
  func unquote(_ item: FiledFeedback, in themes: [ThemeNumber], _ transaction: Transaction) throws {
    let database = transaction.database
    let key: StatementArguments = [item.programme.rawValue, item.id.rawValue]
    let quoting = try database.rows(
      "SELECT DISTINCT number FROM quotation WHERE programme = ? AND feedback = ?",
      key
    )
    .map { ThemeNumber($0["number"]) }
    try eraseRecords(quoting: item.id, in: item.programme, transaction)
    // What another instance quoted, before the programme came here, isn't known here.
    let maybeQuoting = transaction.hasMoved(item.programme) ? Set(quoting).union(themes) : Set(quoting)
    for number in Set(quoting).union(themes).sorted() {
      guard let row = try refresh(number, in: item.programme, database, describe: .afterForgetting),
        maybeQuoting.contains(number)
      else { continue }
      let opportunity = try noted(row, item.programme, transaction)
      try publish(OpportunityGrown(opportunity: opportunity), [row], transaction)
    }
  }

  /// Has the records of our own journal erased that quote feedback, also those of a programme that has moved.
  func eraseRecords(quoting feedback: ID<Feedback>, in programme: ID<Programme>, _ transaction: Transaction) throws {
    let key: StatementArguments = [programme.rawValue, feedback.rawValue]
    // Records of this very transaction aren't in the journal yet: bodies are erased by the next turn of the timer.
    try transaction.database.run(
      "INSERT OR IGNORE INTO bodyToErase (position) SELECT position FROM quotation WHERE programme = ? AND feedback = ?",
      key
    )
    try transaction.database.run("DELETE FROM quotation WHERE programme = ? AND feedback = ?", key)
  }

  /// Overwrites the bodies of records that quoted what has been erased.
  /// - Returns: how many, at most `limit`.
  func eraseBodies(_ transaction: Transaction, limit: Int) throws -> Int {
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
    return positions.count
  }
}
