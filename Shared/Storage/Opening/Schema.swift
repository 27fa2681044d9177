import Contracts
import Foundation
import GRDB
import Records

/// The store's own tables. A service's tables stand beside them, in the same file, so that one transaction covers both.
enum Schema {
  /// Steps that come before the service's own.
  static let migrations: [Migration] = [
    Migration(
      "storage.1",
      sql: """
        -- How far each stream has got: a cursor blob; the position again, for people.
        CREATE TABLE heads (
          stream TEXT NOT NULL PRIMARY KEY, position INTEGER NOT NULL, head BLOB NOT NULL
        ) WITHOUT ROWID;
        -- How far this service has read others' streams: a cursor blob; the position again, for people.
        CREATE TABLE cursors (
          stream TEXT NOT NULL, instance INTEGER NOT NULL, position INTEGER NOT NULL, cursor BLOB NOT NULL,
          PRIMARY KEY (stream, instance)
        ) WITHOUT ROWID;
        -- Responses to requests that may come again. Row ids follow the time, which is how old ones are found.
        CREATE TABLE requests (
          number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, response BLOB NOT NULL
        );
        -- Records that could not be applied, as they were received.
        CREATE TABLE dead_letters (
          id INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, instance INTEGER NOT NULL,
          epoch INTEGER NOT NULL, position INTEGER NOT NULL, record BLOB NOT NULL, error TEXT NOT NULL,
          first_attempt_at INTEGER NOT NULL, last_attempt_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
          UNIQUE (stream, instance, epoch, position)
        );
        """
    ),
    Migration(
      "storage.2",
      sql: """
        -- How far others have applied this store's streams, as they said themselves. Times in milliseconds.
        CREATE TABLE followers (
          stream TEXT NOT NULL, follower TEXT NOT NULL, position INTEGER NOT NULL, reported_at INTEGER NOT NULL,
          PRIMARY KEY (stream, follower)
        ) WITHOUT ROWID;
        -- Up to where each journal has been trimmed: its first frame begins right after.
        CREATE TABLE trims (stream TEXT NOT NULL PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        """
    ),
    OwnershipSchema.migration,
    StagedSnapshot.migration,
  ]

  /// The table of a stream's frames, keyed by the position of the last record. It has no other index: an index on
  /// partition and sequence halves throughput, and nobody looks records up that way.
  ///
  /// A stream's name has no character that could end the quotes.
  static func journalTable(of stream: StreamName) -> String { "\"journal/\(stream)\"" }

  /// Makes what the streams need that isn't there yet, checks what is, and returns their heads.
  static func prepare(_ streams: [StreamName], instance: UInt16, in database: Database) throws -> [HeadVector] {
    try streams.map { stream in
      guard
        let blob = try Row.fetchOne(
          database,
          sql: "SELECT head FROM heads WHERE stream = ?",
          arguments: [stream.rawValue]
        )
      else { return try begin(stream, instance: instance, in: database) }
      guard let head = HeadVector(blob: blob["head"] as Data), head.identity.stream == stream else {
        throw StoreError(.damaged, "the head of \(stream) can't be read: restore the latest backup")
      }
      guard head.identity.instance == instance else {
        throw StoreError(
          .wrongInstance,
          "the store was made by instance \(head.identity.instance), this is instance \(instance): give each its own"
        )
      }
      try check(head, in: database)
      return head
    }
  }

  private static func begin(_ stream: StreamName, instance: UInt16, in database: Database) throws -> HeadVector {
    let head = HeadVector(startOf: StreamIdentity(stream: stream, instance: instance, epoch: newEpoch()))
    try database.execute(
      sql: "CREATE TABLE \(journalTable(of: stream)) (position INTEGER PRIMARY KEY, frame BLOB NOT NULL)"
    )
    try database.execute(
      sql: "INSERT INTO heads (stream, position, head) VALUES (?, 0, ?)",
      arguments: [stream.rawValue, head.storedBlob]
    )
    return head
  }

  /// The head must be where the last frame ends. Frames and heads are written together, so a difference means that
  /// the file was changed by something else.
  private static func check(_ head: HeadVector, in database: Database) throws {
    let table = journalTable(of: head.identity.stream)
    let last = try Row.fetchOne(
      database,
      sql: "SELECT position, substr(frame, 1, ?) AS header FROM \(table) ORDER BY position DESC LIMIT 1",
      arguments: [FrameHeader.byteCount]
    )
    let fits: Bool
    if let last {
      let header = try FrameHeader(parsing: [UInt8](last["header"] as Data))
      fits =
        last["position"] == Int64(head.position) && header.lastPosition == head.position && header.chain == head.chain
    } else {
      fits = head.position == 0 && head.chain == .genesis
    }
    guard fits else {
      throw StoreError(
        .damaged,
        "the journal of \(head.identity.stream) doesn't end where its head says: restore the latest backup"
      )
    }
  }

  /// Never zero, and below 2^63, which is as far as a column's integers go.
  static func newEpoch() -> UInt64 { .random(in: 1..<1 << 63) }
}
