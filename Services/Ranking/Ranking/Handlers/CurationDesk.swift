package import Contracts
import GRDB
package import Storage

/// What people decide about an opportunity: its name, whether it is pinned or muted, and what mending it would cost.
/// Every decision is an event, and the opposite decision undoes it.
package struct CurationDesk: Sendable {
  let cache: ThemeCache
  let announcer: OpportunityAnnouncer

  package init(cache: ThemeCache) {
    self.cache = cache
    announcer = OpportunityAnnouncer(cache: cache)
  }

  /// Gives it a name that no growth changes; an empty one lets it be named by its words again.
  package func rename(_ request: RenameOpportunity, by: String, _ transaction: Transaction) throws -> Opportunity {
    let title = request.title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard title.count <= 120 else {
      throw Fault(
        .invalidArgument,
        reason: "titleTooLong",
        "A title has at most 120 characters; this one has \(title.count).",
        field: "title"
      )
    }
    return try curate(request.id, in: request.programme, .renamed, by: by, transaction) { row in
      row.isNamedByPerson = !title.isEmpty
      if !title.isEmpty { row.title = title }
    }
  }

  package func pin(_ request: PinOpportunity, by: String, _ transaction: Transaction) throws -> Opportunity {
    let change = request.isPinned ? Curation.pinned : .unpinned
    return try curate(request.id, in: request.programme, change, by: by, transaction) { $0.isPinned = request.isPinned }
  }

  /// Takes it out of lists, or back in. It goes on taking in feedback, which would otherwise open it anew.
  package func mute(_ request: MuteOpportunity, by: String, _ transaction: Transaction) throws -> Opportunity {
    let change = request.isMuted ? Curation.muted : .unmuted
    return try curate(request.id, in: request.programme, change, by: by, transaction) { row in
      row.state = request.isMuted ? .muted : .open
    }
  }

  package func estimate(_ request: EstimateOpportunity, by: String, _ transaction: Transaction) throws -> Opportunity {
    guard (0.1...10_000).contains(request.effortPersonDays) else {
      throw Fault(
        .invalidArgument,
        reason: "effortOutOfRange",
        "An effort lies between 0.1 and 10,000 person-days.",
        field: "effortPersonDays"
      )
    }
    return try curate(request.id, in: request.programme, .estimated, by: by, transaction) { row in
      row.effortPersonDays = request.effortPersonDays
    }
  }

  private func curate(
    _ id: ID<Opportunity>,
    in programme: ID<Programme>,
    _ change: Curation,
    by: String,
    _ transaction: Transaction,
    _ decide: (inout OpportunityRow) -> Void
  ) throws -> Opportunity {
    let database = transaction.database
    let rows = OpportunityRows(database: database, programme: programme)
    var row = try rows.standing(id, field: "id")
    decide(&row)
    try rows.save(row)
    let number = row.number
    if row.state == .open { try wake(number, in: programme, database) }
    let isProtected = row.isPinned || row.isNamedByPerson
    try cache.change(programme, database) { $0.protect(number, isProtected) }
    let refreshed =
      try announcer.refresh(number, in: programme, database, describe: change == .renamed ? .anew : .whenGrown) ?? row
    let opportunity = try announcer.noted(refreshed, programme, transaction)
    let event = OpportunityCurated(opportunity: opportunity, change: .known(change), by: by)
    try announcer.publish(event, [refreshed], transaction)
    return opportunity
  }

  /// A retired one takes in feedback again.
  func wake(_ number: ThemeNumber, in programme: ID<Programme>, _ database: Database) throws {
    guard try cache.read(programme, database, { $0[number] == nil }) else { return }
    guard let theme = try ModelRows(database: database, programme: programme).ended(number) else { return }
    try cache.change(programme, database) { $0.wake(theme) }
  }
}

extension OpportunityRows {
  /// - Throws: `unknownProgramme`, `unknownOpportunity`, or `mergedOpportunity` where it stands no more.
  func standing(_ id: ID<Opportunity>, field: String) throws -> OpportunityRow {
    let row = try known(id, field: field)
    guard let parent = row.mergedInto else { return row }
    let root = try lineage(of: parent).last.flatMap { try find($0)?.id }
    throw Fault(
      .failedPrecondition,
      reason: "mergedOpportunity",
      "Opportunity '\(id)' was merged into '\(root?.rawValue ?? "another")': change that one, or undo the merge first.",
      field: field
    )
  }

  /// - Throws: `unknownProgramme`, `unknownOpportunity`.
  func known(_ id: ID<Opportunity>, field: String) throws -> OpportunityRow {
    try DirectoryRows(database: database).check(programme)
    guard let row = try find(id) else {
      throw Fault(
        .notFound,
        reason: "unknownOpportunity",
        "Programme '\(programme)' has no opportunity '\(id)'.",
        field: field
      )
    }
    return row
  }
}
