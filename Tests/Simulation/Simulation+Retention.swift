import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// What a follower tells a publisher of how far it is.
struct CursorMessage: Sendable {
  /// The follower's machine.
  let follower: Int
  let life: Int
  /// Which of the follower's rounds of reports.
  let round: Int
  /// The publisher's machine.
  let publisher: Int
  let report: CursorReport

  var upstream: Ownership.Upstream { Ownership.Upstream(stream: report.stream, instance: report.instance) }
}

/// Followers tell publishers how far they are, as `CursorReporting` does, and publishers drop what everyone has.
extension Simulation {
  private static let reportInterval = Duration.seconds(2)
  /// How long what everyone has is kept, in place of days.
  private static let keep = Duration.seconds(1)

  /// Whether anybody needs to know how far followers are.
  var hasReports: Bool { trims || plan.isAny }

  func reportCursors(of machine: SimulatedMachine, _ life: Int) async {
    guard machine.life == life, let process = machine.process else { return }
    schedule(.report(machine.index, life: life), after: Self.reportInterval)
    machine.reporting.round += 1
    do {
      for report in try await process.mechanism.cursorReports() { send(report, of: machine) }
    } catch {
      noteStoreFailure(error, of: machine, during: "reading its cursors")
    }
  }

  private func send(_ report: CursorReport, of machine: SimulatedMachine) {
    let publisher = machines.first { $0.profile.streams.contains(report.stream) && $0.instance == report.instance }
    guard let publisher, isReachable(machine.index, publisher.index), !chance(faults.loss) else { return }
    let message = CursorMessage(
      follower: machine.index,
      life: machine.life,
      round: machine.reporting.round,
      publisher: publisher.index,
      report: report
    )
    guard machine.reporting.said[message.upstream] != report.position else { return }
    // A connection keeps its order.
    let arrival = max(now + delay(50...50_000), machine.reporting.lastArrivals[publisher.index] ?? now)
    machine.reporting.lastArrivals[publisher.index] = arrival
    schedule(.reported(message), at: arrival)
  }

  func receive(_ message: CursorMessage) async {
    let (follower, publisher) = (machines[message.follower], machines[message.publisher])
    guard publisher.process != nil, !publisher.disk.isDown, let client = operatorClients[publisher.name]
    else { return }
    var settings = CallSettings(timeout: nil)
    settings.retries = false
    settings.principal = Principal(role: .program, name: follower.profile.name)
    do {
      _ = try await client.call(JournalAPI.reportCursor, message.report, settings)
      if follower.life == message.life { follower.reporting.note(message) }
    } catch {
      // A store that can't write says so; it will be told again.
      let isPassing = [.unavailable, .cancelled, .resourceExhausted].contains(error.code)
      if !publisher.disk.isDown, !isPassing { report("\(publisher.name) refuses \(message.report): \(error)") }
    }
    await collectCommits(publisher)
  }

  // MARK: Trimming

  /// Drops what everyone has applied of a publisher's journals. Nobody here begins with a snapshot, so that nothing goes
  /// before everyone has reported; nor while somebody's cursor has gone back and its publisher doesn't know yet, which
  /// in the product's times is a matter of seconds against days.
  func trim(_ machine: SimulatedMachine, _ life: Int) async {
    guard machine.life == life, let process = machine.process else { return }
    schedule(.trim(machine.index, life: life), after: delay(500_000...1_500_000))
    let streams = machine.profile.streams
    do {
      let told = try await process.store.read { try Follower.fetchAll($0) }
      let isKnown = machines.allSatisfy { follower in
        streams.filter { follower.consumedTypes[$0] != nil }.allSatisfy { stream in
          let name = "\(follower.profile.name)/\(follower.instance)"
          let upstream = Ownership.Upstream(stream: stream, instance: machine.instance)
          return told.contains { $0.stream == stream && $0.name == name } && !follower.reporting.owes(upstream)
        }
      }
      guard isKnown else { return }
      try await keepCopies(of: machine, process.store)
      try await process.mechanism.trim(RetentionPolicy(keep: Self.keep))
      for stream in streams {
        let upstream = Ownership.Upstream(stream: stream, instance: machine.instance)
        let position = try await process.store.read { try Trim.position(of: stream, in: $0) }
        statistics.recordsTrimmed += Int(position - (trimmedPositions[upstream] ?? 0))
        trimmedPositions[upstream] = position
      }
    } catch {
      noteStoreFailure(error, of: machine, during: "trimming")
    }
    await collectCommits(machine)
  }

  /// What is checked in the end is the whole of a journal, whatever is left of it.
  private func keepCopies(of machine: SimulatedMachine, _ store: Store) async throws {
    for stream in machine.profile.streams {
      let upstream = Ownership.Upstream(stream: stream, instance: machine.instance)
      let frames = try await store.journal(of: stream).frames(after: 0, mostBytes: .max, mostRecords: .max)
      guard let first = frames.first?.header.firstPosition else { continue }
      copies[upstream] = copies[upstream, default: []].filter { $0.header.lastPosition < first } + frames
    }
  }
}

/// What a machine has told of its cursors.
struct SimulatedReporting {
  var round = 0
  /// The position that a publisher was told last; forgotten when a process ends.
  var said: [Ownership.Upstream: String] = [:]
  /// By the machines of publishers.
  var lastArrivals: [Int: MonotonicInstant] = [:]
  /// Upstreams whose cursors have gone back after a round, without the publisher having heard of it.
  private var owed: [Ownership.Upstream: Int] = [:]

  /// A process begins, and knows nothing of what the one before has told.
  mutating func begin() {
    said = [:]
    lastArrivals = [:]
  }

  /// A cursor has been moved.
  mutating func mustSay(_ upstream: Ownership.Upstream) {
    owed[upstream] = round
    said[upstream] = nil
  }

  func owes(_ upstream: Ownership.Upstream) -> Bool { owed[upstream] != nil }

  /// A publisher has taken a report.
  mutating func note(_ message: CursorMessage) {
    said[message.upstream] = message.report.position
    if let round = owed[message.upstream], message.round > round { owed[message.upstream] = nil }
  }
}
