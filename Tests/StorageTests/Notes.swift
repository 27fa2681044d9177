import Contracts
import GRDB
import Records
import Storage

/// A small event with a table beside it: enough of a service to test the store with.
struct NoteWritten: Event, Hashable {
  static let type = EventType("note.written")
  static let stream = StreamName.ingestion
  static let schemaVersion: UInt16 = 3
  var programme: ID<Programme>
  var key: String
  var text: String

  init(_ text: String, programme: ID<Programme> = "acme", key: String = "note") {
    self.programme = programme
    self.key = key
    self.text = text
  }
}

enum Notes {
  static let migration = Migration(
    "notes.1",
    sql: "CREATE TABLE notes (position INTEGER PRIMARY KEY, text TEXT NOT NULL)"
  )

  /// Appends a note and writes it to the table.
  @discardableResult
  static func write(_ note: NoteWritten, in transaction: Transaction) throws -> UInt64 {
    let position = try transaction.append(note)
    try transaction.database.execute(
      sql: "INSERT INTO notes (position, text) VALUES (?, ?)",
      arguments: [Int64(position), note.text]
    )
    return position
  }

  static func texts(in store: Store) async throws -> [String] {
    try await store.read { try String.fetchAll($0, sql: "SELECT text FROM notes ORDER BY position") }
  }

  /// The notes as the journal tells them.
  static func journalled(in store: Store) async throws -> [String] {
    var texts: [String] = []
    var position: UInt64 = 0
    let journal = try store.journal(of: .ingestion)
    while true {
      let frames = try await journal.frames(after: position)
      guard let last = frames.last else { return texts }
      texts += try frames.flatMap { try $0.records().map { try $0.decode(NoteWritten.self).text } }
      position = last.header.lastPosition
    }
  }
}

/// What a command fails with on purpose.
struct Refusal: Error, Equatable {
  var number = 0
}
