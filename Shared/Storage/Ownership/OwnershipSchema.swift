import Contracts
import Foundation
import GRDB
import Records

/// Tables for who owns what, and for rows on their way.
enum OwnershipSchema {
  static let migration = Migration("storage.3") { database in
    try database.execute(
      sql: """
        -- Which partitions this store owns, owned, or is about to own. A ticket says how far a move has come.
        CREATE TABLE ownership (
          partition INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, state TEXT NOT NULL, peer INTEGER, ticket BLOB
        );
        -- Records of a partition up to a position were applied by whoever owned it before.
        CREATE TABLE floors (
          stream TEXT NOT NULL, instance INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
          PRIMARY KEY (stream, instance, partition)
        ) WITHOUT ROWID;
        -- NULL where the store isn't divided, or the request named no programme.
        ALTER TABLE requests ADD COLUMN partition INTEGER;
        CREATE INDEX request_of_partition ON requests (partition) WHERE partition IS NOT NULL;
        ALTER TABLE dead_letters ADD COLUMN partition INTEGER;
        CREATE INDEX dead_letter_of_partition ON dead_letters (partition);
        """
    )
    for row in try Row.fetchAll(database, sql: "SELECT id, position, record FROM dead_letters") {
      let record = try Record(position: UInt64(row["position"] as Int64), parsing: [UInt8](row["record"] as Data))
      try database.execute(
        sql: "UPDATE dead_letters SET partition = ? WHERE id = ?",
        arguments: [record.partition.rawValue, row["id"] as Int64]
      )
    }
  }

  /// Makes what a divided store needs, and lets a new one claim its partitions.
  static func prepare(_ partitioning: Partitioning?, in database: Database) throws -> Ownership {
    guard let partitioning else { return .everything }
    for table in partitioning.moving { try prepareParcel(of: table, in: database) }
    let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM ownership") == 0
    if isNew {
      for partition in partitioning.claim.partitions {
        try database.execute(
          sql: "INSERT INTO ownership (partition, epoch, state) VALUES (?, 1, ?)",
          arguments: [partition.rawValue, PartitionState.owned.rawValue]
        )
      }
    }
    return try Ownership(reading: database)
  }

  /// A parcel has its table's columns, without keys, after the number of the partition.
  private static func prepareParcel(of table: PartitionedTable, in database: Database) throws {
    let name = "parcel/\(table.name)"
    guard try database.tableExists(name) else {
      try database.execute(
        sql: """
          CREATE TABLE \(table.parcel) AS SELECT 0 AS parcelPartition, * FROM \(table.name) WHERE 0;
          CREATE INDEX "\(name)/partition" ON \(table.parcel) (parcelPartition);
          """
      )
      return
    }
    let known = Set(try database.columns(in: name).map(\.name))
    for column in try database.columns(in: table.name) where !known.contains(column.name) {
      try database.execute(sql: "ALTER TABLE \(table.parcel) ADD COLUMN \"\(column.name)\" \(column.type)")
    }
  }
}

extension PartitionedTable {
  /// The columns whose values move, in the table's order.
  func columns(in database: Database) throws -> [String] {
    try database.columns(in: name).map(\.name).filter { !ownColumns.contains($0) }
  }

  /// The programmes of a partition that have rows, found by steps through the index: what it costs is a matter of how
  /// many programmes there are, not rows.
  func programmes(of partition: Partition, by column: String, in database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        WITH RECURSIVE step (programme) AS (
          SELECT min(\(column)) FROM \(name)
          UNION ALL
          SELECT (SELECT min(\(column)) FROM \(name) WHERE \(column) > step.programme) FROM step
          WHERE step.programme IS NOT NULL)
        SELECT programme FROM step WHERE programme IS NOT NULL
        """
    ).filter { Partition(of: ID($0)) == partition }
  }
}
