package import Contracts
import Foundation
import GRDB
package import Records

/// A store that has been locked, brought up to date and checked, but not yet taken into use.
struct OpenedStore {
  let lock: StoreLock
  let pool: DatabasePool
  let heads: [HeadVector]
  let ownership: Ownership
}

extension Store {
  /// Opens the store, making it where there is none, and brings its tables up to date.
  /// - Parameters:
  ///   - streams: the streams that this store writes; at least their journals are made.
  ///   - migrations: the service's own steps, after the store's.
  ///   - onCommit: called on the writer's thread with the frames of each commit, in order, once they are durable and
  ///     before anybody is told. It must not block.
  ///   - now: the wall clock.
  /// - Throws: `.locked`, `.newerSchema`, `.notADatabase`, `.diskFull`, `.permissionDenied`, `.wrongInstance`,
  ///   `.damaged`, `.migrationFailed`.
  package static func open(
    _ configuration: StoreConfiguration,
    streams: [StreamName],
    migrations: [Migration] = [],
    onCommit: @escaping @Sendable ([RecordFrame]) -> Void = { _ in },
    now: @escaping @Sendable () -> Timestamp
  ) throws(StoreError) -> Store {
    let path = configuration.path
    try StoreFiles.makeDirectory(of: path)
    let lock = try StoreLock(forStoreAt: path)
    _ = try Restoration.finish(at: path)
    try StoreFiles.makeFile(at: path)
    do {
      let pool = try DatabasePool(path: path, configuration: connections(configuration))
      try migrate(pool, with: Schema.migrations + migrations)
      let (heads, ownership) = try pool.writeWithoutTransaction { database in
        try database.execute(sql: writerSettings(configuration))
        var heads: [HeadVector] = []
        var ownership = Ownership.everything
        try database.inTransaction {
          heads = try Schema.prepare(streams, instance: configuration.instance, in: database)
          ownership = try OwnershipSchema.prepare(configuration.partitioning, in: database)
          return .commit
        }
        return (heads, ownership)
      }
      return Store(
        OpenedStore(lock: lock, pool: pool, heads: heads, ownership: ownership),
        configuration: configuration,
        onCommit: onCommit,
        now: now
      )
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      throw StoreError(error, at: path)
    } catch {
      throw StoreError(.damaged, "the store at \(path) can't be opened: \(error)")
    }
  }

  /// For the one connection that writes.
  ///
  /// - `temp_store`: what a savepoint would undo is kept in memory, in small pieces. Where it may go to a file, SQLite
  ///   allocates 64 KiB for each savepoint that changes anything, which costs as much as the change itself.
  /// - `cache_size`: 16 MiB, so that no transaction is written to the log before its end for want of room.
  private static func writerSettings(_ configuration: StoreConfiguration) -> String {
    """
    PRAGMA synchronous = \(configuration.synchronous.rawValue);
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA journal_size_limit = 67108864;
    """
  }

  private static func connections(_ configuration: StoreConfiguration) -> Configuration {
    var connections = Configuration()
    connections.label = "store"
    connections.maximumReaderCount = configuration.readerCount
    connections.busyMode = .timeout(Double(configuration.busyTimeout.wholeMilliseconds) / 1000)
    // Transactions are begun and ended by the writer's thread, past GRDB.
    connections.allowsUnsafeTransactions = true
    connections.prepareDatabase { database in
      // Only the writer's thread copies the write-ahead log, when it chooses to: see `WriteAheadLog`.
      try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    }
    return connections
  }

  private static func migrate(_ pool: DatabasePool, with migrations: [Migration]) throws {
    var migrator = DatabaseMigrator()
    for migration in migrations {
      migrator.registerMigration(migration.identifier) { database in
        do {
          try migration.migrate(database)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
          throw error
        } catch {
          throw StoreError(
            .migrationFailed,
            "step \(migration.identifier) of the store's migrations failed, and was undone: \(error)"
          )
        }
      }
    }
    let known = Set(migrator.migrations)
    let unknown = try pool.read { [migrator] in try migrator.appliedIdentifiers($0) }.subtracting(known).sorted()
    guard unknown.isEmpty else {
      throw StoreError(
        .newerSchema,
        "a newer version has changed the store at \(pool.path) (steps \(unknown.joined(separator: ", "))): "
          + "run that version, or restore a backup from before it"
      )
    }
    try migrator.migrate(pool)
  }
}
