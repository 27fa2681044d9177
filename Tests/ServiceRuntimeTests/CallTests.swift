import Contracts
import Foundation
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport
import Testing

@Suite struct CallTests {
  private func count(_ client: CallClient) async throws -> Int {
    try await client.call(NotesAPI.count, Question()).number
  }

  @Test func aRepeatGetsTheFirstAnswerAndDoesNothing() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary())
      let client = try harness.client(of: .ingestion)
      var settings = CallSettings()
      settings.requestID = "r-1"
      let take = TakeNote(key: "a", text: "x")
      let first = try await client.reply(to: NotesAPI.take, take, settings)
      _ = try await client.call(NotesAPI.take, TakeNote(key: "b", text: "y"))
      let again = try await client.reply(to: NotesAPI.take, take, settings)
      #expect(first.output == Receipt(number: 1) && again.output == first.output)
      #expect(again.positions == first.positions && first.positions.first?.hasPrefix("ingestion/0/") == true)
      let name = NotesAPI.take.name
      let body = Array(#"{"key":"a","text":"x"}"#.utf8)
      let raw = try await client.call(name, json: body, settings, isCommand: true)
      #expect(String(decoding: raw.output, as: UTF8.self) == #"{"number":1}"#)
      #expect(try await count(client) == 2)
      #expect(service.store.heads().first { $0.identity.stream == .ingestion }?.position == 2)
    }
  }

  @Test func aRequestIDServesOneMethodOnly() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      let client = try harness.client(of: .ingestion)
      var settings = CallSettings()
      settings.requestID = "r-1"
      _ = try await client.call(NotesAPI.take, TakeNote(key: "a", text: "x"), settings)
      let fault = await #expect(throws: Fault.self) {
        try await client.call(NotesAPI.tear, TakeNote(key: "a", text: "x"), settings)
      }
      #expect(fault?.code == .alreadyExists && fault?.reason == "requestIDReused")
    }
  }

  @Test func aCommandWithoutRequestIDIsRefused() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      let client = try harness.client(of: .ingestion)
      let fault = await #expect(throws: Fault.self) {
        try await client.call(NotesAPI.take.name, json: Array(#"{"key":"a","text":"x"}"#.utf8), isCommand: false)
      }
      #expect(fault?.code == .invalidArgument && fault?.reason == "requestIDMissing")
      #expect(fault?.message.contains("request-id") == true)
      #expect(try await count(client) == 0)
    }
  }

  @Test func aFaultUndoesEverythingAndMayBeRepeated() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(notary())
      let client = try harness.client(of: .ingestion)
      var settings = CallSettings()
      settings.requestID = "r-1"
      let fault = await #expect(throws: Fault.self) {
        try await client.call(NotesAPI.take, TakeNote(key: "a", text: ""), settings)
      }
      #expect(fault == Fault(.invalidArgument, reason: "emptyNote", "A note needs a text.", field: "text"))
      #expect(service.store.heads().first { $0.identity.stream == .ingestion }?.position == 0)
      let receipt = try await client.call(NotesAPI.take, TakeNote(key: "a", text: "mended"), settings)
      #expect(receipt.number == 1, "a request that failed was not remembered")
    }
  }

  @Test func whatOneWroteAnotherCanWaitFor() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      try await harness.start(reader())
      let writer = try harness.client(of: .ingestion)
      let client = try harness.client(of: readerProfile)
      for number in 1...20 {
        let reply = try await writer.reply(to: NotesAPI.take, TakeNote(key: "k\(number)", text: "x"))
        var settings = CallSettings()
        settings.after = reply.positions
        #expect(try await client.call(NotesAPI.count, Question(), settings).number == number)
      }
    }
  }

  @Test func waitingForWhatNeverComesEndsWithTheDeadline() async throws {
    try await withServiceHarness { harness in
      let service = try await harness.start(reader())
      let client = try harness.client(of: readerProfile)
      let identity = try #require(service.store.heads().first?.identity)
      var settings = CallSettings(timeout: .milliseconds(100))
      settings.after = ["\(identity)/5"]
      settings.retries = false
      let fault = await #expect(throws: Fault.self) {
        try await client.call(NotesAPI.count, Question(), settings)
      }
      #expect(fault?.code == .deadlineExceeded)
      settings = CallSettings()
      settings.after = ["nonsense"]
      let malformed = await #expect(throws: Fault.self) {
        try await client.call(NotesAPI.count, Question(), settings)
      }
      #expect(malformed?.reason == "malformedPosition")
    }
  }

  @Test func statusAndReflectionAreAnsweredByAll() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      try await harness.start(reader())
      let client = try harness.client(of: readerProfile)
      try await waitUntil("the reader is live") {
        try await client.call(OperationsAPI.status, StatusRequest()).upstreams.first?.state.known == .live
      }
      let status = try await client.call(OperationsAPI.status, StatusRequest())
      #expect(status.service == "reader" && status.isAccepting && status.deadLetters == 0)
      #expect(status.now == harness.clock.now)
      let methods = try await client.call(ReflectionAPI.services, ReflectionRequest()).methods.map(\.name)
      #expect(methods.contains("notes.v1/Count") && methods.contains("operations.v1/Status"))
      #expect(try await client.call(HealthAPI.check, HealthRequest(service: "notes.v1")).status == .serving)
    }
  }

  @Test func aBackupIsMadeOnce() async throws {
    try await withServiceHarness { harness in
      try await harness.start(notary())
      let client = try harness.client(of: .ingestion)
      _ = try await client.call(NotesAPI.take, TakeNote(key: "a", text: "x"))
      let receipt = try await client.call(OperationsAPI.backUp, BackUp(name: "monday.sqlite"))
      #expect(receipt.byteCount > 0 && FileManager.default.fileExists(atPath: receipt.path))
      let again = await #expect(throws: Fault.self) {
        try await client.call(OperationsAPI.backUp, BackUp(name: "monday.sqlite"))
      }
      #expect(again?.reason == "backupExists")
      let outside = await #expect(throws: Fault.self) {
        try await client.call(OperationsAPI.backUp, BackUp(name: "../monday.sqlite"))
      }
      #expect(outside?.code == .invalidArgument)

      func discard(_ name: String) async throws -> Bool {
        try await client.call(OperationsAPI.discardBackUp, DiscardBackUp(name: name)).isDiscarded
      }
      #expect(try await discard("monday.sqlite"))
      #expect(!FileManager.default.fileExists(atPath: receipt.path))
      #expect(try await !discard("monday.sqlite"))
      let store = await #expect(throws: Fault.self) { try await discard("../ingestion.sqlite") }
      #expect(store?.code == .invalidArgument)
      #expect(try await client.call(NotesAPI.count, Question()).number == 1)
    }
  }
}
