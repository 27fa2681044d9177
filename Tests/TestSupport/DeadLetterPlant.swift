package import Foundation
import GRDB
import Records

/// Puts a record among the dead letters of a store that nobody has open, as if it couldn't be applied.
package enum DeadLetterPlant {
  /// - Parameters:
  ///   - publisher: the store whose journal has the record: the first of `journal`.
  ///   - stream: the stream that it is said to have come from.
  package static func plant(in store: URL, from publisher: URL, journal: String, as stream: String) throws {
    let frame = try DatabaseQueue(path: publisher.path).read { database in
      try Data.fetchOne(database, sql: "SELECT frame FROM \"journal/\(journal)\" ORDER BY position LIMIT 1")
    }
    guard let frame else { throw CocoaError(.fileReadCorruptFile) }
    var bytes = Data()
    try RecordFrame(validating: [UInt8](frame)).withUnsafeRecords { record in
      if bytes.isEmpty { bytes = Data(record.bytes) }
    }
    try DatabaseQueue(path: store.path).write { database in
      try database.execute(
        sql: """
          INSERT INTO dead_letters
            (stream, instance, epoch, position, record, error, first_attempt_at, last_attempt_at, attempts)
          VALUES (?, 0, 1, 1, ?, 'planted by a test', 0, 0, 1)
          """,
        arguments: [stream, bytes]
      )
    }
  }
}
