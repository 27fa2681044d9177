package import Contracts
import Foundation
import GRDB
package import Records

/// What a restore has done.
package struct RestoreOutcome: Hashable, Sendable {
  /// Where the store that was there before is kept; nil where there was none.
  package let replaced: String?
  /// Where the restored journals end, in their new epochs.
  package let heads: [HeadVector]
}

/// What a backup has to be before it may take a service's store's place.
package struct StoreExpectation: Sendable {
  package var streams: [StreamName]
  package var instance: UInt16
  /// The service's own steps, after the store's.
  package var migrations: [Migration]

  package init(streams: [StreamName], instance: UInt16, migrations: [Migration]) {
    self.streams = streams
    self.instance = instance
    self.migrations = migrations
  }
}

extension Store {
  /// Makes a store out of a backup, where there is none. Its streams begin a new epoch.
  /// - Throws: `.fileExists` where there is a store at `path`, `.damaged` where the backup isn't sound.
  package static func restore(from backup: String, to path: String) throws(StoreError) {
    try Restoration.translatingErrors(of: backup) {
      try StoreFiles.makeDirectory(of: path)
      try Restoration.checkOwner(ofStoreAt: path)
      let lock = try StoreLock(forStoreAt: path)
      let partial = try Restoration.prepare(backup, for: path, expecting: nil)
      defer { StoreFiles.remove(partial) }
      try StoreFiles.publish(partial, as: path)
      lock.release()
    }
  }

  /// Puts a backup in the place of a stopped service's store, which is kept aside. The backup is copied and checked in
  /// whole first; until then nothing is changed. From then on the restore can't be half done: whatever interrupts it,
  /// the next start, or the next restore, finishes it.
  ///
  /// The streams begin a new epoch. Followers that had applied no more than the backup holds go on from there; those
  /// that had applied more are told that their history and this one have parted.
  /// - Parameter now: stands in the name of the store that is kept aside.
  /// - Throws: `.locked` where the service runs, `.notADatabase`, `.damaged`, `.newerSchema`, `.wrongService` or
  ///   `.wrongInstance` where the backup is not what is expected, `.diskFull`, `.permissionDenied` where something can't be
  ///   read or written, or the store would be another user's.
  package static func restore(
    from backup: String,
    over path: String,
    expecting expectation: StoreExpectation,
    now: Timestamp
  ) throws(StoreError) -> RestoreOutcome {
    try Restoration.translatingErrors(of: backup) {
      try StoreFiles.makeDirectory(of: path)
      try Restoration.checkOwner(ofStoreAt: path)
      let lock = try StoreLock(forStoreAt: path)
      defer { lock.release() }
      _ = try Restoration.finish(at: path)
      let partial = try Restoration.prepare(backup, for: path, expecting: expectation)
      defer { StoreFiles.remove(partial) }
      let heads = try StoreCopy.check(partial) { try Records.Cursor.fetchHeads($0) }
      try StoreFiles.publish(partial, as: path + Restoration.mark + Restoration.name(of: now))
      return RestoreOutcome(replaced: try Restoration.finish(at: path), heads: heads)
    }
  }
}

/// The steps of a restore.
///
/// The finished copy is given the name `<store>.restoring-<time>`; with that the restore is decided. Then the old store's
/// files are renamed to `<store>.replaced-<time>…`, then the copy to the store's own name. A store that is opened finishes
/// first what it finds begun, so nobody ever sees half of it, or an old log beside a new database.
enum Restoration {
  static let mark = ".restoring-"
  private static let aside = ".replaced-"

  /// The restored store belongs to whoever restores it, and nobody else could open it then: so that has to be who owns
  /// the store that is there, or the directory where there is none.
  static func checkOwner(ofStoreAt path: String) throws(StoreError) {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var status = stat()
    guard stat(path, &status) == 0 || stat(directory, &status) == 0 else {
      throw StoreError(.permissionDenied, "\(directory) can't be looked at (\(String(cString: strerror(errno))))")
    }
    guard status.st_uid == geteuid() else {
      let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
      throw StoreError(
        .permissionDenied,
        "the store at \(path) belongs to user \(owner), who couldn't open what another user restores: restore it as "
          + owner
      )
    }
  }

