package import Contracts
import Foundation
import GRDB
package import Records

/// A record that could not be applied, kept until somebody retries or discards it.
package struct DeadLetter: Hashable, Sendable {
  package let id: Int64
  /// Where the record came from.
  package let identity: StreamIdentity
  package let record: Records.Record
  /// Why it could not be applied the last time.
  package let error: String
  package let firstAttempt: Timestamp
  package let lastAttempt: Timestamp
  package let attempts: Int
}

extension DeadLetter {
  fileprivate static func read(_ row: Row) throws -> DeadLetter {
    guard let stream = StreamName(row["stream"] as String) else {
      throw StoreError(.damaged, "dead letter \(row["id"] as Int64) names no stream: restore the latest backup")
    }
    let position = UInt64(row["position"] as Int64)
    return DeadLetter(
      id: row["id"],
      identity: StreamIdentity(
        stream: stream,
        instance: row["instance"],
        epoch: UInt64(bitPattern: row["epoch"] as Int64)
      ),
      record: try Records.Record(
        position: position,
        parsing: [UInt8](row["record"] as Data),
        instance: row["instance"]
      ),
      error: row["error"],
      firstAttempt: Timestamp(milliseconds: row["first_attempt_at"]),
      lastAttempt: Timestamp(milliseconds: row["last_attempt_at"]),
      attempts: row["attempts"]
    )
  }

  fileprivate static func fetch(_ id: Int64, in database: Database) throws -> DeadLetter {
    let row = try Row.fetchOne(database, sql: "SELECT * FROM dead_letters WHERE id = ?", arguments: [id])
    guard let row else { throw StoreError(.unknownDeadLetter, "there is no dead letter \(id)") }
    return try read(row)
  }
}

extension Store {
  /// Dead letters in order of arrival, at most `limit` after the one with that id.
  package func deadLetters(after id: Int64 = 0, limit: Int = 100) async throws -> [DeadLetter] {
    try await read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?",
        arguments: [id, limit]
      ).map(DeadLetter.read)
    }
  }

  package func deadLetterCount() async throws -> Int {
    try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM dead_letters") ?? 0 }
  }

  /// Applies a dead letter once more. It is gone when `apply` succeeds; else it stays, with the new error and one more
  /// attempt, and nothing that `apply` did.
  /// - Throws: what `apply` throws, or `StoreError.unknownDeadLetter`.
  package func retryDeadLetter(
    _ id: Int64,
    _ apply: @escaping @Sendable (DeadLetter, Transaction) throws -> Void
  ) async throws {
    let outcome: Result<Void, any Error> = try await write { transaction in
      let letter = try DeadLetter.fetch(id, in: transaction.database)
      do {
        try transaction.isolated { try apply(letter, transaction) }
        try transaction.database.execute(sql: "DELETE FROM dead_letters WHERE id = ?", arguments: [id])
        return .success(())
      } catch {
        try transaction.database.execute(
          sql: "UPDATE dead_letters SET error = ?, last_attempt_at = ?, attempts = attempts + 1 WHERE id = ?",
          arguments: ["\(error)", transaction.now.milliseconds, id]
        )
        return .failure(error)
      }
    }
    try outcome.get()
  }

  /// Gives a dead letter up.
  /// - Throws: `StoreError.unknownDeadLetter`.
  package func discardDeadLetter(_ id: Int64) async throws {
    try await write { transaction in
      try transaction.database.execute(sql: "DELETE FROM dead_letters WHERE id = ?", arguments: [id])
      guard transaction.database.changesCount == 1 else {
        throw StoreError(.unknownDeadLetter, "there is no dead letter \(id)")
      }
    }
  }
}
