import Contracts
import Messaging
import Records
import Storage

/// A store's journal, as the journal service reads it.
struct StoreJournal: JournalReading {
  private let reader: JournalReader
  private let makeSnapshot: (@Sendable () async throws -> any JournalSnapshot)?

  /// - Parameter makeSnapshot: nil for a stream whose state isn't offered.
  init(_ reader: JournalReader, makeSnapshot: (@Sendable () async throws -> any JournalSnapshot)? = nil) {
    self.reader = reader
    self.makeSnapshot = makeSnapshot
  }

  var stream: StreamName { reader.stream }

  /// A store that failed its integrity check may hold a history that never was.
  var fault: Fault? {
    guard let problem = reader.problem, problem.code == .damaged || problem.code == .notADatabase else { return nil }
    return Fault(storage: problem)
  }

  func head() -> HeadVector { reader.head() }

  func frames(after position: UInt64, mostBytes: Int) async throws -> [RecordFrame] {
    try await translatingErrors { try await reader.frames(after: position, mostBytes: mostBytes) }
  }

  func chain(at position: UInt64) async throws -> ChainHash? {
    try await translatingErrors { try await reader.chain(at: position) }
  }

  func snapshot() async throws -> (any JournalSnapshot)? {
    guard let makeSnapshot else { return nil }
    return try await translatingErrors(makeSnapshot)
  }

  private func translatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch {
      throw Fault(storage: error) ?? error
    }
  }
}

extension JournalService {
  /// The journals of a service's store, for those who may read them.
  /// - Parameter offers: how snapshots are made, for the streams that have any.
  init(
    of store: Store,
    offers: [SnapshotOffer],
    bell: JournalBell,
    wallTime: @escaping @Sendable () -> Timestamp
  ) throws {
    let journals = try store.heads().map(\.identity.stream).map { stream in
      let reader = try store.journal(of: stream)
      guard let offer = offers.first(where: { $0.stream == stream }) else { return StoreJournal(reader) }
      return StoreJournal(reader) { try StateSnapshot(offer, of: try await store.snapshot(), at: wallTime()) }
    }
    self.init(journals: journals, bell: bell, wallTime: wallTime, permits: mayRead)
  }
}

/// Who may read which stream. Services read what the allow-list gives them; operators and auditors read everything;
/// any other program reads everything but scores.
@Sendable func mayRead(_ principal: Principal, _ stream: StreamName) -> Bool {
  if let consumer = AllowList.Consumer(rawValue: principal.name) {
    return AllowList.permits(consumer, toRead: stream)
  }
  if principal.role == .ops || principal.role == .auditor { return true }
  return stream != .scores
}
