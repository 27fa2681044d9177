import Contracts
import GRDB
import Records
import Storage
import TestSupport
import Testing

/// What a service keeps beside its own tables: cursors, responses, dead letters.
@Suite struct BookkeepingTests {
  /// A cursor that stands behind `position` records of some upstream.
  private func cursor(at position: UInt64, instance: UInt16 = 0) -> Records.Cursor {
    var cursor = Records.Cursor(startOf: StreamIdentity(stream: .ranking, instance: instance, epoch: .max))
    cursor.position = position
    cursor[Partition(of: "acme")] = position
    return cursor
  }

  @Test func `cursor, state and own records commit together or not at all`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      let (first, second) = (cursor(at: 10), cursor(at: 20))
      try await store.write { transaction in
        #expect(try transaction.cursor(of: .ranking, instance: 0) == nil)
        try Notes.write(NoteWritten("applied"), in: transaction)
        try transaction.setCursor(first)
      }
      await #expect(throws: Refusal()) {
        try await store.write { transaction in
          try Notes.write(NoteWritten("not applied"), in: transaction)
          try transaction.setCursor(second)
          throw Refusal()
        }
      }
      #expect(try await store.write { try $0.cursor(of: .ranking, instance: 0) } == first)
      #expect(try await Notes.texts(in: store) == ["applied"])
      #expect(try await Notes.journalled(in: store) == ["applied"])
      try await store.write { try $0.setCursor(second) }
      #expect(try await store.read { try Records.Cursor.fetchAll($0) } == [second])
    }
  }

  @Test func `each upstream instance has its own cursor`() async throws {
    try await withTemporaryStore { store in
      let cursors = [cursor(at: 3), cursor(at: 5, instance: 1)]
      try await store.write { transaction in for cursor in cursors { try transaction.setCursor(cursor) } }
      #expect(try await store.read { try Records.Cursor.fetchAll($0) } == cursors)
      try await store.write { try $0.removeCursor(of: .ranking, instance: 0) }
      #expect(try await store.read { try Records.Cursor.fetchAll($0) } == [cursors[1]])
    }
  }

  @Test func `a repeated request gets the first response`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      @Sendable func submit(_ transaction: Transaction, _ request: ID<Request>, _ text: String) throws -> [UInt8] {
        if let response = try transaction.recordedResponse(to: request) { return response }
        let position = try Notes.write(NoteWritten(text), in: transaction)
        let response = Array("\(position)".utf8)
        try transaction.recordResponse(response, to: request)
        return response
      }
      let first = try await store.write { try submit($0, "r-1", "once") }
      let again = try await store.write { try submit($0, "r-1", "twice") }
      #expect(again == first)
      await #expect(throws: Refusal()) {
        try await store.write { transaction in
          _ = try submit(transaction, "r-2", "failed")
          throw Refusal()
        }
      }
      #expect(try await store.write { try submit($0, "r-2", "retried") } == Array("2".utf8))
      #expect(try await Notes.texts(in: store) == ["once", "retried"])
      // An empty response is a response.
      try await store.write { try $0.recordResponse([], to: "r-3") }
      #expect(try await store.write { try $0.recordedResponse(to: "r-3") } == [])
    }
  }

  @Test func `responses are forgotten after their time, a few at a time`() async throws {
    let clock = ManualClock()
    try await withTemporaryStore(clock: clock, configure: { $0.requestMemory = .hours(1) }) { store in
      @Sendable func count(_ database: Database) throws -> Int? {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM requests")
      }
      for number in 0..<100 { try await store.write { try $0.recordResponse([1], to: ID("old-\(number)")) } }
      clock.advance(by: .minutes(30))
      try await store.write { try $0.recordResponse([2], to: "middle") }
      #expect(try await store.read(count) == 101)
      clock.advance(by: .minutes(31))
      try await store.write { try $0.recordResponse([3], to: "new") }
      #expect(try await store.read(count) == 100)
      for number in 0..<120 { try await store.write { try $0.recordResponse([1], to: ID("new-\(number)")) } }
      #expect(try await store.read(count) == 122)
      #expect(try await store.write { try $0.recordedResponse(to: "old-0") } == nil)
      #expect(try await store.write { try $0.recordedResponse(to: "middle") } == [2])
    }
  }

  @Test func `a dead letter is kept, listed, retried and gone`() async throws {
    let clock = ManualClock()
    try await withTemporaryStore(migrations: [Notes.migration], clock: clock) { store in
      let upstream = StreamIdentity(stream: .ranking, instance: 4, epoch: 1 << 63 | 5)
      let frame = try BookkeepingTests.frame(of: 3, from: upstream)
      try await store.write { transaction in
        try frame.withUnsafeRecords { try transaction.deadLetter($0, from: upstream, because: "no such team") }
      }
      let letters = try await store.deadLetters()
      #expect(letters.map(\.record) == frame.records())
      #expect(letters.allSatisfy { $0.identity == upstream && $0.error == "no such team" && $0.attempts == 1 })
      #expect(try await store.deadLetters(after: letters[0].id, limit: 1) == [letters[1]])

      // A failed retry leaves nothing but its error.
      clock.advance(by: .minutes(1))
      await #expect(throws: Refusal(number: 9)) {
        try await store.retryDeadLetter(letters[1].id) { _, transaction in
          try Notes.write(NoteWritten("half"), in: transaction)
          throw Refusal(number: 9)
        }
      }
      let failed = try await store.deadLetters(after: letters[0].id, limit: 1)[0]
      #expect(failed.attempts == 2)
      #expect(failed.error.contains("9"))
      #expect(failed.lastAttempt == clock.now)
      #expect(failed.firstAttempt == letters[1].firstAttempt)
      #expect(try await Notes.journalled(in: store).isEmpty)

      try await store.retryDeadLetter(letters[1].id) { letter, transaction in
        try Notes.write(NoteWritten(letter.record.key), in: transaction)
      }
      #expect(try await Notes.texts(in: store) == ["k-2"])
      try await store.discardDeadLetter(letters[0].id)
      #expect(try await store.deadLetters().map(\.id) == [letters[2].id])
      #expect(try await store.deadLetterCount() == 1)
      await #expect { try await store.discardDeadLetter(letters[0].id) } throws: {
        ($0 as? StoreError)?.code == .unknownDeadLetter
      }
    }
  }

  @Test func `the same record fails into the same dead letter`() async throws {
    try await withTemporaryStore { store in
      let upstream = StreamIdentity(stream: .ranking, instance: 0, epoch: 7)
      let frame = try BookkeepingTests.frame(of: 1, from: upstream)
      for attempt in 1...3 {
        try await store.write { transaction in
          try frame.withUnsafeRecords { try transaction.deadLetter($0, from: upstream, because: "attempt \(attempt)") }
        }
      }
      let letters = try await store.deadLetters()
      #expect(letters.map(\.attempts) == [3])
      #expect(letters[0].error == "attempt 3")
    }
  }

  private static func frame(of count: Int, from identity: StreamIdentity) throws -> RecordFrame {
    var builder = FrameBuilder(resuming: HeadVector(startOf: identity))
    for number in 1...count {
      _ = try Array(#"{"a":1}"#.utf8).withUnsafeBytes { body in
        try builder.append(
          type: EventType("opportunity.opened"),
          programme: "acme",
          key: "k-\(number)",
          schemaVersion: 1,
          time: .epoch,
          trace: nil,
          body: body
        )
      }
    }
    return try #require(builder.seal(at: .epoch).first)
  }
}
