import Contracts
import GRDB
import Logging
import Messaging
import Records
import Storage
import Synchronization
import TestSupport

@testable import ServiceRuntime

// A publisher and a follower of notes, each on a store of its own, without services around them.

struct Interruption: Error {}

func noteKeys(of store: Store) async throws -> [String] {
  try await store.read { try String.fetchAll($0, sql: "SELECT key FROM notes ORDER BY number") }
}

func ingestionCursor(of store: Store) async throws -> Records.Cursor? {
  try await store.read { try Records.Cursor.fetchAll($0) }.first { $0.identity.stream == .ingestion }
}

/// A store of notes and its journal.
struct NotePublisher {
  let store: Store
  let source: LocalJournalSource

  init(_ store: Store) throws {
    self.store = store
    let service = try JournalService(of: store, offers: [noteSnapshots], bell: JournalBell(), wallTime: { .epoch })
    source = LocalJournalSource(service, as: Principal(role: .ops, name: "tester"))
  }

  /// Some notes in a commit.
  func take(_ numbers: Range<Int>, of programme: String = "p") async throws {
    try await store.write { transaction in
      for number in numbers {
        let note = NoteTaken(programme: ID(programme), key: "\(programme)/\(number)", text: "x")
        try transaction.database.execute(
          sql: "INSERT INTO notes (key, text) VALUES (?, ?)",
          arguments: [note.key, note.text]
        )
        try transaction.append(note)
      }
    }
  }
}

/// A store that copies notes, and can be told to break off.
struct NoteFollower {
  let store: Store
  let applier: EventApplier
  private let remaining: Switch

  private final class Switch: Sendable {
    let frames = Mutex<Int?>(nil)
  }

  init(_ store: Store) {
    self.store = store
    let remaining = Switch()
    self.remaining = remaining
    let consumer = EventConsumer(.ingestion)
      .on(NoteTaken.self) { event, _, transaction in
        // A key that is there already makes a dead letter, which is left over.
        try transaction.database.execute(
          sql: "INSERT INTO notes (key, text) VALUES (?, ?)",
          arguments: [event.key, event.text]
        )
      }
      .willBegin { _, _ in
        try remaining.frames.withLock { frames in
          guard let left = frames else { return }
          guard left > 0 else { throw Interruption() }
          frames = left - 1
        }
      }
    applier = EventApplier(
      consumer: consumer,
      store: store,
      applied: AppliedPositions(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      meters: EventMeters(stream: .ingestion, factory: PrometheusRegistry())
    )
  }

  /// So many frames are applied, then each fails; nil for none that fails.
  func fail(afterFrames count: Int?) {
    remaining.frames.withLock { $0 = count }
  }

  func takeSnapshot(_ journal: some JournalSource) async throws -> Records.Cursor {
    try await applier.takeSnapshot(from: SnapshotSource(journal, of: .ingestion, instance: 0))
  }

  /// Rows that a snapshot leaves behind only where something went wrong.
  func leftovers() async throws -> Int {
    try await store.read { database in
      try ["snapshots", "snapshot_frames", "dead_letters"].reduce(0) { sum, table in
        sum + (try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0)
      }
    }
  }
}

func withStores(
  _ partitioning: Partitioning? = nil,
  _ body: (NotePublisher, NoteFollower) async throws -> Void
) async throws {
  try await withTemporaryStore(migrations: [notes]) { publishing in
    try await withTemporaryStore(
      streams: readerProfile.streams,
      migrations: [notes],
      configure: { $0.partitioning = partitioning }
    ) { following in
      try await body(try NotePublisher(publishing), NoteFollower(following))
    }
  }
}

/// A publisher that goes away in the middle of a snapshot.
struct BrokenSource: JournalSource {
  private let source: LocalJournalSource
  private let afterFrames: Int

  init(_ source: LocalJournalSource, afterFrames: Int) {
    self.source = source
    self.afterFrames = afterFrames
  }

  func read(
    _ place: JournalPlace,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    try await source.read(place, receive)
  }

  func heads() async throws -> [HeadVector] { try await source.heads() }

  func snapshot(
    of stream: StreamName,
    instance: UInt16,
    _ receive: @escaping @Sendable ([RecordFrame]) async throws -> Void
  ) async throws -> HeadVector {
    let count = Mutex(0)
    return try await source.snapshot(of: stream, instance: instance) { frames in
      guard count.withLock({ $0 }) < afterFrames else { throw Interruption() }
      count.withLock { $0 += frames.count }
      try await receive(frames)
    }
  }
}
