import ArgumentParser
import Contracts
import Dispatch
import Foundation
import Messaging
import Records
import Storage

/// The publishing process: goes on after the last event in its journal, at the pace of the schedule.
struct KillPublisherCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kill-publisher", shouldDisplay: false)

  @Option var directory: String
  @Option var rate: Int
  @Option var start: Int64

  func run() async throws {
    ChildProcess.endWithParent()
    let numbers = try KillNumbers(in: directory)
    let publisher = try await Publisher(
      storingAt: "\(directory)/publisher/store.sqlite",
      events: KillEndpoints.events(in: directory),
      calls: KillEndpoints.calls(in: directory)
    )
    let head = try publisher.store.journal(of: BenchEvent.stream).head().position
    guard head >= numbers.acknowledged.value else {
      throw BenchFailure("\(numbers.acknowledged.value) events were acknowledged, and the journal ends at \(head)")
    }
    let schedule = KillSchedule(rate: rate, start: MonotonicInstant(nanoseconds: start))
    try await onThread { try offer(after: Int(head), schedule, numbers, to: publisher.store) }
    // The consumer may still have to read the journal.
    while true { try await Task.sleep(for: .seconds(1)) }
  }

  /// Hands over what is due, a commit's worth at most, two at a time.
  private func offer(after head: Int, _ schedule: KillSchedule, _ numbers: KillNumbers, to store: Store) throws {
    let free = DispatchSemaphore(value: 2)
    let failure = FirstFailure()
    let acknowledged = numbers.acknowledged
    var sent = head
    while true {
      let last = numbers.last.value
      if last > 0, sent >= last { return }
      let due = min(schedule.dueCount(at: .now), last > 0 ? last : .max)
      guard due > sent else {
        usleep(100)
        continue
      }
      free.wait()
      try failure.check()
      let count = min(due - sent, KillableBus.commitEvents)
      let first = sent + 1
      let bodies = BenchEvent.bodies(count) { .init(index: first + $0, dueNanoseconds: schedule.due(first + $0)) }
      sent += count
      try store.submit({ try Publisher.accept(bodies, in: $0) }) { [sent] outcome in
        // The writer tells its callers in the order in which they came.
        if case .success = outcome { acknowledged.value = sent }
        failure.note(outcome)
        free.signal()
      }
    }
  }
}

/// The consuming process: goes on from the cursor in its store.
struct KillConsumerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kill-consumer", shouldDisplay: false)

  @Option var directory: String

  func run() async throws {
    ChildProcess.endWithParent()
    let store = try Store.open(
      storeConfiguration(at: "\(directory)/consumer/store.sqlite"),
      streams: [.ranking],
      migrations: [SubjectTable.migration],
      now: wallTime
    )
    let connection = try UpstreamConnection(
      events: KillEndpoints.events(in: directory),
      calls: KillEndpoints.calls(in: directory)
    )
    let cursor = try await store.read { try Records.Cursor.fetchAll($0) }.first
    let sink = ApplyingSink(store: store, applied: try KillNumbers(in: directory).applied)
    let end = try await connection.runner(into: sink).run(from: cursor.map { .cursor($0) } ?? .beginning)
    if case .failed(let failure) = end { throw failure }
  }
}

/// Commits one state change for each event, and tells how far it is.
private struct ApplyingSink: RecordSink {
  let store: Store
  let applied: SharedCount

  var executor: (any TaskExecutor)? { store.executor }

  func apply(_ batch: RecordBatch) async throws -> Records.Cursor {
    try await store.write { _ = try CountingSink.commit(batch, .state, in: $0) }
    applied.value = Int(batch.end.position)
    return batch.end
  }
}
