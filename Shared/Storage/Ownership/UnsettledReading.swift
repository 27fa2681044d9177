import Contracts
import Foundation
package import GRDB
package import Records

/// How far upstreams have been read for partitions that are on their way from or to a store. Whoever owns them in the
/// end reads on from there, so what comes after may be needed again, though it has been applied for all others.
package struct UnsettledReading: Sendable {
  /// Of each move.
  private let cursors: [[Records.Cursor]]

  package init(reading database: Database) throws {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT state, ticket FROM ownership WHERE state IN (?, ?) AND ticket IS NOT NULL",
      arguments: [PartitionState.leaving.rawValue, PartitionState.arriving.rawValue]
    )
    cursors = try rows.compactMap { row in
      let ticket = try JSONDecoder().decode(MoveTicket.self, from: row["ticket"] as Data)
      // Until the last page has arrived, only the old owner knows.
      return row["state"] == PartitionState.leaving.rawValue || ticket.isComplete ? ticket.cursors : nil
    }
  }

  /// - Parameter cursor: how far the store itself has read an upstream; nil for not at all.
  /// - Returns: what lies furthest behind of that and of what moves need; nil where nothing counts as read.
  package func earliest(_ cursor: Records.Cursor?, of upstream: Ownership.Upstream) -> Records.Cursor? {
    let others = cursors.map { $0.first { Ownership.Upstream($0.identity) == upstream } }
    return ([cursor] + others).min { ($0?.position ?? 0) < ($1?.position ?? 0) } ?? nil
  }
}
