import ArgumentParser
import Contracts
import Foundation
import GRDB
import Messaging
import Records
import Storage
import Synchronization

/// The consuming process: follows the publisher, counts each event in a table, and commits that with its cursor.
struct BusConsumerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bus-consumer", shouldDisplay: false)

  @Option var publisher: String
  @Option var journal: String
  @Option var directory: String
  @Option var events: Int
  @Option(help: "Seconds after which what hasn't come is lost.") var limit: Int
  @Flag(help: "Count latency from this process's start, not from when events were due.") var sinceStart = false
  @Option(help: "The directory of the keys, for CURVE.") var keys: String?
  @Option var work = ConsumerWork.state
  @Option(help: "The position after which to begin; events are counted from there.") var after = 0

  func run() async throws {
    ChildProcess.endWithParent()
    let start = MonotonicInstant.now
    let store = try Store.open(
      storeConfiguration(at: "\(directory)/consumer/store.sqlite"),
      streams: [.ranking],
      migrations: [SubjectTable.migration],
      now: wallTime
    )
    let applied = try SharedCount(path: "\(directory)/applied")
    let sink = CountingSink(
      store: store,
      work: work,
      after: after,
      events: events,
      since: sinceStart ? start : nil,
      applied: applied
    )
    let connection = try UpstreamConnection(
      events: try Endpoint(publisher),
      calls: try Endpoint(journal),
      security: try keys.map(BenchKeys.init)?.clientSecurity() ?? .plain
    )
    let runner = connection.runner(into: sink)
    let following = Task { try await runner.run(from: after == 0 ? .beginning : .after(UInt64(after))) }
    if !sinceStart {
      try await wait(upTo: .seconds(20), for: "the live feed") { runner.status.summary.phase == .live }
      applied.value = SharedCount.ready
    }
    await sink.waitForAll(atMost: .seconds(limit))
    runner.stop()
    if case .failed(let failure) = try await following.value { throw failure }
    try await connection.close()
    try await report(sink, store)
    await store.close()
  }

  private func report(_ sink: CountingSink, _ store: Store) async throws {
    let counted = try await store.read { try Int.fetchOne($0, sql: "SELECT total(events) FROM subjects") ?? 0 }
    let report = try sink.report(counted: work == .cursor ? nil : counted)
    try JSONEncoder().encode(report).write(to: URL(filePath: "\(directory)/report.json"), options: .atomic)
  }
}

/// What the consumer does for each event, before it commits that with its cursor.
enum ConsumerWork: String, ExpressibleByArgument {
  /// Nothing: what is left is the bus, from one journal to the other's cursor.
  case cursor
  /// One state change.
  case state
  /// Decodes the body, and makes one state change.
  case decodedState

  func stamp(of body: UnsafeRawBufferPointer, _ decoder: JSONDecoder) throws -> BenchEvent.Stamp {
    guard self == .decodedState else { return BenchEvent.stamp(of: body) }
    return try decoder.decode(BenchEvent.Content.self, from: Data(body)).stamp
  }
}

/// Commits what its work is for each event, and remembers what came when.
final class CountingSink: RecordSink {
  private struct Tally {
    /// How often each event came, by its index.
    var times: [UInt8]
    var latencies: [Int64] = []
    var lastPosition: UInt64
    var outOfOrder = 0
    var firstDue = Int64.max
    var lastCommit: Int64 = 0
    var waiter: CheckedContinuation<Void, Never>?
    var hasGivenUp = false
  }

  private let store: Store
  private let work: ConsumerWork
  /// The position after which it began.
  private let first: Int
  private let events: Int
  private let start: MonotonicInstant?
  private let applied: SharedCount
  private let tally: Mutex<Tally>

  init(
    store: Store,
    work: ConsumerWork,
    after first: Int,
    events: Int,
    since start: MonotonicInstant?,
    applied: SharedCount
  ) {
    self.store = store
    self.work = work
    self.first = first
    self.events = events
    self.start = start
    self.applied = applied
    var tally = Tally(times: [UInt8](repeating: 0, count: events + 1), lastPosition: UInt64(first))
    tally.latencies.reserveCapacity(events)
    self.tally = Mutex(tally)
  }

