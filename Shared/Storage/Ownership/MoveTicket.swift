import Contracts
import Foundation
import GRDB
import Records

/// How far the move of one partition has come, as it stands in the table of owned partitions.
struct MoveTicket: Codable, Sendable {
  /// `stream/instance/epoch/position` each, where the old owner's own streams ended when it fenced the partition.
  var fence: [String] = []
  /// How far the old owner had read its upstreams then.
  var cursors: [Records.Cursor] = []
  /// Where the old owner had passed over records of the partition, as an owner before it had applied them.
  var floors: [Floor] = []
  /// Where the last page ends that the new owner has put by.
  var place: ParcelPlace?
  var isComplete = false

  struct Floor: Codable, Hashable, Sendable {
    var stream: StreamName
    var instance: UInt16
    var position: UInt64
  }

  /// What the last page of a parcel says of what the old owner has written and read.
  struct Reading: Codable, Sendable {
    var fence: [String]
    var cursors: [Records.Cursor]
    var floors: [Floor]

    var namesEachUpstreamOnce: Bool {
      Set(cursors.map { Ownership.Upstream($0.identity) }).count == cursors.count
        && Set(floors.map { Ownership.Upstream(stream: $0.stream, instance: $0.instance) }).count == floors.count
    }
  }

  static func fetch(_ partition: Partition, in database: Database) throws -> MoveTicket {
    let data = try Data.fetchOne(
      database,
      sql: "SELECT ticket FROM ownership WHERE partition = ?",
      arguments: [partition.rawValue]
    )
    guard let data else { return MoveTicket() }
    return try JSONDecoder().decode(MoveTicket.self, from: data)
  }
}

extension Transaction {
  /// Writes who owns a partition, and takes it over into this thread's copy.
  func setOwnership(_ partition: Partition, _ entry: Ownership.Entry, _ ticket: MoveTicket? = nil) throws {
    try database.execute(
      sql: """
        INSERT INTO ownership (partition, epoch, state, peer, ticket) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
          epoch = excluded.epoch, state = excluded.state, peer = excluded.peer, ticket = excluded.ticket
        """,
      arguments: [
        partition.rawValue, Int64(clamping: entry.epoch), entry.state.rawValue, entry.peer,
        try ticket.map { try JSONEncoder().encode($0) },
      ]
    )
    changeOwnership { ownership in
      ownership.entries[partition] = entry
      if entry.state == .owned { ownership.owned.insert(partition) } else { ownership.owned.remove(partition) }
    }
  }

  /// Moves what was packed back among the rows that are in use.
  func unpack(_ partition: Partition, _ tables: [PartitionedTable]) throws {
    for table in tables {
      let columns = try table.columns(in: database).map { "\"\($0)\"" }.joined(separator: ", ")
      try database.execute(
        sql: """
          INSERT INTO \(table.name) (\(columns))
          SELECT \(columns) FROM \(table.parcel) WHERE parcelPartition = ? ORDER BY rowid
          """,
        arguments: [partition.rawValue]
      )
    }
    try dropParcel(of: partition, tables)
  }

  func dropParcel(of partition: Partition, _ tables: [PartitionedTable]) throws {
    for table in tables {
      try database.execute(
        sql: "DELETE FROM \(table.parcel) WHERE parcelPartition = ?",
        arguments: [partition.rawValue]
      )
    }
  }

  /// Puts a partition's rows aside, out of the reach of timers and questions.
  func pack(_ partition: Partition, _ tables: [PartitionedTable]) throws {
    for table in tables {
      let columns = try table.columns(in: database).map { "\"\($0)\"" }.joined(separator: ", ")
      let order = table.ownColumns.sorted().first.map { " ORDER BY \"\($0)\"" } ?? ""
      func move(_ condition: String, _ value: any DatabaseValueConvertible) throws {
        try database.execute(
          sql: """
            INSERT INTO \(table.parcel) (parcelPartition, \(columns))
            SELECT \(partition.rawValue), \(columns) FROM \(table.name) WHERE \(condition)\(order)
            """,
          arguments: [value]
        )
        try database.execute(sql: "DELETE FROM \(table.name) WHERE \(condition)", arguments: [value])
      }
      switch table.belonging {
      case .programme(let column):
        for programme in try table.programmes(of: partition, by: column, in: database) {
          try move("\(column) = ?", programme)
        }
      case .partition(let column): try move("\(column) = ?", partition.rawValue)
      case .everyone, .ownJournal: break
      }
    }
  }

  /// From now on this store applies records of a partition, beginning right after what its last owner had applied. Where
  /// this store has read further, it reads again from there, and passes over what it has applied of other partitions.
  /// - Parameter everyones: the streams that every instance applies in whole, whatever it owns.
  func resumeReading(of partition: Partition, after ticket: MoveTicket, except everyones: Set<StreamName>) throws {
    func byUpstream(_ cursors: [Records.Cursor]) -> [Ownership.Upstream: Records.Cursor] {
      let cursors = cursors.filter { !everyones.contains($0.identity.stream) && $0.position > 0 }
      return Dictionary(uniqueKeysWithValues: cursors.map { (Ownership.Upstream($0.identity), $0) })
    }
    let mine = byUpstream(try Records.Cursor.fetchAll(database))
    let theirs = byUpstream(ticket.cursors)
    // Its last owner may have had a floor and no cursor: when it was about to read something again from its beginning.
    let floors = Dictionary(
      uniqueKeysWithValues: ticket.floors.map {
        (Ownership.Upstream(stream: $0.stream, instance: $0.instance), $0.position)
      }
    )
    for upstream in Set(mine.keys).union(theirs.keys).union(floors.keys) {
      let read = theirs[upstream]?.position ?? 0
      try setFloor(partition, max(read, floors[upstream] ?? 0), of: upstream)
      guard let own = mine[upstream], own.position > read else { continue }
      try keepFloors(own.position, except: partition, of: upstream)
      if let cursor = theirs[upstream] {
        try setCursor(cursor)
      } else {
        try removeCursor(of: upstream.stream, instance: upstream.instance)
      }
    }
  }

  private func keepFloors(_ position: UInt64, except partition: Partition, of upstream: Ownership.Upstream) throws {
    for other in ownership.owned.partitions where other != partition {
      try setFloor(other, max(position, ownership.floors[upstream]?[other] ?? 0), of: upstream)
    }
  }

  private func setFloor(_ partition: Partition, _ position: UInt64, of upstream: Ownership.Upstream) throws {
    try database.execute(
      sql: """
        INSERT INTO floors (stream, instance, partition, position) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET position = excluded.position
        """,
      arguments: [upstream.stream.rawValue, upstream.instance, partition.rawValue, Int64(clamping: position)]
    )
    changeOwnership { $0.floors[upstream, default: [:]][partition] = position }
  }
}
