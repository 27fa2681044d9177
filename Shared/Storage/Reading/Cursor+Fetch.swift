import Contracts
import Foundation
package import GRDB
package import Records

// GRDB has a `Cursor` of its own, hence the module's name.

extension Records.Cursor {
  /// The blob as a value that a statement takes.
  var storedBlob: Data { Data(blob) }

  /// Reads the cursor that was committed for a stream; nil where there is none.
  static func fetch(_ database: Database, stream: StreamName, instance: UInt16) throws -> Records.Cursor? {
    let statement = try database.cachedStatement(sql: "SELECT cursor FROM cursors WHERE stream = ? AND instance = ?")
    guard let blob = try Data.fetchOne(statement, arguments: [stream.rawValue, instance]) else { return nil }
    return try reading(blob)
  }

  /// All cursors, by stream and instance.
  package static func fetchAll(_ database: Database) throws -> [Records.Cursor] {
    try Data.fetchAll(database, sql: "SELECT cursor FROM cursors ORDER BY stream, instance").map(reading)
  }

  private static func reading(_ blob: Data) throws -> Records.Cursor {
    guard let cursor = Records.Cursor(blob: blob) else {
      throw StoreError(.damaged, "a cursor can't be read: restore the latest backup")
    }
    return cursor
  }
}
