import Contracts
import Foundation
import GRDB
package import Records

/// What a copy of a store holds: where its journals end, and how far it had read others'.
package struct BackupContents: Hashable, Sendable {
  package let heads: [HeadVector]
  package let cursors: [Records.Cursor]
}

extension Store {
  /// Copies the store, as it is at this moment, to a new file, while reading and writing go on. The copy has been
  /// checked as `restore` will check it, and is on the disk when this returns. Where the task is cancelled meanwhile,
  /// there is no copy.
  /// - Throws: `.fileExists` where `path` is taken, `.damaged` where the copy doesn't stand the check, or the store has
  ///   failed its own.
  @discardableResult
  package func backUp(to path: String) async throws -> BackupContents {
    if let failure = state.failure, failure.code == .damaged || failure.code == .notADatabase { throw failure }
    try StoreFiles.makeDirectory(of: path)
    let partial = path + ".partial"
    StoreFiles.remove(partial)
    try StoreFiles.makeFile(at: partial)
    defer { StoreFiles.remove(partial) }
    let contents: BackupContents
    do {
      try await read { database in try StoreCopy.make(of: database, at: partial) }
      contents = try await checkedContents(ofCopyAt: partial)
    } catch let error as DatabaseError {
      throw StoreError(error, at: partial)
    }
    try Task.checkCancellation()
    try StoreFiles.publish(partial, as: path)
    return contents
  }

  /// Reads the whole copy, which takes long, on the copy's own queue.
  private func checkedContents(ofCopyAt path: String) async throws -> BackupContents {
    let copy = try DatabaseQueue(path: path)
    let contents = try await copy.read { [configuration] database in
      try StoreCopy.checkStructure(of: database, at: path)
      let report = try IntegrityReport(ofJournalsIn: database)
      guard report.problems.isEmpty else {
        throw StoreError(
          .damaged,
          "the store at \(configuration.path) is damaged (\(report.problems.joined(separator: "; "))): a copy of it could "
            + "not be restored; restore the latest backup"
        )
      }
      return BackupContents(
        heads: try Records.Cursor.fetchHeads(database),
        cursors: try Records.Cursor.fetchAll(database)
      )
    }
    try copy.close()
    return contents
  }
}

/// A store's database in a single file that nobody uses yet.
enum StoreCopy {
  /// Copies what `database` sees, whoever else uses it.
  static func make(of database: Database, at path: String) throws {
    let copy = try DatabaseQueue(path: path)
    try copy.writeWithoutTransaction { try database.backup(to: $0) }
    // The copy says of itself that it has a write-ahead log; a backup is a single file.
    try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    try copy.close()
  }

  /// Checks SQLite's own structures, and what `body` wants to know besides.
  static func check<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
    let queue = try DatabaseQueue(path: path)
    let value = try queue.read { database in
      try checkStructure(of: database, at: path)
      return try body(database)
    }
    try queue.close()
    return value
  }

  static func checkStructure(of database: Database, at path: String) throws {
    let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
    guard findings == ["ok"] else {
      throw StoreError(.damaged, "the copy at \(path) is damaged: \(findings.joined(separator: "; "))")
    }
  }

  /// Lets every stream begin a new epoch, so that whoever followed the store that this is a copy of finds out that some
  /// of what it saw may be gone, instead of merging two histories.
  static func beginEpochs(in path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      for var head in try Records.Cursor.fetchHeads(database) {
        head.identity.epoch = Schema.newEpoch()
        try database.execute(
          sql: "UPDATE heads SET head = ? WHERE stream = ?",
          arguments: [head.storedBlob, head.identity.stream.rawValue]
        )
      }
    }
    try queue.close()
  }
}
