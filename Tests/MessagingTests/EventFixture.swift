import Contracts
import Foundation
import Logging
import Records
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// The transports that carry events; each has to pass the same suite.
enum EventCarrier: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case tcp, ipc, inMemory

  var testDescription: String { rawValue }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A publisher with its journals, and the means to subscribe to it, over any transport.
final class EventFixture: Sendable {
  let journal: MemoryJournal
  let scores: MemoryJournal
  let relay = RelayFaults()
  private let carrier: Carrier
  private let publisher = Mutex<(any EventPublishing)?>(nil)

  private enum Carrier {
    case inMemory(InMemoryEventTransport)
    case zeroMQ(ZeroMQStage)
  }

  /// Runs `body` with a fixture whose publisher is up, and leaves nothing behind.
  static func with(
    _ carrier: EventCarrier,
    forbidden: Set<StreamName> = [],
    _ body: @Sendable (EventFixture) async throws -> Void
  ) async throws {
    let journal = MemoryJournal()
    let scores = MemoryJournal(.scores)
    let service = JournalService(journals: [journal, scores], bell: JournalBell(), wallTime: { .now }) { _, stream in
      !forbidden.contains(stream)
    }
    switch carrier {
    case .inMemory:
      let transport = InMemoryEventTransport(wallTime: { .now })
      let source = LocalJournalSource(service, as: Principal(role: .program, name: "test"))
      for stream in [journal.stream, scores.stream] { transport.serve(source, as: stream) }
      let fixture = EventFixture(.inMemory(transport), journal, scores)
      try await fixture.startPublisher()
      try await body(fixture)
      await fixture.stopPublisher()
    case .tcp, .ipc:
      try await ZeroMQStage.with(service, usesFiles: carrier == .ipc) { stage in
        let fixture = EventFixture(.zeroMQ(stage), journal, scores)
        try await fixture.startPublisher()
        try await body(fixture)
        await fixture.stopPublisher()
      }
    }
  }

  private init(_ carrier: Carrier, _ journal: MemoryJournal, _ scores: MemoryJournal) {
    self.carrier = carrier
    self.journal = journal
    self.scores = scores
  }

  // MARK: The publisher

  func startPublisher() async throws {
    let heads = [journal.head(), scores.head()]
    let started: any EventPublishing
    switch carrier {
    case .inMemory(let transport): started = try await transport.publisher(of: heads)
    case .zeroMQ(let stage): started = try await stage.publisher(of: heads)
    }
    publisher.withLock { $0 = started }
  }

  func stopPublisher() async {
    let stopped = publisher.withLock { publisher in
      defer { publisher = nil }
      return publisher
    }
    await stopped?.close()
  }

  /// Commits records and publishes them, `perCommit` at a time.
  func publish(_ count: Int, perCommit: Int = 10, to journal: MemoryJournal? = nil) {
    var left = count
    while left > 0 {
      let frames = (journal ?? self.journal).append(min(perCommit, left))
      publisher.withLock { $0 }?.publish(frames)
      left -= perCommit
    }
  }

  // MARK: Subscribers

  /// The transport, with a relay on the live feed that does what `relay` says.
  var transport: any EventTransport {
    switch carrier {
    case .inMemory(let transport): RelayedTransport(base: transport, faults: relay)
    case .zeroMQ(let stage): RelayedTransport(base: stage.transport, faults: relay)
    }
  }

  func runner(
    _ sink: any RecordSink,
    stream: StreamName = .ingestion,
    _ change: (inout SubscriptionSettings) -> Void = { _ in }
  ) -> SubscriptionRunner {
    var settings = SubscriptionSettings()
    change(&settings)
    return SubscriptionRunner(
      to: stream,
      over: transport,
      into: sink,
      settings: settings,
      wallTime: { .now },
      logger: quietLogger
    )
  }

  /// Runs subscribers beside `body` and stops them after it.
  func following(
    _ runners: [(SubscriptionRunner, SubscriptionStart)],
    _ body: () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (runner, start) in runners { group.addTask { _ = try await runner.run(from: start) } }
      try await body()
      for (runner, _) in runners { runner.stop() }
      try await group.waitForAll()
    }
  }

  /// A new subscriber from the beginning, beside `body`.
  func following(_ sink: MemorySink, _ body: (SubscriptionRunner) async throws -> Void) async throws {
    let runner = self.runner(sink)
    try await following([(runner, .beginning)]) { try await body(runner) }
  }
}

extension Timestamp {
  static var now: Timestamp { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
}
