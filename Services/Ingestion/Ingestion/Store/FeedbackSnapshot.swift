import Contracts
import Foundation
import GRDB
import ServiceRuntime

/// All feedback that is kept, each as its latest revision has it, in the order of arrival.
struct FeedbackSnapshot: SnapshotReading {
  /// Of the last that was read.
  private var arrival: Int64 = 0

  mutating func read(from database: Database, into page: inout SnapshotPage) throws -> Bool {
    let statement = try database.cachedStatement(
      sql: """
        SELECT arrival, id, programme, body FROM feedback WHERE arrival > ? AND erased_at IS NULL ORDER BY arrival
        """
    )
    let decoder = JSONDecoder()
    let rows = try Row.fetchCursor(statement, arguments: [arrival])
    while let row = try rows.next() {
      let body: Data = row["body"]
      try page.add(
        FeedbackRecorded.self,
        programme: ID(row["programme"]),
        key: row["id"],
        time: try decoder.decode(Arrival.self, from: body).feedback.receivedAt,
        body: body
      )
      arrival = row["arrival"]
      if page.isFull { return true }
    }
    return false
  }

  /// What is needed of the body here.
  private struct Arrival: Decodable {
    struct Feedback: Decodable { var receivedAt: Timestamp }
    var feedback: Feedback
  }
}
