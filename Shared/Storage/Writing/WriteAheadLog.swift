import GRDB
import GRDBSQLite

/// Copies the write-ahead log into the database when it has grown, between commits and never within one.
///
/// SQLite up to 3.51.2 can corrupt a database when two connections write or checkpoint at the same moment
/// (sqlite.org/wal.html, "the WAL-reset bug"). So the writer's connection is the only one that does either.
final class WriteAheadLog {
  private let connection: OpaquePointer
  private let threshold: Int
  /// Pages in the log, as SQLite reported after the last commit.
  private(set) var pages = 0
  /// Whether a commit has written to the log since this was last made false.
  var hasGrown = false
  private var nextCheckpoint: Int

  /// - Precondition: the value lives as long as the connection commits; `detach` before it goes.
  init(of database: Database, checkpointAfterPages threshold: Int) throws {
    guard let connection = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    self.connection = connection
    self.threshold = threshold
    nextCheckpoint = threshold
    sqlite3_wal_hook(
      connection,
      { log, _, _, pages in
        // SQLite hands back the pointer that was registered below.
        if let log { Unmanaged<WriteAheadLog>.fromOpaque(log).takeUnretainedValue().didCommit(Int(pages)) }
        return SQLITE_OK
      },
      Unmanaged.passUnretained(self).toOpaque()
    )
  }

  private func didCommit(_ pages: Int) {
    self.pages = pages
    hasGrown = true
  }

  func detach() {
    sqlite3_wal_hook(connection, nil, nil)
  }

  /// - Returns: whether a checkpoint was made.
  func checkpointIfDue() throws -> Bool {
    guard pages >= nextCheckpoint else { return false }
    var logged: Int32 = 0
    var copied: Int32 = 0
    // Should it fail, then once for each time that the log has grown by as much again.
    nextCheckpoint = pages + threshold
    let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, &logged, &copied)
    guard code == SQLITE_OK || code == SQLITE_BUSY else {
      throw DatabaseError(code, on: connection)
    }
    // Where a reader still needs the log, it can't start over and goes on growing.
    if copied >= logged { nextCheckpoint = threshold }
    return true
  }
}
