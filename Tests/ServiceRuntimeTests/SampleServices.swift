import Contracts
import GRDB
import Messaging
import ServiceRuntime
import Storage
import Synchronization
import TestSupport

// Two services for these tests: a notary that writes notes down and publishes them, and a reader that follows it.

struct NoteTaken: Event, Hashable {
  static let type = EventType("note.taken")
  static let stream = StreamName.ingestion
  var programme: ID<Programme>
  var key: String
  var text: String
}

struct TakeNote: Codable, Sendable {
  var key: String
  var text: String
}

struct Receipt: Codable, Hashable, Sendable {
  var number: Int
}

struct Question: Codable, Sendable {}

enum NotesAPI {
  static let take = Command<TakeNote, Receipt>("notes.v1", "Take")
  static let tear = Command<TakeNote, Receipt>("notes.v1", "Tear")
  static let count = Query<Question, Receipt>("notes.v1", "Count")
  static let wait = Query<Question, Receipt>("notes.v1", "Wait")
}

/// A door that handlers wait at until the test opens it.
final class Door: Sendable {
  private let opening = AsyncStream.makeStream(of: Never.self)
  let arrivals = Mutex(0)

  func open() { opening.continuation.finish() }

  func pass() async {
    arrivals.withLock { $0 += 1 }
    for await _ in opening.stream {}
  }
}

let notes = Migration(
  "notes.1",
  sql: "CREATE TABLE notes (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL)"
)

@Sendable private func noteCount(_ input: Question, _ context: CallContext) async throws -> Receipt {
  try await context.read { Receipt(number: try Int.fetchOne($0, sql: "SELECT count(*) FROM notes") ?? 0) }
}

/// Takes notes by a command, publishes each, and counts those that it has.
func notary(
  door: Door = Door(),
  migrations: [Migration] = [notes],
  snapshots: [SnapshotOffer] = [noteSnapshots]
) -> ServiceDefinition {
  ServiceDefinition(.ingestion) { _ in
    ServiceBlueprint(
      migrations: migrations,
      snapshots: snapshots,
      calls: { calls in
        calls.command(NotesAPI.take) { input, context, transaction in
          try insert(input, in: transaction)
          try transaction.append(
            NoteTaken(programme: "p", key: input.key, text: input.text),
            trace: context.trace
          )
          return Receipt(number: try Int.fetchOne(transaction.database, sql: "SELECT count(*) FROM notes") ?? 0)
        }
        calls.command(NotesAPI.tear) { _, _, _ in Receipt(number: 0) }
        calls.query(NotesAPI.count, noteCount)
        calls.query(NotesAPI.wait) { _, _ in
          await door.pass()
          return Receipt(number: 1)
        }
      }
    )
  }
}

/// The notes that a notary has now.
let noteSnapshots = SnapshotOffer(of: .ingestion) { NoteSnapshot() }

private struct NoteSnapshot: SnapshotReading {
  private var number: Int64 = 0

  mutating func read(from database: Database, into page: inout SnapshotPage) throws -> Bool {
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT number, key, text FROM notes WHERE number > ? ORDER BY number",
      arguments: [number]
    )
    while let row = try rows.next() {
      let key: String = row["key"]
      // Where a key names a programme, it is that one's.
      let programme = key.split(separator: "/").first.map(String.init) ?? "p"
      try page.add(NoteTaken(programme: ID(programme), key: key, text: row["text"]))
      number = row["number"]
      if page.isFull { return true }
    }
    return false
  }
}

private func insert(_ note: TakeNote, in transaction: Transaction) throws {
  guard !note.text.isEmpty else {
    throw Fault(.invalidArgument, reason: "emptyNote", "A note needs a text.", field: "text")
  }
  try transaction.database.execute(
    sql: "INSERT INTO notes (key, text) VALUES (?, ?)",
    arguments: [note.key, note.text]
  )
}

/// What the reader is told to do while it runs.
final class Orders: Sendable {
  struct Contents {
    /// Keys that can't be applied for now.
    var refused: Set<String> = []
    /// How many batches fail as a whole before one is let through.
    var transientFailures = 0
    /// What every batch as a whole fails with.
    var lastingFailure: (any Error)?
    var rollBacks = 0
    var batches = 0
    /// Which threads began batches, and which were told that they are on disk.
    var beginners: Set<String> = []
    var listeners: Set<String> = []
    var ticks = 0
    var tickFails = false
  }

  let contents = Mutex(Contents())
}

let readerProfile = ServiceProfile(
  name: "reader",
  streams: [StreamName("reader")].compactMap { $0 },
  publishPort: 9410
)

/// Copies the notary's notes.
func reader(_ orders: Orders = Orders(), door: Door = Door()) -> ServiceDefinition {
  ServiceDefinition(readerProfile) { _ in
    let consumer = EventConsumer(.ingestion)
      .on(NoteTaken.self) { event, _, transaction in
        try transaction.database.execute(
          sql: "INSERT INTO notes (key, text) VALUES (?, ?)",
          arguments: [event.key, event.text]
        )
        if orders.contents.withLock({ $0.refused.contains(event.key) }) {
          throw Fault(.failedPrecondition, reason: "refused", "Not this one.")
        }
      }
      .willBegin { _, _ in
        try orders.contents.withLock { orders in
          orders.batches += 1
          orders.beginners.insert(RunningThread.id())
          if let failure = orders.lastingFailure { throw failure }
          guard orders.transientFailures > 0 else { return }
          orders.transientFailures -= 1
          throw StoreError(.busy, "busy for once")
        }
      }
      .didRollBack { _ in orders.contents.withLock { $0.rollBacks += 1 } }
      .didCommit { _ in orders.contents.withLock { _ = $0.listeners.insert(RunningThread.id()) } }
    return ServiceBlueprint(
      migrations: [notes],
      consumers: [consumer],
      calls: { $0.query(NotesAPI.count, noteCount) },
      timers: [
        ServiceTimer(every: .minutes(1), "tick") { transaction, _ in
          try orders.contents.withLock { orders in
            orders.ticks += 1
            if orders.tickFails { throw Fault(.internal, reason: "tick", "The timer fails.") }
          }
        }
      ]
    )
  }
}
