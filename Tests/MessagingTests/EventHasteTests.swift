import Contracts
import Dispatch
import Records
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// Who commits publishes by its own hand, and who is followed says where batches are made ready (decision 0012).
@Suite(.timeLimit(.minutes(1))) struct EventHasteTests {
  /// Keeps the socket thread until it is told to go on.
  private final class Hold: SocketDriver {
    private let entered: AsyncStream<Void>.Continuation
    private let release: DispatchSemaphore

    init(_ entered: AsyncStream<Void>.Continuation, _ release: DispatchSemaphore) {
      self.entered = entered
      self.release = release
    }

    func readable(_ tag: Int, on loop: SocketLoop) throws(ZeroMQError) -> Bool { false }

    func wake(on loop: SocketLoop) throws(ZeroMQError) {
      entered.finish()
      release.wait()
    }

    func tick(_ now: MonotonicInstant, on loop: SocketLoop) throws(ZeroMQError) -> MonotonicInstant? { nil }
    func stop(because error: ZeroMQError?, on loop: SocketLoop) {}
  }

  private func publisher(on thread: SocketThread, _ journal: MemoryJournal) async throws -> EventPublisher {
    try await EventPublisher(
      heads: [journal.head()],
      on: thread,
      at: try Endpoint("tcp://127.0.0.1:*"),
      wallTime: { .now }
    )
  }

  /// A thread that has to be woken for each publication goes to sleep after each. Where the machine is busy it may be
  /// awake just when something is published, so rounds are repeated; without publishing by one's own hand none passes.
  @Test func publishingDoesNotWakeTheThread() async throws {
    let (thread, journal) = (try SocketThread(), MemoryJournal())
    let id = await withTaskExecutorPreference(thread.executor) { RunningThread.id() }
    let publisher = try await publisher(on: thread, journal)
    let publications = 20
    var sleeps = publications
    while sleeps > publications / 2 {
      try Task.checkCancellation()
      let before = try RunningThread.sleep(of: id).count
      for _ in 0..<publications {
        try await waitUntil("the thread sleeps") { try RunningThread.sleep(of: id).isAsleep }
        let sent = publisher.counters.framesSent
        publisher.publish(journal.append(1))
        try await waitUntil("it is sent") { publisher.counters.framesSent > sent }
      }
      sleeps = try RunningThread.sleep(of: id).count - before
    }
    await publisher.close()
    #expect(await thread.stop())
  }

  /// While a driver has its turn.
  @Test func publishingWaitsForNobody() async throws {
    let (thread, journal) = (try SocketThread(), MemoryJournal())
    let publisher = try await publisher(on: thread, journal)
    let (entered, entry) = AsyncStream<Void>.makeStream()
    let release = DispatchSemaphore(value: 0)
    let handle = thread.makeHandle()
    async let attached: Void = thread.attach(as: handle) { _ throws(ZeroMQError) in (Hold(entry, release), ()) }
    for await _ in entered {}
    for _ in 0..<3 { publisher.publish(journal.append(1)) }
    #expect(publisher.counters.framesSent == 0)
    release.signal()
    try await attached
    try await waitUntil("the thread sends what has gathered") { publisher.counters.framesSent == 3 }
    await publisher.close()
    await handle.detach()
    #expect(await thread.stop())
  }

  /// Many would keep the writer from its next commit for longer than it takes to wake the thread.
  @Test func manyAreSentByTheThread() async throws {
    let (thread, journal) = (try SocketThread(), MemoryJournal())
    let id = await withTaskExecutorPreference(thread.executor) { RunningThread.id() }
    let publisher = try await publisher(on: thread, journal)
    for round in 1...20 {
      try await waitUntil("the thread sleeps") { try RunningThread.sleep(of: id).isAsleep }
      let before = try RunningThread.sleep(of: id).count
      publisher.publish(journal.append(1000))
      try await waitUntil("round \(round) is sent") { publisher.counters.framesSent >= round }
      try await waitUntil("the thread has been awake") { try RunningThread.sleep(of: id).count > before }
    }
    await publisher.close()
    #expect(await thread.stop())
  }

  /// A sink that prefers a thread for its batches.
  private struct PlacedSink: RecordSink {
    let base: MemorySink
    let executor: (any TaskExecutor)?
    let seen: @Sendable (String) -> Void

    func apply(_ batch: RecordBatch) async throws -> Cursor {
      seen(RunningThread.id())
      return try await base.apply(batch)
    }
  }

  @Test(arguments: EventCarrier.allCases) func batchesAreMadeReadyWhereTheSinkSays(carrier: EventCarrier) async throws {
    let thread = try SocketThread()
    let id = await withTaskExecutorPreference(thread.executor) { RunningThread.id() }
    let threads = Mutex<Set<String>>([])
    let base = MemorySink()
    let sink = PlacedSink(base: base, executor: thread.executor) { id in threads.withLock { _ = $0.insert(id) } }
    try await EventFixture.with(carrier) { fixture in
      fixture.publish(50)
      try await fixture.following([(fixture.runner(sink), .beginning)]) {
        try await waitUntil("the backlog is there") { base.positions.count == 50 }
        fixture.publish(50)
        try await waitUntil("and what came later") { base.positions.count == 100 }
      }
    }
    let seen = threads.withLock { $0 }
    #expect(seen == [id])
    #expect(await thread.stop())
  }
}
