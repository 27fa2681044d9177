package import Contracts
package import GRDB
package import Storage

/// Gives credit for deeds as they become known, and takes it back when the facts change.
package struct CreditDesk: Sendable {
  package init() {}

  /// Where a fact stood, for the ledger.
  package struct Cause: Sendable {
    let source: String
    let time: Timestamp

    /// - Parameters:
    ///   - source: stream and position.
    ///   - time: the record's, so that a replay writes the same ledger.
    package init(_ source: String, at time: Timestamp) {
      self.source = source
      self.time = time
    }
  }

  // MARK: Ideas

  package func note(_ event: IdeaSubmitted, _ transaction: Transaction) throws {
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    guard try rows.idea(event.idea.id) == nil else { return }
    try rows.save(IdeaRecord(event.idea))
    try link(event.idea, transaction.database)
  }

  package func note(_ event: IdeaAdvanced, _ cause: Cause, _ transaction: Transaction) throws {
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    var record = try rows.idea(event.idea.id) ?? IdeaRecord(event.idea)
    let isOwnReview = try isOwnReview(event.by, of: event.idea, transaction.database)
    record.advance(to: event.idea, from: event.from, isOwnReview: isOwnReview)
    try rows.save(record)
    try link(event.idea, transaction.database)
    try settle(around: record, cause, rows, transaction)
  }

  package func note(_ event: IdeaMerged, _ cause: Cause, _ transaction: Transaction) throws {
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    if try rows.idea(event.canonical.id) == nil { try rows.save(IdeaRecord(event.canonical)) }
    var record = try rows.idea(event.idea.id) ?? IdeaRecord(event.idea)
    record.join(event.idea, isUndone: event.isUndone)
    try rows.save(record)
    try settle(around: record, cause, rows, transaction)
    if let canonical = try rows.idea(event.canonical.id) { try settle(around: canonical, cause, rows, transaction) }
  }

  /// Whoever moved an idea on is its author, or of its team.
  private func isOwnReview(_ by: String, of idea: Idea, _ database: Database) throws -> Bool {
    if by == idea.authorName || by == idea.author?.rawValue { return true }
    guard let team = idea.team else { return false }
    return try DirectoryRows(database: database).isMember(by, of: team, in: idea.programme)
  }

  private func link(_ idea: Idea, _ database: Database) throws {
    guard let opportunity = idea.opportunity else { return }
    try OpportunityRows(database: database, programme: idea.programme).add(idea.id, to: opportunity)
  }

  /// An idea's deeds, those of the one that leads its cluster, and of the same person's other ideas of that week: if one
  /// of three is declined, a fourth may count.
  private func settle(
    around record: IdeaRecord,
    _ cause: Cause,
    _ rows: CreditRows,
    _ transaction: Transaction
  ) throws {
    var affected = [record.id: record]
    if let canonical = try rows.idea(record.canonical) { affected[canonical.id] = canonical }
    for other in try rows.ideas(by: record.person, in: record.week) { affected[other.id] = other }
    for idea in affected.values.sorted(by: { ($0.submittedAt, $0.id) < ($1.submittedAt, $1.id) }) {
      let deeds = CreditRules.deeds(
        of: idea,
        cluster: try rows.cluster(of: idea.id),
        isWithinWeeklyLimit: CreditRules.isWithinWeeklyLimit(
          idea,
          among: try rows.ideas(by: idea.person, in: idea.week)
        )
      )
      for deed in deeds { try settle(deed, cause, rows, transaction) }
    }
  }

  // MARK: Tests, adoption, lessons

  package func note(_ event: ExperimentStarted, _ transaction: Transaction) throws {
    try CreditRows(database: transaction.database, programme: event.programme).save(event.experiment)
  }

  package func note(_ event: ExperimentConcluded, _ cause: Cause, _ transaction: Transaction) throws {
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    try rows.save(event.experiment)
    let wasCareless = try rows.test(event.experiment.id)?.wasCareless ?? false
    try settle(CreditRules.deed(of: event.experiment, wasCareless: wasCareless), cause, rows, transaction)
  }

  /// A basic or complex failure is recorded without credit; an intelligent one keeps what its test earned.
  package func note(_ event: GraveDug, _ cause: Cause, _ transaction: Transaction) throws {
    guard let test = event.grave.experiment, event.grave.failure == .basic || event.grave.failure == .complex else {
      return
    }
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    try rows.markCareless(test, at: cause.time)
    guard let experiment = try rows.test(test)?.experiment else { return }
    try settle(CreditRules.deed(of: experiment, wasCareless: true), cause, rows, transaction)
  }

  package func note(_ event: AdoptionChanged, _ cause: Cause, _ transaction: Transaction) throws {
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    let idea = try rows.idea(event.adoption.idea)
    let originator = (event.adoption.originator ?? idea?.team).map { team in
      Beneficiary(team: team, employee: idea?.team == team ? idea?.author : nil)
    }
    let title = idea?.title ?? event.adoption.idea.rawValue
    for deed in CreditRules.deeds(of: event.adoption, originator: originator, title: title) {
      try settle(deed, cause, rows, transaction)
    }
  }

  package func note(_ event: LessonReused, _ cause: Cause, _ transaction: Transaction) throws {
    guard let deed = CreditRules.deed(of: event) else { return }
    let rows = CreditRows(database: transaction.database, programme: event.programme)
    try settle(deed, cause, rows, transaction)
  }

  private func settle(_ deed: Deed, _ cause: Cause, _ rows: CreditRows, _ transaction: Transaction) throws {
    let entries = Settlement.entries(
      for: deed,
      given: try rows.given(for: deed.key),
      programme: rows.programme,
      cause: cause.source,
      at: cause.time
    )
    for credit in entries {
      try rows.insert(credit, for: deed)
      try transaction.append(CreditAwarded(credit: credit))
    }
    if !entries.isEmpty { try StandingRows(database: rows.database, programme: rows.programme).markChanged() }
  }

  // MARK: Questions

  package func credits(_ request: CreditsRequest, _ database: Database) throws -> CreditList {
    try DirectoryRows(database: database).check(request.programme)
    let limit = request.limit ?? 100
    guard (1...1000).contains(limit) else {
      throw Fault(.invalidArgument, reason: "limitOutOfRange", "A limit lies between 1 and 1000.", field: "limit")
    }
    let rows = CreditRows(database: database, programme: request.programme)
    return CreditList(credits: try rows.list(team: request.team, employee: request.employee, limit: limit))
  }
}
