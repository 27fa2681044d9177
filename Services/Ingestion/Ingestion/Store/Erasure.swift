import Contracts
import GRDB
import Records
import Storage

/// Makes feedback forgotten: the words, the payload they came in, and the bodies of their records in the journal. What
/// stays is that something was said, and that it was erased.
struct Erasure {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// - Returns: the position of `feedback.erased`.
  func erase(
    _ id: ID<Feedback>,
    arrival: Int64,
    programme: ID<Programme>,
    reason: String,
    trace: TraceContext? = nil
  ) throws -> UInt64 {
    for position in try FeedbackRows(database: transaction.database).erase(arrival: arrival, at: transaction.now) {
      try eraseBody(at: position)
    }
    return try transaction.append(FeedbackErased(id: id, programme: programme, reason: reason), trace: trace)
  }

  /// Records of this commit are not in the journal's table yet; theirs is done by `eraseDue` a little later.
  private func eraseBody(at position: UInt64) throws {
    do {
      try transaction.eraseBody(of: .ingestion, at: position)
    } catch FrameError.nothingToErase {
      try transaction.database.execute(
        sql: "INSERT OR IGNORE INTO erasure_due (position) VALUES (?)",
        arguments: [Int64(clamping: position)]
      )
    }
  }

  /// The most records that one run erases.
  private static let mostPerRun = 500

  /// Erases what couldn't be erased when it was asked for.
  func eraseDue() throws {
    let due = try Int64.fetchAll(
      transaction.database,
      sql: "SELECT position FROM erasure_due ORDER BY position LIMIT \(Erasure.mostPerRun)"
    )
    for position in due {
      do {
        try transaction.eraseBody(of: .ingestion, at: UInt64(clamping: position))
      } catch FrameError.nothingToErase {
        // It has been erased by now, or lies behind a backup's end: either way nothing is left of it here.
      }
      try transaction.database.execute(sql: "DELETE FROM erasure_due WHERE position = ?", arguments: [position])
    }
  }
}