  var executor: (any TaskExecutor)? { store.executor }

  func apply(_ batch: RecordBatch) async throws -> Records.Cursor {
    let (stamps, committedAt) = try await withCheckedThrowingContinuation { continuation in
      do {
        try store.submit({ [work] in try CountingSink.commit(batch, work, in: $0) }) { outcome in
          // Called by the writer's thread, right after its fsync: an event counts as committed from here.
          let now = MonotonicInstant.now.nanoseconds
          continuation.resume(with: outcome.map { ($0, now) })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    note(stamps, of: batch, at: committedAt)
    return batch.end
  }

  static func commit(
    _ batch: RecordBatch,
    _ work: ConsumerWork,
    in transaction: Transaction
  ) throws -> [BenchEvent.Stamp] {
    let identity = batch.start.identity
    // One that begins in the middle has no cursor before its first commit, and none to compare with.
    let cursor = try transaction.cursor(of: identity.stream, instance: identity.instance)
    guard cursor ?? batch.start == batch.start else {
      throw BenchFailure("the subscription went on from \(batch.start.position), which is not where the store is")
    }
    let upsert = try SubjectTable.upsert(in: transaction)
    let decoder = JSONDecoder()
    var stamps: [BenchEvent.Stamp] = []
    stamps.reserveCapacity(batch.recordCount)
    try batch.withUnsafeRecords { (record) throws(any Error) in
      let stamp = try work.stamp(of: record.body, decoder)
      if work != .cursor { try SubjectTable.count(stamp.index, with: upsert) }
      stamps.append(stamp)
    }
    try transaction.setCursor(batch.end)
    return stamps
  }

  private func note(_ stamps: [BenchEvent.Stamp], of batch: RecordBatch, at now: Int64) {
    let (count, waiter) = tally.withLock { tally in
      if batch.start.position != tally.lastPosition { tally.outOfOrder += 1 }
      tally.lastPosition = batch.end.position
      for stamp in stamps {
        tally.times[max(0, min(stamp.index - first, events))] &+= 1
        let due = start?.nanoseconds ?? stamp.dueNanoseconds
        tally.firstDue = min(tally.firstDue, due)
        tally.latencies.append(now - due)
      }
      tally.lastCommit = now
      guard tally.lastPosition >= first + events else {
        return (tally.latencies.count, nil as CheckedContinuation<Void, Never>?)
      }
      defer { tally.waiter = nil }
      return (tally.latencies.count, tally.waiter)
    }
    applied.value = count
    waiter?.resume()
  }

  /// Waits until the last event is committed, or until `limit` has passed.
  func waitForAll(atMost limit: Duration) async {
    let alarm = Task {
      try await Task.sleep(for: limit)
      let waiter = tally.withLock { tally in
        tally.hasGivenUp = true
        defer { tally.waiter = nil }
        return tally.waiter
      }
      waiter?.resume()
    }
    await withCheckedContinuation { continuation in
      let isOver = tally.withLock { tally in
        if tally.lastPosition >= first + events || tally.hasGivenUp { return true }
        tally.waiter = continuation
        return false
      }
      if isOver { continuation.resume() }
    }
    alarm.cancel()
  }

  /// - Parameter counted: events in the committed state; nil where there is none but the cursor.
  func report(counted: Int?) throws -> ConsumerReport {
    let memory = try peakMemoryMiB()
    return tally.withLock { tally in
      let times = tally.times.dropFirst()
      return ConsumerReport(
        latencies: LatencyReport(
          nanoseconds: tally.latencies,
          over: .nanoseconds(max(0, tally.lastCommit - tally.firstDue))
        ),
        lost: times.count { $0 == 0 },
        duplicated: times.reduce(0) { $0 + max(0, Int($1) - 1) },
        outOfOrder: tally.outOfOrder,
        counted: counted ?? Int(tally.lastPosition) - first,
        peakMemoryMiB: memory
      )
    }
  }
}
