package import GRDB

/// Why the store could not do something, with a sentence that says what to do about it.
@usableFromInline
package struct StoreError: Error, Sendable {
  package var code: Code
  /// For people: what happened, where, and what helps.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package enum Code: String, Sendable {
    /// Another process has the store open.
    case locked
    /// A newer version of the program has changed the store.
    case newerSchema
    /// The file is something else.
    case notADatabase
    /// No room on the disk. Reads go on, and writes again as soon as there is room.
    case diskFull
    case permissionDenied
    /// The store belongs to another service.
    case wrongService
    /// The store belongs to another instance of the service.
    case wrongInstance
    /// Contents don't fit their checksums, or the file its own structure.
    case damaged
    /// A step that brings an older store up to date failed; the store is as it was before that step.
    case migrationFailed
    /// The store writes no such stream.
    case unknownStream
    /// No such dead letter.
    case unknownDeadLetter
    /// Something is in the way of a new file.
    case fileExists
    /// Too many commands are waiting: try again shortly.
    case overloaded
    /// Somebody else's transaction holds the file for too long.
    case busy
    /// The transaction that the command was part of was rolled back as a whole: nothing of it has happened.
    case rolledBack
    /// The disk failed while writing. The store takes no more writes until the process has been restarted.
    case failed
    case closed
  }
}

extension StoreError: CustomStringConvertible {
  @usableFromInline
  package var description: String { message }
}

extension StoreError {
  /// What an error of SQLite means for the store at `path`.
  ///
  /// The file with the write-ahead log's index (`-shm`) that can't grow is a lack of room like any other, though SQLite
  /// calls it an input or output error.
  package init(_ error: DatabaseError, at path: String) {
    let (code, advice): (Code, String) =
      switch error.resultCode {
      case .SQLITE_FULL,
        _ where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE:
        (.diskFull, "free some space; writing goes on by itself")
      case .SQLITE_NOTADB:
        (.notADatabase, "point the service at its own store, or move the file away")
      case .SQLITE_CORRUPT:
        (.damaged, "stop the service and restore the latest backup")
      case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_AUTH:
        (.permissionDenied, "let the service's user read and write the file and its directory")
      case .SQLITE_BUSY, .SQLITE_LOCKED:
        (.busy, "close other programs that have it open")
      case .SQLITE_IOERR:
        (.failed, "check the disk, then restart the service")
      default:
        (.rolledBack, "nothing was changed")
      }
    self.init(code, "the store at \(path): \(error.message ?? "\(error.resultCode)") (\(error.resultCode)); \(advice)")
  }

  /// Whether writing can't go on in this process. After a failed write or fsync nobody knows what the disk holds;
  /// trying again would report success over lost pages, so recovery is left to the next start.
  var isFatal: Bool {
    switch code {
    case .failed, .damaged, .notADatabase, .permissionDenied: true
    default: false
    }
  }
}
