package import Contracts
import Foundation
import GRDB
import Records

// The steps of a move, each in one transaction, and each with the same outcome when it is repeated.

extension Transaction {
  /// The old owner's first step: fences a partition and packs its rows.
  /// - Parameters:
  ///   - peer: the instance that is to own it.
  ///   - epoch: under which it is to own it.
  /// - Throws: a `Fault` where it isn't this store's to give, or not under that epoch.
  package func release(
    _ partition: Partition,
    to peer: UInt16,
    epoch: UInt64,
    _ partitioning: Partitioning
  ) throws -> ReleasedPartition {
    guard let entry = ownership.entries[partition] else { throw notOwned(partition) }
    switch entry.state {
    case .leaving:
      guard entry.peer == peer else {
        throw Fault(
          .failedPrecondition,
          reason: "moveUnderWay",
          "Partition \(partition) is on its way to instance \(entry.peer ?? 0): finish that move, or undo it."
        )
      }
      guard entry.epoch == epoch else { throw stale(partition, entry) }
      let ticket = try MoveTicket.fetch(partition, in: database)
      return ReleasedPartition(partition: partition.rawValue, epoch: entry.epoch, fence: ticket.fence)
    case .owned:
      guard entry.epoch + 1 == epoch else { throw stale(partition, entry) }
      try requireNoSnapshot()
    case .arriving, .moved, .rejected: throw notOwned(partition)
    }
    var ticket = MoveTicket()
    ticket.fence = try journals.map { journal in
      "\(try identity(of: journal.stream))/\(try lastPosition(of: journal.stream))"
    }
    ticket.cursors = try Records.Cursor.fetchAll(database)
    ticket.floors = ownership.floors.compactMap { upstream, floors in
      floors[partition].map { MoveTicket.Floor(stream: upstream.stream, instance: upstream.instance, position: $0) }
    }
    try pack(partition, partitioning.moving)
    try setOwnership(partition, Ownership.Entry(state: .leaving, epoch: epoch, peer: peer), ticket)
    return ReleasedPartition(partition: partition.rawValue, epoch: epoch, fence: ticket.fence)
  }

  /// The new owner puts a page by.
  /// - Throws: a `Fault` where the page doesn't follow on, or the move has been settled otherwise.
  package func deliver(_ page: ParcelPage, from peer: UInt16, _ partitioning: Partitioning) throws -> ParcelReceipt {
    let partition = try Self.partition(page.partition)
    let entry = ownership.entries[partition]
    if let entry, entry.epoch >= page.epoch {
      if entry.epoch == page.epoch, entry.state == .owned { return ParcelReceipt(place: page.place, isComplete: true) }
      guard entry.epoch == page.epoch, entry.state == .arriving, entry.peer == peer else {
        throw stale(partition, entry)
      }
    } else {
      guard entry?.state != .owned, entry?.state != .leaving else { throw stale(partition, entry) }
      try dropParcel(of: partition, partitioning.moving)
      try setOwnership(
        partition,
        Ownership.Entry(state: .arriving, epoch: page.epoch, peer: peer),
        MoveTicket()
      )
    }
    var ticket = try MoveTicket.fetch(partition, in: database)
    if let place = ticket.place, page.place <= place {
      return ParcelReceipt(place: place, isComplete: ticket.isComplete)
    }
    guard page.after == ticket.place else {
      throw Fault(
        .failedPrecondition,
        reason: "pageMissing",
        "A page of partition \(partition) is missing before this one: send what follows the place that is on disk.",
        field: "page.after"
      )
    }
    try insert(page, partition, partitioning)
    ticket.place = page.place
    if page.isLast {
      ticket.isComplete = true
      let reading = try JSONDecoder().decode(
        MoveTicket.Reading.self,
        from: JSONEncoder().encode(page.reading ?? .null)
      )
      guard reading.namesEachUpstreamOnce else {
        throw Fault(
          .invalidArgument,
          reason: "readingUnclear",
          "What is said of how far partition \(partition) was read names an upstream twice.",
          field: "page.reading"
        )
      }
      ticket.fence = reading.fence
      ticket.cursors = reading.cursors
      ticket.floors = reading.floors
    }
    try setOwnership(partition, Ownership.Entry(state: .arriving, epoch: page.epoch, peer: peer), ticket)
    return ParcelReceipt(place: ticket.place, isComplete: ticket.isComplete)
  }

