import Contracts
import Foundation
import GRDB
package import Records

extension Transaction {
  /// Puts a record aside that could not be applied, with the reason. Its cursor may then move on; the record can be
  /// applied later with `Store.retryDeadLetter`.
  package func deadLetter(_ record: RecordView, from identity: StreamIdentity, because error: String) throws {
    try database.execute(
      sql: """
        INSERT INTO dead_letters
          (stream, instance, epoch, position, partition, record, error, first_attempt_at, last_attempt_at, attempts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT DO UPDATE
          SET error = excluded.error, last_attempt_at = excluded.last_attempt_at, attempts = attempts + 1
        """,
      arguments: [
        identity.stream.rawValue, identity.instance, Int64(bitPattern: identity.epoch), Int64(record.position),
        record.partition.rawValue, Data(record.bytes), error, now.milliseconds, now.milliseconds,
      ]
    )
  }
}
