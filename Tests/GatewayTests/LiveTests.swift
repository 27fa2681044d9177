import Contracts
import Hummingbird
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Gateway
@testable import ServiceRuntime

@Suite struct EventHubTests {
  private func record<Fact: Event>(_ event: Fact) async throws -> Record {
    try await withTemporaryStore(streams: [Fact.stream]) { store in
      _ = try await store.write { try $0.append(event) }
      let frames = try await store.journal(of: Fact.stream).frames(after: 0)
      return try #require(frames.first?.records().first)
    }
  }

  private func programmeSet(_ id: ID<Programme>) async throws -> LiveEvent {
    LiveEvent(try await record(ProgrammeSet(value: Programme(id: id, name: "A\nline"))), of: .directory)
  }

  @Test func listenersHearTheirProgrammeAndTypes() async throws {
    let event = try await programmeSet("telco")
    for (filter, isHeard) in [
      (LiveFilter(programme: "telco"), true), (LiveFilter(programme: "bank"), false),
      (LiveFilter(programme: "telco", types: ["directory.*"]), true),
      (LiveFilter(programme: "telco", types: ["directory.programmeSet"]), true),
      (LiveFilter(programme: "telco", types: ["idea.*"]), false),
    ] {
      #expect(filter.includes(event) == isHeard)
    }
  }

  @Test func scoresAreHeardOnlyWhereAskedFor() async throws {
    var observed: ScoreObserved = try JSONSchema.specimen(of: ScoreObserved.self)
    observed.programme = "telco"
    let event = LiveEvent(try await record(observed), of: .scores)
    #expect(!LiveFilter(programme: "telco").includes(event))
    #expect(LiveFilter(programme: "telco", types: ["score.observed"]).includes(event))
  }

  @Test func anEventIsOneBlockOfText() async throws {
    let text = try await programmeSet("telco").text
    #expect(text.hasPrefix("id: directory/1\nevent: directory.programmeSet\ndata: {\"time\":"))
    #expect(text.hasSuffix("}\n\n"))
    #expect(text.split(separator: "\n").count == 3, "a line break in a text must not end the event")
  }

  @Test func aSlowListenerIsDroppedAndTheOthersAreNot() async throws {
    let hub = EventHub()
    let event = try await programmeSet("telco")
    let slow = try hub.listen(to: LiveFilter(programme: "telco"))
    let other = try hub.listen(to: LiveFilter(programme: "bank"))
    for _ in 0..<EventHub.mostWaiting { hub.publish([event]) }
    #expect(hub.listenerCount == 2)
    hub.publish([event])
    #expect(hub.listenerCount == 1)
    var received = 0
    for await _ in slow.events { received += 1 }
    #expect(received == EventHub.mostWaiting, "what was accepted is still delivered, then the stream ends")
    hub.stop(other.number)
    #expect(hub.listenerCount == 0)
  }

  @Test func aDroppedListenerIsToldSo() async throws {
    let hub = EventHub()
    let response = try EventStreamResponse.response(hub, StreamRequest(programme: "telco"))
    hub.publish([try await programmeSet("telco")])
    hub.stopAll()
    let written = Written()
    try await response.body.write(CollectingWriter(written: written))
    #expect(written.text.contains("event: directory.programmeSet"))
    #expect(written.text.hasSuffix("event: dropped\ndata: {\"reason\":\"tooSlowOrStopping\"}\n\n"))
  }

  @Test func listenersAreBounded() throws {
    let hub = EventHub()
    var streams: [AsyncStream<LiveEvent>] = []
    for _ in 0..<EventHub.mostListeners { streams.append(try hub.listen(to: LiveFilter(programme: "telco")).events) }
    let fault = try #require(throws: Fault.self) { try hub.listen(to: LiveFilter(programme: "telco")) }
    #expect(fault.reason == "tooManyListeners")
    hub.stopAll()
  }
}

private final class Written: Sendable {
  private let state = Mutex("")
  var text: String { state.withLock { $0 } }
  func add(_ buffer: ByteBuffer) { state.withLock { $0 += String(buffer: buffer) } }
}

private struct CollectingWriter: ResponseBodyWriter {
  let written: Written
  mutating func write(_ buffer: ByteBuffer) async throws { written.add(buffer) }
  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// What the gateway tells browsers of events, by the batches in which they come.
struct LiveConsumerTests {
  /// Two instances write one stream, and their batches are under way at the same time.
  @Test func anInstanceNeitherTellsNorTakesBackWhatAnotherHasWritten() async throws {
    let hub = EventHub()
    let consumer = try #require(LiveConsumers.all(hub).first { $0.stream == .ingestion })
    let listener = try hub.listen(to: LiveFilter(programme: "telco"))
    try await withTemporaryStore(migrations: GatewaySchema.migrations, clock: ManualClock()) { store in
      var recorded: FeedbackRecorded = try JSONSchema.specimen(of: FeedbackRecorded.self)
      recorded.feedback.programme = "telco"
      let event = recorded
      try await store.write { try $0.append(event) }
      let frame = try #require(try await store.journal(of: .ingestion).frames(after: 0).first)
      try await store.write { transaction in
        let action = try #require(consumer.actions[FeedbackRecorded.type])
        for instance: UInt16 in [0, 1] {
          try consumer.willBegin(transaction, instance)
          try frame.withUnsafeRecords { (view) throws(any Error) in
            try action(Record(view, instance: instance), transaction)
          }
        }
      }
      consumer.didRollBack(1)
      consumer.didCommit?(1)
      hub.keepAlive()
      consumer.didCommit?(0)
      hub.stopAll()
      var told: [String] = []
      for await event in listener.events { told.append(event.text) }
      #expect(told.count == 2 && told.first == LiveEvent.keepAlive.text, "\(told)")
      #expect(told.last?.hasPrefix("id: ingestion/1\n") == true, "\(told)")
    }
  }
}