  /// The new owner's last step: the partition is its own from this transaction on.
  /// - Parameters:
  ///   - everyones: the streams that every instance applies in whole. The store must have read them as far as the old
  ///     owner had, so that it knows whatever that one knew.
  ///   - follows: whether an instance of a stream's service is followed here.
  /// - Returns: `stream/instance/epoch/position` each, where the old owner's streams ended; nil where the partition has
  ///   been adopted before.
  package func adopt(
    _ partition: Partition,
    epoch: UInt64,
    _ partitioning: Partitioning,
    everyones: Set<StreamName>,
    follows: (StreamName, UInt16) -> Bool
  ) throws -> [String]? {
    let entry = ownership.entries[partition]
    if let entry, entry.state == .owned, entry.epoch == epoch { return nil }
    let ticket = try MoveTicket.fetch(partition, in: database)
    guard let entry, entry.state == .arriving, entry.epoch == epoch, ticket.isComplete else {
      throw stale(partition, entry)
    }
    try requireNoSnapshot()
    for cursor in ticket.cursors where everyones.contains(cursor.identity.stream) {
      let own = try self.cursor(of: cursor.identity.stream, instance: cursor.identity.instance)?.position ?? 0
      guard own >= cursor.position else {
        throw Fault(
          .unavailable,
          reason: "directoryBehind",
          """
          This instance has read \(cursor.identity.stream) up to \(own), the old owner up to \(cursor.position): ask \
          again in a moment.
          """
        )
      }
    }
    if let missed = ticket.cursors.map(\.identity).first(where: { !follows($0.stream, $0.instance) }) {
      throw Fault(
        .failedPrecondition,
        reason: "upstreamMissing",
        """
        The old owner follows instance \(missed.instance) of what writes \(missed.stream), and this instance doesn't: \
        name it with --upstream, and restart this instance.
        """
      )
    }
    try unpack(partition, partitioning.moving)
    try resumeReading(of: partition, after: ticket, except: everyones)
    try setOwnership(partition, Ownership.Entry(state: .owned, epoch: epoch, peer: entry.peer))
    return ticket.fence
  }

  /// The old owner's last step: nothing is left but where the partition went.
  package func complete(_ partition: Partition, epoch: UInt64, _ partitioning: Partitioning) throws {
    guard let entry = ownership.entries[partition], entry.epoch == epoch else {
      throw stale(partition, ownership.entries[partition])
    }
    if entry.state == .moved { return }
    guard entry.state == .leaving else { throw stale(partition, entry) }
    try dropParcel(of: partition, partitioning.moving)
    try setOwnership(partition, Ownership.Entry(state: .moved, epoch: epoch, peer: entry.peer))
  }

  /// Undoes a move at the one that was to own the partition: it can't any more, under this epoch.
  package func reject(_ partition: Partition, epoch: UInt64, peer: UInt16, _ partitioning: Partitioning) throws {
    let entry = ownership.entries[partition]
    if let entry, entry.epoch == epoch, entry.state == .rejected { return }
    if let entry, entry.epoch >= epoch, !(entry.epoch == epoch && entry.state == .arriving) {
      throw stale(partition, entry)
    }
    guard entry?.state != .owned, entry?.state != .leaving else { throw stale(partition, entry) }
    try dropParcel(of: partition, partitioning.moving)
    try setOwnership(partition, Ownership.Entry(state: .rejected, epoch: epoch, peer: peer))
  }

