import Contracts
import GRDB
package import Storage

/// What time does to opportunities: their figures are worked out anew, growth is made known, erased words go for good.
package struct OpportunityUpkeep: Sendable {
  let announcer: OpportunityAnnouncer
  /// Opportunities in one turn; the rest have theirs in the next. Each may take a millisecond or two, when it is
  /// described anew, and meanwhile no feedback is filed.
  private static let mostAtOnce = 5
  /// Records whose bodies are erased in one turn.
  private static let mostErasedAtOnce = 100

  package init(cache: ThemeCache) {
    announcer = OpportunityAnnouncer(cache: cache)
  }

  /// - Returns: whether more may be due.
  package func refreshStale(_ transaction: Transaction) throws -> Bool {
    try announcer.eraseBodies(transaction, limit: OpportunityUpkeep.mostErasedAtOnce)
    var left = OpportunityUpkeep.mostAtOnce
    for programme in try programmesWithStale(transaction) where left > 0 {
      let rows = OpportunityRows(database: transaction.database, programme: programme)
      let numbers = try rows.stale(limit: left)
      left -= numbers.count
      for number in numbers {
        guard let row = try announcer.refresh(number, in: programme, transaction.database) else { continue }
        try announcer.announceGrowth(of: row, in: programme, transaction)
      }
    }
    return left == 0
  }

  /// Feedback may come before the directory tells of its programme, so the models name the programmes.
  private func programmesWithStale(_ transaction: Transaction) throws -> [ID<Programme>] {
    try transaction.database.texts(
      """
      SELECT programme FROM model AS m WHERE EXISTS (
        SELECT 1 FROM opportunity AS o WHERE o.programme = m.programme AND o.isStale) ORDER BY programme
      """,
      []
    )
    .map { ID($0) }
  }
}
