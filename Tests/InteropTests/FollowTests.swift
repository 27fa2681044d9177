import Contracts
import Foundation
import Messaging
import Records
import ServiceRuntime
import TestSupport
import Testing

/// A program with nothing but a ZeroMQ library follows events, as WIRE.md says: from a position, then live, over a
/// restart of the publisher and a message that was never published.
@Suite(.timeLimit(.minutes(2)), .enabled(if: Python.hasZeroMQ, "needs python3 with pyzmq"))
struct FollowTests {
  @Test func anOutsiderFollowsOpportunitiesFromAPosition() async throws {
    let journal = MemoryJournal(.ranking)
    journal.append(10, type: EventType("opportunity.opened"))
    journal.append(10, type: EventType("ranking.published"))
    let stage = try await Stage(journal)
    try await stage.running { publisher, calls in
      let python = try Python(
        "follow.py",
        publisher.endpoint.description,
        calls.description,
        "ranking",
        "5",
        "opportunity.",
        "25"
      )
      // Whatever it has read, more is published while it listens, one message of it lost on the way.
      try await waitUntil("it has read what there was") { python.lines.count >= 5 }
      publisher.publish(journal.append(5, type: EventType("opportunity.grown")))
      try await waitUntil("it follows") { python.lines.count >= 10 }
      journal.append(5, type: EventType("opportunity.grown"))
      publisher.publish(journal.append(10, type: EventType("opportunity.merged")))
      #expect(try await python.exitStatus() == 0)
      let events = try python.lines.map { try JSONDecoder().decode(CloudEvent.self, from: Data($0.utf8)) }
      #expect(events.map(\.position) == Array(6...10) + Array(21...40))
      #expect(events.allSatisfy { $0.source == "/groundswell/ranking/0" && $0.specversion == "1.0" })
      #expect(Set(events.map(\.type)) == ["opportunity.opened", "opportunity.grown", "opportunity.merged"])
    }
  }

  @Test func theListenerInTheDocumentKnowsOfEveryGap() async throws {
    let journal = MemoryJournal(.ranking)
    journal.append(10, type: EventType("opportunity.opened"))
    let stage = try await Stage(journal)
    try await stage.running { publisher, _ in
      /// What it prints of twenty messages, while records are published.
      func printed(whilePublishing publish: () -> Void) async throws -> [String] {
        let script = try #require(try Document.wire().blocks("python").last)
          .replacing("tcp://127.0.0.1:7420", with: publisher.endpoint.description)
          .replacing("while True:", with: "for _ in range(20):")
        let python = try Python("-c", script)
        try await waitUntil("it has seen twenty") {
          publish()
          return python.hasEnded
        }
        #expect(try await python.exitStatus() == 0)
        return python.lines
      }
      let whole = try await printed { publisher.publish(journal.append(1, type: EventType("opportunity.grown"))) }
      #expect(whole == [])
      let torn = try await printed {
        journal.append(1, type: EventType("opportunity.grown"))
        publisher.publish(journal.append(1, type: EventType("opportunity.grown")))
      }
      #expect(torn.first?.hasPrefix("missing after ") == true, "\(torn)")
    }
  }

  private struct CloudEvent: Decodable {
    struct Body: Decodable {
      let position: UInt64
    }

    let specversion: String
    let id: String
    let source: String
    let type: String
    let data: Body
    /// As the body says, which has to agree with the id.
    var position: UInt64 { id == "7.\(data.position)" ? data.position : 0 }
  }
}

/// A publisher and its journal on free ports.
private struct Stage {
  private let thread: SocketThread
  private let publisher: EventPublisher
  private let transport: ZeroMQServerTransport
  private let server: CallServer

  init(_ journal: MemoryJournal) async throws {
    thread = try SocketThread()
    let free = try Endpoint("tcp://127.0.0.1:*")
    publisher = try await EventPublisher(heads: [journal.head()], on: thread, at: free, wallTime: Timestamp.now)
    transport = ZeroMQServerTransport(at: [free], on: thread)
    var handlers = CallHandlers()
    handlers.journal(
      JournalService(journals: [journal], bell: JournalBell(), wallTime: Timestamp.now) { principal, _ in
        principal.name == "follow.py"
      }
    )
    server = CallServer(over: transport, handlers)
  }

  func running(_ body: @Sendable (EventPublisher, Endpoint) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let calls = try #require(try await transport.boundEndpoints.first)
      try await body(publisher, calls)
      server.beginShutdown()
      try await group.waitForAll()
    }
    await publisher.close()
    #expect(await thread.stop(), "no socket is left open")
  }
}
