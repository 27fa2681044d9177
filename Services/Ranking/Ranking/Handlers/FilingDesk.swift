package import Contracts
import GRDB
package import Storage

/// What people decide about where feedback belongs: merging themes, taking them apart again, and moving single items.
package struct FilingDesk: Sendable {
  let cache: ThemeCache
  let announcer: OpportunityAnnouncer
  let curation: CurationDesk

  package init(cache: ThemeCache) {
    self.cache = cache
    announcer = OpportunityAnnouncer(cache: cache)
    curation = CurationDesk(cache: cache)
  }

  static let mostAtOnce = 500

  // MARK: Merging

  package func merge(_ request: MergeOpportunities, by: String, _ transaction: Transaction) throws -> Opportunity {
    let database = transaction.database
    let programme = request.programme
    let rows = OpportunityRows(database: database, programme: programme)
    let into = try rows.standing(request.into, field: "into")
    let absorbed = try checked(request, rows)
    for other in absorbed {
      try curation.wake(other.number, in: programme, database)
      try join(other, to: into, rows)
    }
    try curation.wake(into.number, in: programme, database)
    let numbers = absorbed.map(\.number)
    try cache.change(programme, database) { model in
      for number in numbers { model.merge(number, into: into.number) }
    }
    let row = try announcer.refresh(into.number, in: programme, database, describe: .anew) ?? into
    let opportunity = try announcer.noted(row, programme, transaction)
    let event = OpportunityMerged(opportunity: opportunity, absorbed: absorbed.map(\.id), by: by)
    try announcer.publish(event, [row], transaction)
    return opportunity
  }

  private func checked(_ request: MergeOpportunities, _ rows: OpportunityRows) throws -> [OpportunityRow] {
    guard (1...50).contains(request.absorbed.count), Set(request.absorbed).count == request.absorbed.count,
      !request.absorbed.contains(request.into)
    else {
      throw Fault(
        .invalidArgument,
        reason: "nothingToMerge",
        "Name 1 to 50 different opportunities to be absorbed, the one that stays not among them.",
        field: "absorbed"
      )
    }
    return try request.absorbed.enumerated().map { try rows.standing($0.element, field: "absorbed[\($0.offset)]") }
  }

  private func join(_ other: OpportunityRow, to into: OpportunityRow, _ rows: OpportunityRows) throws {
    let tally = TallyRows(database: rows.database, programme: rows.programme)
    try tally.move(itemsFiledIn: rows.family(of: other.number), from: other.number, to: into.number)
    try tally.transfer(other.number, to: into.number, sign: 1)
    var merged = other
    merged.state = .merged
    merged.mergedInto = into.number
    try rows.save(merged)
  }

  /// Undoes a merge: the absorbed theme gets its own items back, and takes in feedback again.
  package func unmerge(_ request: UnmergeOpportunity, by: String, _ transaction: Transaction) throws -> Opportunity {
    let database = transaction.database
    let programme = request.programme
    let rows = OpportunityRows(database: database, programme: programme)
    let part = try rows.known(request.id, field: "id")
    guard let parent = part.mergedInto else {
      throw Fault(
        .failedPrecondition,
        reason: "notMerged",
        "Opportunity '\(request.id)' stands by itself; there is no merge to undo.",
        field: "id"
      )
    }
    let lineage = try rows.lineage(of: parent)
    let root = lineage[lineage.count - 1]
    try leave(part, lineage, rows)
    try takeApart(part.number, lineage, programme, database)
    guard let whole = try announcer.refresh(root, in: programme, database, describe: .anew),
      let row = try announcer.refresh(part.number, in: programme, database, describe: .anew)
    else { return try rows.opportunity(part, now: transaction.now) }
    let opportunity = try announcer.noted(row, programme, transaction)
    let split = OpportunitySplit(
      opportunity: try announcer.noted(whole, programme, transaction),
      parts: [opportunity],
      by: by
    )
    try announcer.publish(split, [whole, row], transaction)
    return opportunity
  }

  private func leave(_ part: OpportunityRow, _ lineage: [ThemeNumber], _ rows: OpportunityRows) throws {
    let tally = TallyRows(database: rows.database, programme: rows.programme)
    try tally.move(itemsFiledIn: rows.family(of: part.number), from: lineage[lineage.count - 1], to: part.number)
    for number in lineage { try tally.transfer(part.number, to: number, sign: -1) }
    var free = part
    free.state = .open
    free.mergedInto = nil
    try rows.save(free)
  }

  /// The theme's words leave all that it had been merged into.
  private func takeApart(
    _ part: ThemeNumber,
    _ lineage: [ThemeNumber],
    _ programme: ID<Programme>,
    _ database: Database
  ) throws {
    let models = ModelRows(database: database, programme: programme)
    guard let theme = try models.ended(part) else { return }
    for number in lineage.dropLast() {
      guard var between = try models.ended(number) else { continue }
      between.remove(theme)
      try models.save(between, isLive: false)
    }
    let root = lineage[lineage.count - 1]
    try cache.change(programme, database) { $0.unmerge(theme, outOf: root) }
  }

  // MARK: Refiling

  package func refile(_ request: RefileFeedback, by: String, _ transaction: Transaction) throws -> Opportunity {
    let database = transaction.database
    let programme = request.programme
    let rows = OpportunityRows(database: database, programme: programme)
    let target = try rows.standing(request.to, field: "to")
    let items = try checked(request, database)
    try curation.wake(target.number, in: programme, database)
    var sources: Set<ThemeNumber> = []
    for item in items where item.theme != target.number {
      if let source = try move(item, to: target.number, rows) { sources.insert(source) }
    }
    for source in sources.sorted() { try announce(source, programme, by: by, transaction) }
    return try announce(target.number, programme, by: by, transaction)
      ?? rows.opportunity(target, now: transaction.now)
  }

  private func checked(_ request: RefileFeedback, _ database: Database) throws -> [FiledFeedback] {
    guard (1...FilingDesk.mostAtOnce).contains(request.feedback.count) else {
      throw Fault(
        .invalidArgument,
        reason: "feedbackCountOutOfRange",
        "Move 1 to \(FilingDesk.mostAtOnce) pieces of feedback at a time.",
        field: "feedback"
      )
    }
    let rows = FeedbackRows(database: database, programme: request.programme)
    var seen: Set<ID<Feedback>> = []
    return try request.feedback.enumerated().compactMap { index, id in
      guard let item = try rows.find(id) else {
        throw Fault(
          .notFound,
          reason: "unknownFeedback",
          "Programme '\(request.programme)' has no feedback '\(id)' here.",
          field: "feedback[\(index)]"
        )
      }
      return seen.insert(id).inserted ? item : nil
    }
  }

  /// - Returns: the opportunity that it was taken out of.
  private func move(_ item: FiledFeedback, to target: ThemeNumber, _ rows: OpportunityRows) throws -> ThemeNumber? {
    let database = rows.database
    let vector = TermVector(item.words)
    let (scale, similarity) = try cache.change(rows.programme, database) { model in
      if let old = item.theme { model.take(vector, scale: item.scale, outOf: old) }
      let similarity = model.similarity(of: vector, to: target)
      return (model.file(vector, into: target) ?? 0, similarity)
    }
    let tally = TallyRows(database: database, programme: rows.programme)
    var source: ThemeNumber?
    if let home = item.home {
      for number in try rows.lineage(of: home) where try rows.exists(number) {
        try tally.remove(item, from: number)
        source = number
      }
    }
    var moved = item
    moved.similarity = similarity
    try tally.add(moved, to: target)
    try FeedbackRows(database: database, programme: rows.programme)
      .file(item.id, in: target, scale: scale, similarity: similarity)
    return source
  }

  @discardableResult
  private func announce(
    _ number: ThemeNumber,
    _ programme: ID<Programme>,
    by: String,
    _ transaction: Transaction
  ) throws -> Opportunity? {
    guard let row = try announcer.refresh(number, in: programme, transaction.database, describe: .anew) else {
      return nil
    }
    let opportunity = try announcer.noted(row, programme, transaction)
    let event = OpportunityCurated(opportunity: opportunity, change: .known(.refiled), by: by)
    try announcer.publish(event, [row], transaction)
    return opportunity
  }
}
