import Contracts
import Foundation
import GRDB

/// The theme model as it is kept: what changed is written with every change, so that the store always holds the model
/// exactly as it was in memory.
struct ModelRows {
  let database: Database
  let programme: ID<Programme>

  /// Counts up with every change; tells whether a copy in memory is still the model. 0 before the first.
  func version() throws -> Int {
    try database.integer("SELECT version FROM model WHERE programme = ?", [programme.rawValue]) ?? 0
  }

  func load(_ configuration: ThemeConfiguration) throws -> ThemeModel {
    guard
      let row = try database.row(
        "SELECT clock, items, nextNumber FROM model WHERE programme = ?",
        [programme.rawValue]
      )
    else { return ThemeModel(configuration: configuration) }
    let themes = try database.rows(
      "SELECT * FROM theme WHERE programme = ? AND isLive ORDER BY number",
      [programme.rawValue]
    )
    return ThemeModel(
      configuration: configuration,
      frequencies: TermFrequencies(items: row["items"], counts: try counts()),
      themes: themes.map(theme),
      nextNumber: row["nextNumber"],
      clock: row["clock"]
    )
  }

  /// A theme that has ended, as it was at its end.
  func ended(_ number: ThemeNumber) throws -> Theme? {
    try database.row("SELECT * FROM theme WHERE programme = ? AND number = ?", [programme.rawValue, number.rawValue])
      .map(theme)
  }

  /// Writes what changed since `markSaved`.
  func save(_ model: ThemeModel, version: Int) throws {
    for number in model.changed.sorted() {
      if let theme = model[number] { try save(theme, isLive: true) } else { try end(number) }
    }
    try saveCounts(model.frequencies, version: version)
    try database.run(
      """
      INSERT INTO model (programme, version, clock, items, nextNumber) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET version = excluded.version, clock = excluded.clock, items = excluded.items,
        nextNumber = excluded.nextNumber
      """,
      [programme.rawValue, version, model.clock, model.frequencies.items, model.nextNumber]
    )
  }

  func save(_ theme: Theme, isLive: Bool) throws {
    try database.run(
      """
      INSERT OR REPLACE INTO theme
        (programme, number, isLive, isOpportunity, isProtected, items, lastItem, length, terms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        programme.rawValue, theme.number.rawValue, isLive, theme.isOpportunity, theme.isProtected, theme.items,
        theme.lastItem, theme.length, TermBytes.encode(theme.terms),
      ]
    )
  }

  /// Candidates go for good; opportunities may come back.
  private func end(_ number: ThemeNumber) throws {
    let key: StatementArguments = [programme.rawValue, number.rawValue]
    try database.run("DELETE FROM theme WHERE programme = ? AND number = ? AND NOT isOpportunity", key)
    try database.run("UPDATE theme SET isLive = 0 WHERE programme = ? AND number = ?", key)
  }

  private func theme(_ row: Row) -> Theme {
    Theme(
      number: ThemeNumber(row["number"]),
      isOpportunity: row["isOpportunity"],
      isProtected: row["isProtected"],
      items: row["items"],
      lastItem: row["lastItem"],
      terms: TermBytes.entries(row["terms"]),
      length: row["length"]
    )
  }
}

// MARK: Term counts

extension ModelRows {
  /// Changes that may gather before they are folded into the snapshot: what a start has to read again.
  private static let mostChanges = 4000

  private func counts() throws -> [Term: UInt32] {
    var counts: [Term: UInt32] = [:]
    let snapshot = try database.row(
      "SELECT counts FROM termSnapshot WHERE programme = ?",
      [programme.rawValue]
    )
    if let snapshot { TermBytes.apply(snapshot["counts"], to: &counts) }
    let changes = try Data.fetchAll(
      database.cachedStatement(sql: "SELECT counts FROM termChange WHERE programme = ? ORDER BY version"),
      arguments: [programme.rawValue]
    )
    for change in changes { TermBytes.apply(change, to: &counts) }
    return counts
  }

  private func saveCounts(_ frequencies: TermFrequencies, version: Int) throws {
    guard let changed = frequencies.changed, version % ModelRows.mostChanges != 0 else {
      try database.run(
        "INSERT OR REPLACE INTO termSnapshot (programme, version, counts) VALUES (?, ?, ?)",
        [programme.rawValue, version, TermBytes.encode(counts: frequencies.counts.map { ($0.key, $0.value) })]
      )
      try database.run("DELETE FROM termChange WHERE programme = ?", [programme.rawValue])
      return
    }
    guard !changed.isEmpty else { return }
    try database.run(
      "INSERT INTO termChange (programme, version, counts) VALUES (?, ?, ?)",
      [
        programme.rawValue, version,
        TermBytes.encode(counts: changed.map { ($0, frequencies.counts[$0] ?? 0) }),
      ]
    )
  }
}

/// Terms with a number each, 12 bytes a term, little-endian.
private enum TermBytes {
  static func encode(_ entries: [TermVector.Entry]) -> Data {
    encode(entries.map { ($0.term, $0.weight.bitPattern) })
  }

  /// In the order of the terms: a set's own differs from process to process, and equal states are equal bytes.
  static func encode(counts: [(term: Term, value: UInt32)]) -> Data {
    encode(counts.sorted { $0.term.rawValue < $1.term.rawValue })
  }

  private static func encode(_ counts: [(term: Term, value: UInt32)]) -> Data {
    var bytes = [UInt8]()
    bytes.reserveCapacity(counts.count * 12)
    for (term, value) in counts {
      withUnsafeBytes(of: term.rawValue.littleEndian) { bytes.append(contentsOf: $0) }
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return Data(bytes)
  }

  static func entries(_ data: Data) -> [TermVector.Entry] {
    pairs(data).map { TermVector.Entry(term: $0.term, weight: Float(bitPattern: $0.value)) }
  }

  /// A count of nothing forgets the term.
  static func apply(_ data: Data, to counts: inout [Term: UInt32]) {
    for (term, value) in pairs(data) { counts[term] = value == 0 ? nil : value }
  }

  private static func pairs(_ data: Data) -> [(term: Term, value: UInt32)] {
    data.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count - 11, by: 12).map { at in
        (
          Term(rawValue: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))),
          UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self))
        )
      }
    }
  }
}
