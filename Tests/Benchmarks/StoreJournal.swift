import Contracts
import Messaging
import Records
import Storage

/// A store's journal as the journal service reads it.
struct StoreJournal: JournalReading {
  let reader: JournalReader

  var stream: StreamName { reader.stream }

  func head() -> HeadVector { reader.head() }

  func frames(after position: UInt64, mostBytes: Int) async throws -> [RecordFrame] {
    try await reader.frames(after: position, mostBytes: mostBytes)
  }

  func chain(at position: UInt64) async throws -> ChainHash? { try await reader.chain(at: position) }
}
