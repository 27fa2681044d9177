package import Contracts
package import Foundation
package import GRDB
package import Records

/// What a command works on: the database, the journals of the store's streams, and everything that has to be committed
/// together with them. Valid only inside the closure that it is handed to.
///
/// A command that throws leaves no trace: neither rows nor records.
@usableFromInline
package final class Transaction {
  /// For the service's own tables. Transactions and savepoints are the store's business.
  package let database: Database
  /// When the command was begun.
  package internal(set) var now: Timestamp
  /// What this store may write, with what this transaction has changed of it.
  package private(set) var ownership: Ownership
  /// Whether the tables say something else than `ownership` where the transaction is rolled back.
  private var isOwnershipChanged = false
  /// How long responses are kept for repeated requests.
  let requestMemory: Duration

  let journals: [JournalWriter]
  let savepoint: SavepointStatements
  let requests: RequestStatements
  let cursors: CursorStatements
  /// Where each journal stood when the isolated parts under way began, outermost first. Kept here because every
  /// command is such a part, and an array for each would be an allocation for each.
  private var marks: [FrameBuilder.Mark] = []
  private let encoder = EventEncoder()

  init(
    _ database: Database,
    heads: [HeadVector],
    ownership: Ownership,
    requestMemory: Duration,
    now: Timestamp
  ) throws {
    self.database = database
    self.now = now
    self.ownership = ownership
    self.requestMemory = requestMemory
    journals = try heads.map { try JournalWriter(resuming: $0, in: database) }
    savepoint = try SavepointStatements(database)
    requests = try RequestStatements(database)
    cursors = try CursorStatements(database)
  }

  /// Appends a fact to the journal of its stream.
  /// - Parameter time: when it became true; `now` unless given.
  /// - Returns: its position in the stream.
  /// - Throws: `StoreError.unknownStream` where this store doesn't write that stream, a `Fault` where it doesn't own the
  ///   programme's partition, an `EncodingError`, or a `FrameError` where a field is too long.
  @discardableResult
  package func append<Fact: Event>(
    _ event: Fact,
    time: Timestamp? = nil,
    trace: TraceContext? = nil
  ) throws -> UInt64 {
    let body = try encoder.body(of: event)
    return try appendRaw(
      to: Fact.stream,
      type: Fact.type,
      programme: event.programme,
      key: event.key,
      schemaVersion: Fact.schemaVersion,
      time: time,
      trace: trace,
      body: body
    )
  }

  /// Appends a record whose body is JSON already.
  /// - Returns: its position in the stream.
  /// - Throws: `StoreError.unknownStream`, a `Fault` where the store doesn't own the programme's partition, or a
  ///   `FrameError` where a field is too long or empty.
  @discardableResult
  package func appendRaw(
    to stream: StreamName,
    type: EventType,
    programme: ID<Programme>,
    key: String,
    schemaVersion: UInt16,
    time: Timestamp? = nil,
    trace: TraceContext? = nil,
    body: some ContiguousBytes
  ) throws -> UInt64 {
    let journal = try journal(of: stream)
    // Whatever else has been checked: what somebody else decides on is never decided here.
    if ownership.owned != .all { try ownership.require(programme) }
    return try body.withUnsafeBytes { body in
      try journal.builder.append(
        type: type,
        programme: programme,
        key: key,
        schemaVersion: schemaVersion,
        time: time ?? now,
        trace: trace,
        body: body
      )
    }
  }

  /// The position of the stream's last record, with what was appended in this transaction.
  package func lastPosition(of stream: StreamName) throws -> UInt64 {
    try journal(of: stream).builder.nextPosition - 1
  }

  package func identity(of stream: StreamName) throws -> StreamIdentity {
    try journal(of: stream).builder.head.identity
  }

  /// Does something that may fail without taking the whole command along: where `body` throws, its rows and records
  /// are gone, and the command may go on.
  @discardableResult
  package func isolated<Value>(_ body: () throws -> Value) throws -> Value {
    let depth = marks.count
    for journal in journals { marks.append(journal.mark) }
    defer { marks.removeLast(marks.count - depth) }
    try savepoint.begin.run()
    do {
      let value = try body()
      try savepoint.release.run()
      return value
    } catch {
      for (journal, mark) in zip(journals, marks[depth...]) { journal.builder.rollBack(to: mark) }
      // Some errors of SQLite roll back the whole transaction, and the savepoint with it.
      if database.isInsideTransaction {
        try savepoint.rollBack()
        try rereadOwnership()
      }
      throw error
    }
  }

  // MARK: Ownership

  /// Whether this store decides on a programme.
  package func owns(_ programme: ID<Programme>) -> Bool {
    ownership.owned == .all || ownership.owns(Partition(of: programme))
  }

  /// Whether another store may have decided on a programme before.
  package func hasMoved(_ programme: ID<Programme>) -> Bool {
    (ownership.entries[Partition(of: programme)]?.epoch ?? 1) > 1
  }

  /// Changes the copy, after the tables.
  func changeOwnership(_ change: (inout Ownership) -> Void) {
    change(&ownership)
    isOwnershipChanged = true
  }

  /// Something was rolled back that may have changed the tables.
  func rereadOwnership() throws {
    if isOwnershipChanged { ownership = try Ownership(reading: database) }
  }

  /// - Returns: what is owned from now on; nil where the transaction that was committed didn't change it.
  func acceptOwnership() -> Ownership? {
    defer { isOwnershipChanged = false }
    return isOwnershipChanged ? ownership : nil
  }

  /// Overwrites the body of a record by zeros, for good: the journal's chain of hashes stays valid, copies that others
  /// have already read stay theirs to erase.
  /// - Throws: `FrameError.nothingToErase` where there is no such record yet, or it is erased already.
  package func eraseBody(of stream: StreamName, at position: UInt64) throws {
    let table = Schema.journalTable(of: try journal(of: stream).stream)
    let row = try Row.fetchOne(
      database,
      sql: "SELECT position, frame FROM \(table) WHERE position >= ? ORDER BY position LIMIT 1",
      arguments: [Int64(clamping: position)]
    )
    guard let row else { throw FrameError.nothingToErase(position: position) }
    let erased = try RecordFrame(validating: [UInt8](row["frame"] as Data)).erasing(position)
    try database.execute(
      sql: "UPDATE \(table) SET frame = ? WHERE position = ?",
      arguments: [Data(erased.bytes), row["position"] as Int64]
    )
  }

  /// Bytes of the records appended so far, over all streams.
  var pendingByteCount: Int {
    var count = 0
    for journal in journals { count += journal.pendingByteCount }
    return count
  }

  private func journal(of stream: StreamName) throws(StoreError) -> JournalWriter {
    // A store has one to three streams: looking through them is faster than hashing the name.
    for journal in journals where journal.stream == stream { return journal }
    throw StoreError(.unknownStream, "this store does not write the stream \(stream)")
  }
}

/// A savepoint around each command. Savepoints of one name nest: the innermost is meant.
struct SavepointStatements {
  let begin: HotStatement
  let release: HotStatement
  private let rollBackTo: HotStatement

  init(_ database: Database) throws {
    begin = try HotStatement(database, "SAVEPOINT command")
    release = try HotStatement(database, "RELEASE command")
    rollBackTo = try HotStatement(database, "ROLLBACK TO command")
  }

  func rollBack() throws {
    try rollBackTo.run()
    // Rolling back leaves the savepoint itself standing.
    try release.run()
  }
}
