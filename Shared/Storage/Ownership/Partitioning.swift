package import Contracts

/// How a service's store is divided among its instances: what it claims when it is made, and which rows belong to whom.
package struct Partitioning: Sendable {
  /// What a new store owns. A store that has once been opened owns what it says itself.
  package var claim: PartitionSet
  /// Every table of the service whose rows go along when a partition moves.
  package var tables: [PartitionedTable]

  package init(claim: PartitionSet, tables: [PartitionedTable]) {
    self.claim = claim
    self.tables = tables
  }
}

/// Where the rows of a service's table belong.
package struct PartitionedTable: Hashable, Sendable {
  package let name: String
  package let belonging: Belonging
  /// Columns that each store fills in by itself, such as a row's number.
  package let ownColumns: Set<String>

  package enum Belonging: Hashable, Sendable {
    /// A row belongs to the programme in that column, which has to be the first of an index.
    case programme(column: String)
    /// A row names its partition in that column, which has to be the first of an index.
    case partition(column: String)
    /// Every instance keeps all of them by itself: replicas of the directory.
    case everyone
    /// Rows that are about this store's own journal, such as places in it, and mean nothing elsewhere.
    case ownJournal
  }

  /// Tables whose rows belong to the programme in `column`.
  package static func ofProgrammes(
    _ names: [String],
    column: String = "programme",
    ownColumns: Set<String> = []
  ) -> [PartitionedTable] {
    names.map { PartitionedTable(name: $0, belonging: .programme(column: column), ownColumns: ownColumns) }
  }

  /// Tables that every instance fills by itself.
  package static func ofEveryone(_ names: [String]) -> [PartitionedTable] {
    names.map { PartitionedTable(name: $0, belonging: .everyone, ownColumns: []) }
  }

  /// Tables about this store's own journal.
  package static func ofOwnJournal(_ names: [String]) -> [PartitionedTable] {
    names.map { PartitionedTable(name: $0, belonging: .ownJournal, ownColumns: []) }
  }

  /// The store's own tables whose rows go along with a partition.
  static let ofStore = [
    PartitionedTable(name: "requests", belonging: .partition(column: "partition"), ownColumns: ["number"]),
    PartitionedTable(name: "dead_letters", belonging: .partition(column: "partition"), ownColumns: ["id"]),
  ]

  var moves: Bool {
    switch belonging {
    case .programme, .partition: true
    case .everyone, .ownJournal: false
    }
  }

  /// Where rows of a partition lie that is on its way.
  var parcel: String { "\"parcel/\(name)\"" }
}

extension Partitioning {
  /// The tables whose rows move, the store's own last: in the order in which they are sent.
  var moving: [PartitionedTable] { tables.filter(\.moves) + PartitionedTable.ofStore }
}
