import Contracts
import Messaging
import Records
import Storage

/// A store's journal, as the journal service reads it.
struct StoreJournal: JournalReading {
  private let reader: JournalReader

  init(_ reader: JournalReader) {
    self.reader = reader
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
  init(of store: Store, bell: JournalBell, wallTime: @escaping @Sendable () -> Timestamp) throws {
    let journals = try store.heads().map { StoreJournal(try store.journal(of: $0.identity.stream)) }
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