  /// Undoes a move at the old owner, once the other has rejected it: unpacks, and owns the partition under a higher
  /// epoch.
  /// - Returns: false where it has been reclaimed before.
  package func reclaim(
    _ partition: Partition,
    epoch: UInt64,
    _ partitioning: Partitioning,
    everyones: Set<StreamName>
  ) throws -> Bool {
    let entry = ownership.entries[partition]
    if let entry, entry.state == .owned, entry.epoch == epoch + 1 { return false }
    guard let entry, entry.state == .leaving, entry.epoch == epoch else { throw stale(partition, entry) }
    let ticket = try MoveTicket.fetch(partition, in: database)
    try unpack(partition, partitioning.moving)
    try resumeReading(of: partition, after: ticket, except: everyones)
    try setOwnership(partition, Ownership.Entry(state: .owned, epoch: epoch + 1))
    return true
  }

  /// The programmes of a partition that have rows here.
  package func programmes(of partition: Partition, _ partitioning: Partitioning) throws -> Set<ID<Programme>> {
    var programmes: Set<ID<Programme>> = []
    for table in partitioning.tables {
      guard case .programme(let column) = table.belonging else { continue }
      for programme in try table.programmes(of: partition, by: column, in: database) {
        programmes.insert(ID(programme))
      }
    }
    return programmes
  }

  private func insert(_ page: ParcelPage, _ partition: Partition, _ partitioning: Partitioning) throws {
    guard let table = partitioning.moving.first(where: { $0.name == page.table }) else {
      throw Fault(
        .failedPrecondition,
        reason: "versionsDiffer",
        "This version has no table '\(page.table)': \(Self.same)"
      )
    }
    guard try table.columns(in: database) == page.columns else {
      throw Fault(
        .failedPrecondition,
        reason: "versionsDiffer",
        "The table '\(page.table)' has other columns in this version: \(Self.same)"
      )
    }
    guard !page.rows.isEmpty else { return }
    let columns = page.columns.map { "\"\($0)\"" }.joined(separator: ", ")
    let marks = [String](repeating: "?", count: page.columns.count + 1).joined(separator: ", ")
    let statement = try database.makeStatement(
      sql: "INSERT INTO \(table.parcel) (parcelPartition, \(columns)) VALUES (\(marks))"
    )
    for row in page.rows {
      guard row.count == page.columns.count else {
        throw Fault(
          .invalidArgument,
          reason: "malformedPage",
          "A row has too few or too many values.",
          field: "page.rows"
        )
      }
      try statement.execute(
        arguments: StatementArguments([partition.rawValue.databaseValue] + row.map(\.databaseValue))
      )
    }
  }

  private static let same = "both instances have to be of the same version."

  package static func partition(_ number: UInt16) throws(Fault) -> Partition {
    guard let partition = Partition(number) else {
      throw Fault(.invalidArgument, reason: "unknownPartition", "Partitions are 0 to 63.", field: "partition")
    }
    return partition
  }

  private func notOwned(_ partition: Partition) -> Fault {
    let entry = ownership.entries[partition]
    let reason = entry.map { "\($0.state.rawValue), epoch \($0.epoch)" } ?? "never owned"
    return Fault(
      .failedPrecondition,
      reason: "partitionElsewhere",
      "This instance doesn't own partition \(partition) (\(reason)), so it can't give it away.",
      field: "partitions"
    )
  }

  private func stale(_ partition: Partition, _ entry: Ownership.Entry?) -> Fault {
    let state = entry.map { "\($0.state.rawValue) under epoch \($0.epoch)" } ?? "unknown"
    return Fault(
      .failedPrecondition,
      reason: "staleMove",
      "Partition \(partition) is \(state) here, so this step of a move doesn't fit: look at the status of both instances.",
      field: "partition"
    )
  }
}

extension ParcelValue {
  var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let value): value.databaseValue
    case .real(let value): value.databaseValue
    case .text(let value): value.databaseValue
    case .bytes(let value): value.databaseValue
    }
  }

  init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let value): self = .integer(value)
    case .double(let value): self = .real(value)
    case .string(let value): self = .text(value)
    case .blob(let value): self = .bytes(value)
    }
  }
}
