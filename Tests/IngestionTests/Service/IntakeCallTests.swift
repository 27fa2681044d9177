import Contracts
import GRPCCore
import Messaging
import ServiceRuntime
import Storage
import TestSupport
import Testing

@testable import Ingestion

@Suite("Events by calls")
struct IntakeCallTests {
  @Test("publish takes all or none, once per request id")
  func publish() async throws {
    try await withIngestion { ingestion in
      let events = (0..<30).map { feedback("\($0)") }
      var settings = CallSettings()
      settings.requestID = "once"
      let first = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: events), settings)
      #expect(first.results.map(\.position) == (1...30).map(UInt64.init))
      let repeated = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: events), settings)
      #expect(repeated == first)
      let other = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: events))
      #expect(other.results.allSatisfy { $0.outcome == .duplicate })
      #expect(other.results.map(\.position) == first.results.map(\.position))
      let fault = await #expect(throws: Fault.self) {
        try await ingestion.client.call(
          IngestionAPI.publish,
          PublishFeedback(events: [feedback("new"), feedback("bad", "")])
        )
      }
      #expect(fault?.reason == "nothingSaid")
      #expect(fault?.field == "events[1].data.text")
      #expect(try await ingestion.feedback().count == 30)
    }
  }

  @Test("the intake answers batch by batch, in order, and each event stands alone")
  func intake() async throws {
    try await withIngestion { ingestion in
      let receipts = try await ingestion.client.exchange(
        IngestionAPI.intake,
        send: { writer in
          for number in 0..<20 {
            let good = (0..<10).map { feedback("\(number)-\($0)") }
            try await writer.write(IntakeBatch(number: number, events: good + [feedback("bad", "")]))
          }
        },
        receive: { messages in
          var receipts: [IntakeReceipt] = []
          for try await receipt in messages { receipts.append(receipt) }
          return receipts
        }
      )
      #expect(receipts.map(\.number) == Array(0..<20))
      let results = receipts.flatMap(\.results)
      #expect(results.filter { $0.outcome == .accepted }.count == 200)
      #expect(results.compactMap(\.position) == (1...200).map(UInt64.init))
      #expect(receipts.allSatisfy { $0.results.last?.fault?.field == "events[10].data.text" })
      #expect(try await ingestion.feedback().count == 200)
    }
  }

  @Test("a sender that waits for each receipt gets it")
  func oneByOne() async throws {
    try await withIngestion { ingestion in
      let (turns, turn) = AsyncStream.makeStream(of: Void.self)
      turn.yield()
      let count = try await ingestion.client.exchange(
        IngestionAPI.intake,
        send: { writer in
          var number = 0
          for await _ in turns {
            try await writer.write(IntakeBatch(number: number, events: [feedback("\(number)")]))
            number += 1
          }
        },
        receive: { messages in
          var count = 0
          for try await _ in messages {
            count += 1
            if count == 5 { turn.finish() } else { turn.yield() }
          }
          return count
        }
      )
      #expect(count == 5)
    }
  }

  @Test("too many events in one message are refused")
  func bounded() async throws {
    try await withIngestion { ingestion in
      let many = Array(repeating: feedback("1"), count: 1001)
      let fault = await #expect(throws: Fault.self) {
        try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: many))
      }
      #expect(fault?.reason == "tooManyEvents")
    }
  }

  @Test("erasing is all or none, and counted once")
  func erase() async throws {
    try await withIngestion { ingestion in
      let events = (0..<3).map { feedback("\($0)") }
      let receipt = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: events))
      let ids = receipt.results.compactMap(\.feedback)
      func erase(_ ids: [ID<Feedback>], _ reason: String = "asked for", in programme: ID<Programme> = "p") async throws
        -> Int
      {
        try await ingestion.client.call(
          IngestionAPI.erase,
          EraseFeedback(programme: programme, ids: ids, reason: reason)
        ).erased
      }
      await #expect(throws: Fault.self) { try await erase([ids[0], "unknown"]) }
      await #expect(throws: Fault.self) { try await erase([ids[0]], " ") }
      await #expect(throws: Fault.self) { try await erase([ids[0]], in: "q") }
      #expect(try await ingestion.feedback().count == 3)
      #expect(try await erase([ids[0], ids[1], ids[0]]) == 2)
      #expect(try await erase([ids[0]]) == 0)
      #expect(try await ingestion.feedback().map(\.id) == [ids[2]])
    }
  }

  @Test("a programme made a moment ago is known at once, and what is unknown stays so")
  func newProgramme() async throws {
    try await withIngestion { ingestion in
      let event = feedback("1", "x", ["programme": "new"])
      #expect(try await ingestion.post(event).reason == "unknownProgramme")
      let reply = try await ingestion.directory.reply(
        to: DirectoryAPI.setProgramme,
        SetProgramme(value: Programme(id: "new", name: "N", defaultLanguage: "pt"))
      )
      var settings = CallSettings()
      settings.after = reply.positions
      _ = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: [event]), settings)
      let page = try await ingestion.client.call(IngestionAPI.feedback, FeedbackRequest(programme: "new"))
      #expect(page.feedback.map(\.language) == ["pt"])
    }
  }

  @Test("a stopped service continues where it was, with the same key")
  func restart() async throws {
    try await withIngestion { ingestion in
      let known = feedback("1", "x", ["customer": "c"])
      _ = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: [known]))
      try await ingestion.service.stop()
      try await ingestion.harness.start(Ingestion.definition)
      let again = feedback("2", "x", ["customer": "c"])
      let receipt = try await ingestion.client.call(IngestionAPI.publish, PublishFeedback(events: [known, again]))
      #expect(receipt.results.map(\.outcome) == [.known(.duplicate), .known(.accepted)])
      let customers = try await ingestion.feedback().map(\.customer)
      #expect(customers.count == 2)
      #expect(customers[0] != nil && customers[0] == customers[1])
    }
  }
}