  /// Copies the backup beside the store, checks the copy, and lets it begin new epochs.
  /// - Returns: the copy's path.
  static func prepare(_ backup: String, for path: String, expecting expectation: StoreExpectation?) throws -> String {
    guard FileManager.default.isReadableFile(atPath: backup) else {
      throw StoreError(.permissionDenied, "there is no backup at \(backup) that this user may read")
    }
    let partial = path + ".partial"
    StoreFiles.remove(partial)
    do {
      try StoreFiles.makeFile(at: partial)
      var configuration = Configuration()
      configuration.readonly = true
      // Read through SQLite, so that what only stands in a log beside the file is copied as well.
      let source = try DatabaseQueue(path: backup, configuration: configuration)
      try source.read { try StoreCopy.make(of: $0, at: partial) }
      try source.close()
      try StoreCopy.check(partial) { database in
        try checkIsStore(database, backup)
        if let expectation { try check(database, backup, against: expectation) }
        let report = try IntegrityReport(ofJournalsIn: database)
        guard report.problems.isEmpty else {
          throw StoreError(.damaged, "the backup \(backup) is damaged: \(report.problems.joined(separator: "; "))")
        }
      }
      try StoreCopy.beginEpochs(in: partial)
    } catch {
      StoreFiles.remove(partial)
      throw error
    }
    return partial
  }

  private static func checkIsStore(_ database: Database, _ backup: String) throws {
    for table in ["heads", "cursors", "grdb_migrations"] where try !database.tableExists(table) {
      throw StoreError(.wrongService, "\(backup) is an SQLite database, but no store of Groundswell: choose a backup")
    }
  }

  private static func check(_ database: Database, _ backup: String, against expectation: StoreExpectation) throws {
    let heads = try Records.Cursor.fetchHeads(database)
    let streams = heads.map(\.identity.stream)
    guard !streams.isEmpty, Set(streams).isSubset(of: expectation.streams) else {
      let (found, wanted) = (streams.map(\.rawValue), expectation.streams.map(\.rawValue))
      throw StoreError(
        .wrongService,
        "\(backup) is another service's: it writes \(found.joined(separator: ", ")), and this service writes "
          + wanted.joined(separator: ", ")
      )
    }
    if let other = heads.first(where: { $0.identity.instance != expectation.instance }) {
      throw StoreError(
        .wrongInstance,
        "\(backup) is of instance \(other.identity.instance), and this is instance \(expectation.instance)"
      )
    }
    let known = Set((Schema.migrations + expectation.migrations).map(\.identifier))
    let applied = try String.fetchAll(database, sql: "SELECT identifier FROM grdb_migrations")
    let unknown = Set(applied).subtracting(known).sorted()
    guard unknown.isEmpty else {
      throw StoreError(
        .newerSchema,
        "\(backup) was made by a newer version (steps \(unknown.joined(separator: ", "))): restore it with that version"
      )
    }
  }

  /// Finishes a restore that was decided. Whoever calls it holds the store's lock.
  /// - Returns: where the store that was there is kept; nil where there was none, or nothing to finish.
  static func finish(at path: String) throws(StoreError) -> String? {
    guard let restored = try decided(at: path) else { return nil }
    let time = restored.dropFirst(path.count + mark.count)
    let replaced = "\(path)\(aside)\(time)"
    for suffix in ["", "-wal", "-journal"] where FileManager.default.fileExists(atPath: path + suffix) {
      guard !FileManager.default.fileExists(atPath: replaced + suffix) else {
        throw StoreError(.fileExists, "\(replaced + suffix) is in the way of a restore: move it elsewhere")
      }
      try StoreFiles.rename(path + suffix, to: replaced + suffix)
    }
    // An index of the log, which is made again from the log; beside another database it would be wrong.
    unlink(path + "-shm")
    try StoreFiles.rename(restored, to: path)
    return FileManager.default.fileExists(atPath: replaced) ? replaced : nil
  }

  /// - Throws: `.failed` where the directory can't be read. To go on as if nothing had been decided would open the store
  ///   that was to be replaced.
  private static func decided(at path: String) throws(StoreError) -> String? {
    let url = URL(fileURLWithPath: path)
    let directory = url.deletingLastPathComponent().path
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory)
    } catch {
      throw StoreError(
        .failed,
        "the directory \(directory) can't be read, so nobody knows whether a restore was begun in it (\(error)): check "
          + "the disk and the limit of open files, then start again"
      )
    }
    return names.filter { $0.hasPrefix(url.lastPathComponent + mark) }.min()
      .map { path + $0.dropFirst(url.lastPathComponent.count) }
  }

  /// A moment as part of a file's name.
  static func name(of time: Timestamp) -> String {
    String(time.description.filter { $0.isASCII && ($0.isNumber || $0.isLetter) })
  }

  static func translatingErrors<Value>(of backup: String, _ body: () throws -> Value) throws(StoreError) -> Value {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_NOTADB: throw StoreError(.notADatabase, "\(backup) is no SQLite database: choose a backup")
      case .SQLITE_CORRUPT: throw StoreError(.damaged, "the backup \(backup) is damaged: choose another")
      default: throw StoreError(error, at: backup)
      }
    } catch {
      throw StoreError(.permissionDenied, "the backup \(backup) can't be restored: \(error)")
    }
  }
}
