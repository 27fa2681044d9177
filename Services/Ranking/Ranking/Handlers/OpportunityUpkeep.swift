package import Storage

/// What time does to opportunities: their figures are worked out anew, growth is made known, erased words go for good.
package struct OpportunityUpkeep: Sendable {
  let announcer: OpportunityAnnouncer
  /// Opportunities in one turn; the rest have theirs in the next. Each may take a millisecond or two, when it is
  /// described anew, and meanwhile no feedback is filed.
  private static let mostRefreshed = 5
  /// Records whose bodies are erased in one turn. For each, a frame of the journal is read, checked and written again.
  private static let mostErased = 20

  package init(cache: ThemeCache) {
    announcer = OpportunityAnnouncer(cache: cache)
  }

  /// One turn.
  /// - Returns: whether more may be due.
  package func refresh(_ transaction: Transaction) throws -> Bool {
    let erased = try announcer.eraseBodies(transaction, limit: OpportunityUpkeep.mostErased)
    let due = try OpportunityRows.toRefresh(limit: OpportunityUpkeep.mostRefreshed, in: transaction.database)
    for (programme, number) in due {
      guard let row = try announcer.refresh(number, in: programme, transaction.database) else { continue }
      try announcer.announceGrowth(of: row, in: programme, transaction)
    }
    return erased == OpportunityUpkeep.mostErased || due.count == OpportunityUpkeep.mostRefreshed
  }
}
