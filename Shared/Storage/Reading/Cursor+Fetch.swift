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

  init(stored blob: some Collection<UInt8>) throws(StoreError) {
    guard let cursor = Records.Cursor(blob: blob) else {
      throw StoreError(.damaged, "a cursor can't be read: restore the latest backup")
    }
    self = cursor
  }
}
