import Contracts
import Messaging
import Records
import Synchronization
import TestSupport
import Testing

/// What `journal.v1` answers.
@Suite(.timeLimit(.minutes(1)))
struct EventJournalServiceTests {
  private let principal = Principal(role: .program, name: "ranking")

  private func service(_ journals: MemoryJournal..., bell: JournalBell = JournalBell()) -> JournalService {
    JournalService(journals: journals, bell: bell, wallTime: { .now }) { principal, stream in
      principal.name != "ranking" || stream != .scores
    }
  }

  private func read(
    _ service: JournalService,
    after: HistoryMark,
    epoch: UInt64? = nil,
    stream: StreamName = .ingestion,
    maximumRecords: Int? = nil
  ) async throws -> (frames: [RecordFrame], head: HeadVector) {
    let frames = Mutex<[RecordFrame]>([])
    let place = JournalPlace(stream: stream, instance: 0, epoch: epoch, after: after)
    let head = try await service.read(place, maximumRecords: maximumRecords, for: principal) { message in
      if case .frames(let batch) = message { frames.withLock { $0 += batch } }
    }
    return (frames.withLock { $0 }, head)
  }

  private func fault(_ body: () async throws -> Void) async throws -> Fault? {
    do {
      try await body()
      return nil
    } catch let fault as Fault {
      return fault
    }
  }

  @Test func framesComeInOrderAndThenTheHead() async throws {
    let journal = MemoryJournal()
    for _ in 0..<20 { journal.append(10) }
    let (frames, head) = try await read(service(journal), after: journal.cursor(afterFrame: 5).mark)
    #expect(frames.map(\.header.firstPosition) == Array(stride(from: UInt64(51), to: 200, by: 10)))
    #expect(head == journal.head())
  }

  @Test func anUnprovenPlaceMayLieInsideAFrame() async throws {
    let journal = MemoryJournal()
    journal.append(10)
    let (frames, _) = try await read(service(journal), after: HistoryMark(position: 4, chain: nil), epoch: 7)
    #expect(frames.map(\.header.firstPosition) == [1])
  }

  @Test func atMostAboutAsManyRecordsComeAsWereAskedFor() async throws {
    let journal = MemoryJournal()
    for _ in 0..<20 { journal.append(10) }
    let (frames, head) = try await read(service(journal), after: .beginning, maximumRecords: 25)
    #expect(frames.count == 3)
    #expect(head.position == 200)
  }

  @Test func placesOfOtherHistoriesAreRefused() async throws {
    let journal = MemoryJournal()
    journal.append(10)
    let service = service(journal)
    let other = MemoryJournal(epoch: 9)
    other.append(10)
    for (mark, epoch) in [
      (other.head().mark, nil), (HistoryMark(position: 11, chain: nil), nil), (HistoryMark(position: 5, chain: nil), 9),
      (HistoryMark(position: 5, chain: other.head().chain), 7),
    ] as [(HistoryMark, UInt64?)] {
      let fault = try await fault { _ = try await read(service, after: mark, epoch: epoch) }
      #expect(fault?.code == .failedPrecondition, "\(mark)")
    }
  }

  @Test func trimmedPlacesAreToldApartFromDivergedOnes() async throws {
    let journal = MemoryJournal()
    for _ in 0..<10 { journal.append(10) }
    let old = journal.cursor(afterFrame: 2).mark
    let edge = journal.cursor(afterFrame: 5).mark
    journal.trim(frames: 5)
    let service = service(journal)
    for mark in [old, .beginning, HistoryMark(position: 20, chain: nil)] {
      let fault = try await fault { _ = try await read(service, after: mark) }
      #expect(fault?.code == .outOfRange, "\(mark)")
    }
    // The hash before the first frame that is left was trimmed with the frame before it; the reader loses nothing.
    let fault = try await fault { _ = try await read(service, after: edge) }
    #expect(fault == nil)
  }

  @Test func permissionComesBeforeExistence() async throws {
    let journal = MemoryJournal()
    let service = service(journal)
    let forbidden = try await fault { _ = try await read(service, after: .beginning, stream: .scores) }
    #expect(forbidden?.code == .permissionDenied)
    let unknown = try await fault { _ = try await read(service, after: .beginning, stream: .ranking) }
    #expect(unknown?.code == .notFound)
    #expect(service.heads(for: principal).map(\.identity.stream) == [.ingestion])
  }

  @Test func aFollowerIsToldOfEveryHeadAndWokenByTheBell() async throws {
    let journal = MemoryJournal()
    let bell = JournalBell()
    let service = service(journal, bell: bell)
    journal.append(10)
    let positions = Mutex<[UInt64]>([])
    let place = JournalPlace(stream: .ingestion, instance: 0, after: .beginning)
    let following = Task {
      try await service.read(place, follow: true, for: principal) { message in
        if case .head(let head) = message { positions.withLock { $0.append(head.position) } }
      }
    }
    try await waitUntil("it is level") { positions.withLock { $0 == [10] } }
    bell.ring(journal.append(5))
    try await waitUntil("it is level again") { positions.withLock { $0 == [10, 15] } }
    following.cancel()
    await #expect(throws: CancellationError.self) { _ = try await following.value }
  }

  @Test(arguments: [
    JournalReadRequest(stream: .ingestion, after: "-1"), JournalReadRequest(stream: .ingestion, after: "x"),
    JournalReadRequest(stream: .ingestion, epoch: "1.5"), JournalReadRequest(stream: .ingestion, chain: "ab"),
    JournalReadRequest(stream: .ingestion, maximumRecords: 0),
  ])
  func malformedRequestsAreRefused(_ request: JournalReadRequest) {
    #expect(throws: Fault.self) { try JournalPlace(request) }
  }

  @Test func headsSurviveTheirJSON() throws {
    let journal = MemoryJournal(epoch: .max)
    journal.append(100)
    #expect(try HeadVector(JournalHead(journal.head())) == journal.head())
    let request = JournalReadRequest(
      JournalPlace(stream: .ingestion, instance: 3, epoch: .max, after: journal.head().mark)
    )
    #expect(try JournalPlace(request).after == journal.head().mark)
  }
}
