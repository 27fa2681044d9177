import Contracts
import Foundation
import GRDB

/// Feedback in the store, seen from the intake.
struct FeedbackRows {
  let database: Database

  /// What is on record under an id, and where its row is.
  func recorded(_ id: ID<Feedback>) throws -> (arrival: Int64, RecordedFeedback)? {
    let statement = try database.cachedStatement(
      sql: "SELECT arrival, programme, revision, position, erased_at FROM feedback WHERE id = ?"
    )
    guard let row = try Row.fetchOne(statement, arguments: [id.rawValue]) else { return nil }
    return (
      row[0],
      RecordedFeedback(
        programme: ID(row[1]),
        revision: row[2],
        position: UInt64(clamping: row[3] as Int64),
        isErased: (row[4] as Int64?) != nil
      )
    )
  }

  func insert(_ feedback: PreparedFeedback, position: UInt64) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO feedback (id, programme, channel, team, revision, position, body) VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    )
    try statement.execute(arguments: [
      feedback.id.rawValue, feedback.programme.rawValue, feedback.channel, feedback.team?.rawValue, feedback.revision,
      Int64(clamping: position), Data(feedback.body),
    ])
    try insertRaw(feedback, arrival: database.lastInsertedRowID, position: position)
  }

  func revise(_ feedback: PreparedFeedback, arrival: Int64, position: UInt64) throws {
    let statement = try database.cachedStatement(
      sql: "UPDATE feedback SET channel = ?, team = ?, revision = ?, body = ? WHERE arrival = ?"
    )
    try statement.execute(arguments: [
      feedback.channel, feedback.team?.rawValue, feedback.revision, Data(feedback.body), arrival,
    ])
    try insertRaw(feedback, arrival: arrival, position: position)
  }

  private func insertRaw(_ feedback: PreparedFeedback, arrival: Int64, position: UInt64) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO raw_payload (feedback, revision, position, payload) VALUES (?, ?, ?, ?)"
    )
    try statement.execute(arguments: [
      arrival, feedback.revision, Int64(clamping: position), Data(feedback.raw),
    ])
  }

  /// Forgets the words and what they came in.
  /// - Returns: the positions of the records that hold them.
  func erase(arrival: Int64, at time: Timestamp) throws -> [UInt64] {
    try database.cachedStatement(sql: "UPDATE feedback SET body = NULL, erased_at = ? WHERE arrival = ?")
      .execute(arguments: [time.milliseconds, arrival])
    let statement = try database.cachedStatement(sql: "SELECT position FROM raw_payload WHERE feedback = ?")
    let positions = try Int64.fetchAll(statement, arguments: [arrival])
    try database.cachedStatement(sql: "UPDATE raw_payload SET payload = NULL WHERE feedback = ?")
      .execute(arguments: [arrival])
    return positions.map { UInt64(clamping: $0) }
  }
}
