public import Foundation

// Who owns which partitions, and how they move from one instance of a service to another. A move has these steps, each
// of which may be repeated: the old owner releases (fences) the partitions, its parcel of rows is read and delivered
// page by page, the new owner adopts it, the old owner is told to keep nothing but where they went. Until the new owner
// has adopted a partition, the move can be undone: the new one rejects it, the old one reclaims it.

/// Partitions with the same state and epoch in one instance's store.
public struct PartitionOwnership: Codable, Hashable, Sendable {
  public var partitions: PartitionSet
  public var state: Open<PartitionState>
  /// Grows with every change of owner. Where two instances claim a partition, the higher one is right.
  public var epoch: UInt64
  /// The other instance of a move.
  public var peer: UInt16?

  public init(partitions: PartitionSet, state: Open<PartitionState>, epoch: UInt64, peer: UInt16? = nil) {
    self.partitions = partitions
    self.state = state
    self.epoch = epoch
    self.peer = peer
  }
}

public enum PartitionState: String, Codable, Sendable, CaseIterable {
  /// Only this instance writes it.
  case owned
  /// Fenced: nobody writes it until `peer` has adopted it or this instance has reclaimed it.
  case leaving
  /// Rows are being delivered by `peer`; it doesn't write it yet.
  case arriving
  /// `peer` owns it.
  case moved
  /// It was delivered and has been rejected: it can't be adopted under that epoch any more.
  case rejected
}

/// How far somebody has applied one of a service's streams, by its own word.
public struct FollowerStatus: Codable, Hashable, Sendable {
  public var stream: StreamName
  /// Service and instance, e.g. `ranking/0`.
  public var follower: String
  public var position: UInt64

  public init(stream: StreamName, follower: String, position: UInt64) {
    self.stream = stream
    self.follower = follower
    self.position = position
  }
}

/// Fences partitions: from this transaction on this instance writes nothing of them.
public struct ReleasePartitions: Codable, Hashable, Sendable {
  public var partitions: PartitionSet
  /// The instance that is to own them.
  public var to: UInt16
  /// The epoch under which it is to own them: one more than the owner's. A request that comes late, after the partitions
  /// have been taken back or have come again, fences nothing.
  public var epoch: UInt64

  public init(partitions: PartitionSet, to: UInt16, epoch: UInt64) {
    self.partitions = partitions
    self.to = to
    self.epoch = epoch
  }
}

public struct ReleaseReceipt: Codable, Hashable, Sendable {
  public var released: [ReleasedPartition]

  public init(released: [ReleasedPartition]) {
    self.released = released
  }
}

public struct ReleasedPartition: Codable, Hashable, Sendable {
  public var partition: UInt16
  /// The epoch under which the new owner is to own it.
  public var epoch: UInt64
  /// `stream/instance/epoch/position` each: everything that this instance has written of it lies at or before these.
  public var fence: [String]

  public init(partition: UInt16, epoch: UInt64, fence: [String]) {
    self.partition = partition
    self.epoch = epoch
    self.fence = fence
  }
}

/// Asks the old owner for the next page of a partition's rows.
public struct ParcelRequest: Codable, Hashable, Sendable {
  public var partition: UInt16
  /// Where the last page ended; none for the first.
  public var after: ParcelPlace?

  public init(partition: UInt16, after: ParcelPlace? = nil) {
    self.partition = partition
    self.after = after
  }
}

/// A place in a parcel: the number of the table in the order of sending, and of the row.
public struct ParcelPlace: Codable, Hashable, Comparable, Sendable {
  public var table: Int
  public var row: Int64

  public init(table: Int, row: Int64) {
    self.table = table
    self.row = row
  }

  public static func < (one: Self, other: Self) -> Bool { (one.table, one.row) < (other.table, other.row) }
}

/// Some of a partition's rows, of one table.
public struct ParcelPage: Codable, Hashable, Sendable {
  public var partition: UInt16
  public var epoch: UInt64
  /// Where the page before this one ended; none for the first.
  public var after: ParcelPlace?
  /// Where this page ends.
  public var place: ParcelPlace
  public var table: String
  public var columns: [String]
  public var rows: [[ParcelValue]]
  /// Nothing comes after it.
  public var isLast: Bool
  /// On the last page: where the old owner's streams ended when it fenced the partition, and how far it had read others'.
  public var reading: JSONValue?

  public init(
    partition: UInt16,
    epoch: UInt64,
    after: ParcelPlace?,
    place: ParcelPlace,
    table: String,
    columns: [String],
    rows: [[ParcelValue]],
    isLast: Bool,
    reading: JSONValue? = nil
  ) {
    self.partition = partition
    self.epoch = epoch
    self.after = after
    self.place = place
    self.table = table
    self.columns = columns
    self.rows = rows
    self.isLast = isLast
    self.reading = reading
  }
}

/// A value as SQLite stores it: null, a text, or an object `{"integer": "…"}`, `{"real": …}`, `{"bytes": base64}`.
public enum ParcelValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bytes(Data)
}

extension ParcelValue: Codable {
  private struct Tagged: Codable {
    var integer: String?
    var real: Double?
    var bytes: Data?
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      let tagged = try container.decode(Tagged.self)
      if let real = tagged.real {
        self = .real(real)
      } else if let bytes = tagged.bytes {
        self = .bytes(bytes)
      } else if let integer = tagged.integer.flatMap({ Int64($0) }) {
        self = .integer(integer)
      } else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "a value has an unknown kind")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .text(let text): try container.encode(text)
    case .integer(let integer): try container.encode(Tagged(integer: String(integer)))
    case .real(let real): try container.encode(Tagged(real: real))
    case .bytes(let bytes): try container.encode(Tagged(bytes: bytes))
    }
  }
}

/// Stores a page at the new owner. Pages come in order; one that is there already is only acknowledged.
public struct DeliverParcel: Codable, Hashable, Sendable {
  /// The old owner.
  public var from: UInt16
  public var page: ParcelPage

  public init(from: UInt16, page: ParcelPage) {
    self.from = from
    self.page = page
  }
}

public struct ParcelReceipt: Codable, Hashable, Sendable {
  /// Where the last page ends that is on disk; none before the first.
  public var place: ParcelPlace?
  /// Whether the last page is there.
  public var isComplete: Bool

  public init(place: ParcelPlace?, isComplete: Bool) {
    self.place = place
    self.isComplete = isComplete
  }
}

/// A step of a move that is about one partition under one epoch, the new owner's.
public struct PartitionStep: Codable, Hashable, Sendable {
  public var partition: UInt16
  public var epoch: UInt64
  /// The other instance of the move.
  public var peer: UInt16

  public init(partition: UInt16, epoch: UInt64, peer: UInt16) {
    self.partition = partition
    self.epoch = epoch
    self.peer = peer
  }
}
