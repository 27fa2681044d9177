import Contracts
import Foundation
package import GRDB
package import Records

// GRDB has a `Cursor` of its own, hence the module's name.

extension Records.Cursor {
  /// The blob as a value that a statement takes.
  var storedBlob: Data { Data(blob) }

  /// All cursors, by stream and instance.
  package static func fetchAll(_ database: Database) throws -> [Records.Cursor] {
    try Data.fetchAll(database, sql: "SELECT cursor FROM cursors ORDER BY stream, instance").map(
      Records.Cursor.init(stored:)
    )
  }

  /// Where the store's own journals end, by stream.
  static func fetchHeads(_ database: Database) throws -> [HeadVector] {
    try Data.fetchAll(database, sql: "SELECT head FROM heads ORDER BY stream").map { blob in
      guard let head = HeadVector(blob: blob) else {
        throw StoreError(.damaged, "a journal's head can't be read: restore the latest backup")
      }
      return head
    }
  }

  init(stored blob: some Collection<UInt8>) throws(StoreError) {
    guard let cursor = Records.Cursor(blob: blob) else {
      throw StoreError(.damaged, "a cursor can't be read: restore the latest backup")
    }
    self = cursor
  }
}
