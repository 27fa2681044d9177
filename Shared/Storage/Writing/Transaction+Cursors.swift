package import Contracts
import GRDB
package import Records

extension Transaction {
  /// How far this service has read a stream of another service's instance; nil where it never did.
  package func cursor(of stream: StreamName, instance: UInt16) throws -> Records.Cursor? {
    try Records.Cursor.fetch(database, stream: stream, instance: instance)
  }

  /// Remembers how far this service has read. Commits together with what it made of the records.
  package func setCursor(_ cursor: Records.Cursor) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO cursors (stream, instance, position, cursor) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET position = excluded.position, cursor = excluded.cursor
        """
    )
    try statement.execute(arguments: [
      cursor.identity.stream.rawValue, cursor.identity.instance, Int64(cursor.position), cursor.storedBlob,
    ])
  }

  /// Forgets a cursor, so that the stream is read again from its beginning or from a snapshot.
  package func removeCursor(of stream: StreamName, instance: UInt16) throws {
    try database.execute(
      sql: "DELETE FROM cursors WHERE stream = ? AND instance = ?",
      arguments: [stream.rawValue, instance]
    )
  }
}
