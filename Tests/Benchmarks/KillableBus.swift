import ArgumentParser
import Foundation
import Messaging

/// A publisher and a consumer in processes of their own that may die at any moment; who starts again goes on from its
/// store.
final class KillableBus {
  enum End: String, Codable {
    case publisher, consumer
  }

  /// The most events of a commit: who lags by no more has nothing left to catch up with.
  static let commitEvents = 500

  private let rate: Int
  private let workspace: Workspace
  private let numbers: KillNumbers
  private let start: MonotonicInstant
  private var processes: [End: ChildProcess] = [:]

  init(rate: Int, in workspace: Workspace) throws {
    self.rate = rate
    self.workspace = workspace
    numbers = try KillNumbers(in: workspace.path)
    // Both have to be there before the first event is due.
    start = MonotonicInstant.now + .seconds(1)
    try launch(.publisher)
    try launch(.consumer)
  }

  private func launch(_ end: End) throws {
    let schedule = ["--rate", "\(rate)", "--start", "\(start.nanoseconds)"]
    processes[end] = try ChildProcess(
      nil,
      ["kill-\(end.rawValue)", "--directory", workspace.path] + (end == .publisher ? schedule : [])
    )
  }

  /// Events that are due by now and not yet applied.
  private var lag: Int {
    max(0, KillSchedule(rate: rate, start: start).dueCount(at: .now) - numbers.applied.value)
  }

  /// Until events flow, and what is due is applied.
  func untilCaughtUp() async throws {
    try await wait(upTo: .seconds(30), for: "what is due to be applied") {
      for (end, process) in processes {
        if let status = process.exitStatus { throw BenchFailure("the \(end) ended with status \(status)") }
      }
      return numbers.applied.value > 0 && lag <= Self.commitEvents
    }
  }

  /// Kills an end, starts it again after a while, and waits until it has caught up.
  func kill(_ end: End, for downTime: Duration) async throws -> Kill {
    await processes.removeValue(forKey: end)?.kill()
    try await Task.sleep(for: downTime)
    let backlog = lag
    let restart = MonotonicInstant.now
    try launch(end)
    try await untilCaughtUp()
    let nanoseconds = MonotonicInstant.now.nanoseconds - restart.nanoseconds
    return Kill(
      victim: end,
      backlogEvents: backlog,
      caughtUpMilliseconds: (Double(nanoseconds) / 1e5).rounded() / 10
    )
  }

  /// Ends the flow, waits until all of it is applied, ends the processes, and counts in their stores.
  func finish() async throws -> KillAudit {
    let last = KillSchedule(rate: rate, start: start).dueCount(at: .now) + rate / 10
    numbers.last.value = last
    try await wait(upTo: .seconds(30), for: "the last event to be applied") { numbers.applied.value >= last }
    for process in processes.values { await process.end() }
    return try await KillAudit(of: workspace, acknowledged: numbers.acknowledged.value, last: last)
  }
}

/// When which event is due.
struct KillSchedule {
  let rate: Int
  let start: MonotonicInstant

  func dueCount(at now: MonotonicInstant) -> Int {
    max(0, Int(Double(now.nanoseconds - start.nanoseconds) * Double(rate) / 1e9))
  }

  func due(_ index: Int) -> Int64 { start.nanoseconds + Int64(Double(index) * 1e9 / Double(rate)) }
}

/// What the processes tell each other, and what is still known of those that died.
struct KillNumbers {
  /// Events that are known to be on the publisher's disk.
  let acknowledged: SharedCount
  /// Events that the consumer has committed.
  let applied: SharedCount
  /// The last event that is to be published; 0 while there is no end.
  let last: SharedCount

  init(in directory: String) throws {
    acknowledged = try SharedCount(path: "\(directory)/acknowledged")
    applied = try SharedCount(path: "\(directory)/applied")
    last = try SharedCount(path: "\(directory)/last")
  }
}

/// Where the ends meet. Not TCP: a port is free for anybody to take while its owner is dead.
enum KillEndpoints {
  static func events(in directory: String) throws -> Endpoint { try Endpoint("ipc://\(directory)/events") }
  static func calls(in directory: String) throws -> Endpoint { try Endpoint("ipc://\(directory)/calls") }
}
