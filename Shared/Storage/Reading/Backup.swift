import Contracts
import Foundation
import GRDB
import Records

extension Store {
  /// Copies the store, as it is at this moment, to a new file, while reading and writing go on. The copy has been
  /// checked and is on the disk when this returns.
  /// - Throws: `.fileExists` where `path` is taken, `.damaged` where the copy doesn't stand the check.
  package func backUp(to path: String) async throws {
    try StoreFiles.makeDirectory(of: path)
    let partial = path + ".partial"
    StoreFiles.remove(partial)
    try StoreFiles.makeFile(at: partial)
    defer { StoreFiles.remove(partial) }
    do {
      try await read { database in
        let copy = try DatabaseQueue(path: partial)
        try copy.writeWithoutTransaction { try database.backup(to: $0) }
        // The copy says of itself that it has a write-ahead log; a backup is a single file.
        try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try copy.close()
      }
      try Store.verify(partial)
    } catch let error as DatabaseError {
      throw StoreError(error, at: partial)
    }
    try StoreFiles.publish(partial, as: path)
  }

  /// Makes a store out of a backup. Its streams begin a new epoch, so that whoever followed the old store finds out
  /// that some of what it saw may be gone, instead of merging two histories.
  /// - Throws: `.fileExists` where there is a store at `path`, `.damaged` where the backup isn't sound.
  package static func restore(from backup: String, to path: String) throws(StoreError) {
    try StoreFiles.makeDirectory(of: path)
    let partial = path + ".partial"
    StoreFiles.remove(partial)
    defer { StoreFiles.remove(partial) }
    do {
      let lock = try StoreLock(forStoreAt: path)
      try FileManager.default.copyItem(atPath: backup, toPath: partial)
      try verify(partial)
      try beginEpochs(in: partial)
      try StoreFiles.publish(partial, as: path)
      lock.release()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      throw StoreError(error, at: backup)
    } catch {
      throw StoreError(.permissionDenied, "the backup \(backup) can't be copied to \(path): \(error)")
    }
  }

  private static func verify(_ path: String) throws {
    let database = try DatabaseQueue(path: path)
    let findings = try database.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
    try database.close()
    guard findings == ["ok"] else {
      throw StoreError(.damaged, "the copy at \(path) is damaged: \(findings.joined(separator: "; "))")
    }
  }

  private static func beginEpochs(in path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      for blob in try Data.fetchAll(database, sql: "SELECT head FROM heads") {
        guard var head = HeadVector(blob: blob) else {
          throw StoreError(.damaged, "a head in the backup can't be read")
        }
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
