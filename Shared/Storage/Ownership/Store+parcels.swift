package import Contracts
import Foundation
import GRDB
import Records

extension Store {
  /// Up to this many bytes of values, unless a single row has more.
  private static let mostPageBytes = 256 * 1024
  private static let mostPageRows = 1000

  /// What the store owns, as of the last commit.
  package var ownership: Ownership { state.ownership }

  /// The next page of a partition that is leaving.
  /// - Throws: a `Fault` where the partition isn't leaving.
  package func parcelPage(_ request: ParcelRequest, _ partitioning: Partitioning) async throws -> ParcelPage {
    let partition = try Transaction.partition(request.partition)
    return try await read { database in
      guard let entry = try Ownership(reading: database).entries[partition], entry.state == .leaving else {
        throw Fault(
          .failedPrecondition,
          reason: "staleMove",
          "Partition \(partition) isn't leaving this instance: release it first.",
          field: "partition"
        )
      }
      let ticket = try MoveTicket.fetch(partition, in: database)
      return try Self.page(request, partition, entry.epoch, ticket, partitioning.moving, in: database)
    }
  }

  private static func page(
    _ request: ParcelRequest,
    _ partition: Partition,
    _ epoch: UInt64,
    _ ticket: MoveTicket,
    _ tables: [PartitionedTable],
    in database: Database
  ) throws -> ParcelPage {
    var number = request.after?.table ?? 0
    var row = request.after?.row ?? 0
    guard tables.indices.contains(number) else {
      throw Fault(.invalidArgument, reason: "unknownPlace", "A parcel has \(tables.count) tables.", field: "after")
    }
    var rows: [[ParcelValue]] = []
    var place = ParcelPlace(table: number, row: row)
    var columns = try tables[number].columns(in: database)
    while true {
      (rows, place.row) = try Self.rows(of: tables[number], columns, partition, after: row, in: database)
      place.table = number
      if !rows.isEmpty || number == tables.count - 1 { break }
      number += 1
      row = 0
      columns = try tables[number].columns(in: database)
    }
    let isLast = number == tables.count - 1 && rows.isEmpty
    var page = ParcelPage(
      partition: partition.rawValue,
      epoch: epoch,
      after: request.after,
      // The last page moves on, too, so that it can't be taken for one that was there before.
      place: isLast ? ParcelPlace(table: tables.count, row: 0) : place,
      table: tables[number].name,
      columns: columns,
      rows: rows,
      isLast: isLast
    )
    if isLast {
      let reading = MoveTicket.Reading(fence: ticket.fence, cursors: ticket.cursors, floors: ticket.floors)
      page.reading = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(reading))
    }
    return page
  }

  private static func rows(
    of table: PartitionedTable,
    _ columns: [String],
    _ partition: Partition,
    after row: Int64,
    in database: Database
  ) throws -> ([[ParcelValue]], Int64) {
    let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    let cursor = try Row.fetchCursor(
      database,
      sql: """
        SELECT rowid, \(names) FROM \(table.parcel) WHERE parcelPartition = ? AND rowid > ? ORDER BY rowid LIMIT ?
        """,
      arguments: [partition.rawValue, row, mostPageRows]
    )
    var rows: [[ParcelValue]] = []
    var last = row
    var byteCount = 0
    while byteCount < mostPageBytes, let found = try cursor.next() {
      last = found[0]
      let values = found.databaseValues.dropFirst().map { ParcelValue($0) } as [ParcelValue]
      byteCount += values.reduce(0) { $0 + $1.byteCount }
      rows.append(values)
    }
    return (rows, last)
  }
}

extension ParcelValue {
  fileprivate var byteCount: Int {
    switch self {
    case .null: 4
    case .integer, .real: 16
    case .text(let text): text.utf8.count
    case .bytes(let bytes): bytes.count * 4 / 3
    }
  }
}
