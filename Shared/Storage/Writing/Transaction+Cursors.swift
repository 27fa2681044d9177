package import Contracts
import GRDB
package import Records

extension Transaction {
  /// How far this service has read a stream of another service's instance; nil where it never did.
  package func cursor(of stream: StreamName, instance: UInt16) throws -> Records.Cursor? {
    try cursors.cursor(of: stream, instance: instance)
  }

  /// Remembers how far this service has read. Commits together with what it made of the records.
  package func setCursor(_ cursor: Records.Cursor) throws {
    try cursors.set(cursor)
  }

  /// Forgets floors that lie behind the cursor: no record up to there comes again.
  package func dropFloors(behind cursor: Records.Cursor) throws {
    let upstream = Ownership.Upstream(cursor.identity)
    guard let floors = ownership.floors[upstream], floors.values.allSatisfy({ $0 <= cursor.position }) else { return }
    try database.execute(
      sql: "DELETE FROM floors WHERE stream = ? AND instance = ?",
      arguments: [upstream.stream.rawValue, upstream.instance]
    )
    changeOwnership { $0.floors[upstream] = nil }
  }

  /// Forgets a cursor, so that the stream is read again from its beginning or from a snapshot.
  package func removeCursor(of stream: StreamName, instance: UInt16) throws {
    try database.execute(
      sql: "DELETE FROM cursors WHERE stream = ? AND instance = ?",
      arguments: [stream.rawValue, instance]
    )
  }
}

/// Every batch of events reads its cursor and moves it, so these go past GRDB.
struct CursorStatements {
  private let select: HotStatement
  private let upsert: HotStatement

  init(_ database: Database) throws {
    select = try HotStatement(database, "SELECT cursor FROM cursors WHERE stream = ? AND instance = ?")
    upsert = try HotStatement(
      database,
      """
      INSERT INTO cursors (stream, instance, position, cursor) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET position = excluded.position, cursor = excluded.cursor
      """
    )
  }

  func cursor(of stream: StreamName, instance: UInt16) throws -> Records.Cursor? {
    var name = stream.rawValue
    return try name.withUTF8 { name in
      select.bind(name, textAt: 1)
      select.bind(Int64(instance), at: 2)
      return try select.firstRow { try Records.Cursor(stored: $0.bytes(0)) }
    }
  }

  func set(_ cursor: Records.Cursor) throws {
    var name = cursor.identity.stream.rawValue
    try name.withUTF8 { name in
      try cursor.blob.withUnsafeBytes { blob in
        upsert.bind(name, textAt: 1)
        upsert.bind(Int64(cursor.identity.instance), at: 2)
        upsert.bind(Int64(cursor.position), at: 3)
        upsert.bind(blob, at: 4)
        try upsert.run()
      }
    }
  }
}
