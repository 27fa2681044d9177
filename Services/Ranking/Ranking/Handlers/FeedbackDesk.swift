package import Contracts
import GRDB
package import Storage

/// Takes in feedback as it streams in: files it, counts it, and opens opportunities.
package struct FeedbackDesk: Sendable {
  let cache: ThemeCache
  let announcer: OpportunityAnnouncer

  package init(cache: ThemeCache) {
    self.cache = cache
    announcer = OpportunityAnnouncer(cache: cache)
  }

  /// Files feedback. What is known already, or was erased, changes nothing.
  package func record(_ feedback: Feedback, _ transaction: Transaction) throws {
    let rows = FeedbackRows(database: transaction.database, programme: feedback.programme)
    guard try rows.find(feedback.id) == nil, try !rows.isErased(feedback.id) else { return }
    try file(FiledFeedback(feedback), transaction)
  }

  /// Forgets the words as they were and files them as they are.
  package func revise(_ feedback: Feedback, _ transaction: Transaction) throws {
    let rows = FeedbackRows(database: transaction.database, programme: feedback.programme)
    guard try !rows.isErased(feedback.id) else { return }
    if let known = try rows.find(feedback.id) {
      guard known.revision < feedback.revision else { return }
      try forget(known, transaction)
    }
    try file(FiledFeedback(feedback), transaction)
  }

  /// Forgets feedback: its words, all that was counted of it, and every copy of it in our own journal.
  package func erase(_ id: ID<Feedback>, in programme: ID<Programme>, _ transaction: Transaction) throws {
    let rows = FeedbackRows(database: transaction.database, programme: programme)
    try rows.markErased(id)
    if let known = try rows.find(id) { try forget(known, transaction) }
  }

  // MARK: Filing

  private func file(_ new: FiledFeedback, _ transaction: Transaction) throws {
    var item = new
    let rows = FeedbackRows(database: transaction.database, programme: item.programme)
    let vector = TermVector(item.words)
    let placement = try cache.change(item.programme, transaction.database) { $0.place(vector) }
    item.home = placement.theme
    item.theme = placement.theme
    item.scale = placement.scale
    item.similarity = placement.similarity
    // Candidates that end take their items along, so they go before this one is added.
    try apply(placement.effects, item.programme, transaction)
    try rows.insert(item)
    try count(item, rows)
    if let theme = item.theme {
      if placement.effects.opened.contains(theme) {
        try open(theme, item, transaction)
      } else if try OpportunityRows(database: transaction.database, programme: item.programme).exists(theme) {
        try TallyRows(database: transaction.database, programme: item.programme).add(item, to: theme)
      }
    }
  }

  private func count(_ item: FiledFeedback, _ rows: FeedbackRows) throws {
    let lastDay = try rows.days()?.upperBound
    try rows.countDay(item.day, by: 1)
    if let lastDay, item.day > lastDay {
      try OpportunityRows(database: rows.database, programme: item.programme).markAllStale()
    }
  }

  private func apply(
    _ effects: ThemeModel.Effects,
    _ programme: ID<Programme>,
    _ transaction: Transaction
  ) throws {
    let feedback = FeedbackRows(database: transaction.database, programme: programme)
    let tally = TallyRows(database: transaction.database, programme: programme)
    for candidate in effects.dissolved { try feedback.move(candidate, to: nil) }
    for absorption in effects.absorbed {
      // A candidate has fewer items than an opportunity needs.
      for item in try feedback.items(of: absorption.candidate, limit: 1000) {
        try tally.add(item, to: absorption.into)
      }
      try feedback.move(absorption.candidate, to: absorption.into)
    }
    for number in effects.retired { try announcer.retire(number, in: programme, transaction) }
  }

  /// A candidate has become an opportunity: it gets an id, a name, its counts, and is made known.
  private func open(_ number: ThemeNumber, _ item: FiledFeedback, _ transaction: Transaction) throws {
    let rows = OpportunityRows(database: transaction.database, programme: item.programme)
    let items = try FeedbackRows(database: transaction.database, programme: item.programme)
      .items(of: number, limit: 1000)
    let first = items.map(\.occurredAt).min() ?? item.occurredAt
    let id = OpportunityAnnouncer.id(of: number, in: item.programme, openedBy: item.id)
    try rows.insert(OpportunityRow(number: number, id: id, openedAt: first))
    let tally = TallyRows(database: transaction.database, programme: item.programme)
    for item in items { try tally.add(item, to: number) }
    try announcer.open(number, in: item.programme, transaction)
  }

  // MARK: Forgetting

  private func forget(_ item: FiledFeedback, _ transaction: Transaction) throws {
    let database = transaction.database
    let rows = FeedbackRows(database: database, programme: item.programme)
    let vector = TermVector(item.words)
    try cache.change(item.programme, database) { model in
      model.forget(vector)
      if let theme = item.theme { model.take(vector, scale: item.scale, outOf: theme) }
    }
    try rows.delete(item.id)
    try rows.countDay(item.day, by: -1)
    let opportunities = OpportunityRows(database: database, programme: item.programme)
    let lineage = try item.home.map { try opportunities.lineage(of: $0) } ?? []
    for number in lineage where try opportunities.exists(number) {
      try TallyRows(database: database, programme: item.programme).remove(item, from: number)
    }
    try forgetInParts(vector, item, lineage, database)
    try announcer.unquote(item, in: lineage, transaction)
  }

  /// Themes that were merged keep their own terms; the words have to go from these too.
  private func forgetInParts(
    _ vector: TermVector,
    _ item: FiledFeedback,
    _ lineage: [ThemeNumber],
    _ database: Database
  ) throws {
    let models = ModelRows(database: database, programme: item.programme)
    for number in lineage where number != item.theme {
      guard var part = try models.ended(number) else { continue }
      part.remove(vector, scale: item.scale)
      try models.save(part, isLive: false)
    }
  }
}
