import Contracts
import GRDB
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct WriteTests {
  @Test func `a command returns once it is in the journal and in the table`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      let position = try await store.write { try Notes.write(NoteWritten("hello"), in: $0) }
      #expect(position == 1)
      #expect(try await Notes.texts(in: store) == ["hello"])
      #expect(try await Notes.journalled(in: store) == ["hello"])
      let head = store.heads()[0]
      #expect(head.position == 1)
      #expect(head[Partition(of: "acme")] == 1)
    }
  }

  @Test func `a lone command that throws leaves nothing`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      await #expect(throws: Refusal(number: 7)) {
        try await store.write { transaction in
          try Notes.write(NoteWritten("never"), in: transaction)
          throw Refusal(number: 7)
        }
      }
      let position = try await store.write { try Notes.write(NoteWritten("first"), in: $0) }
      #expect(position == 1)
      #expect(try await Notes.texts(in: store) == ["first"])
      #expect(try await Notes.journalled(in: store) == ["first"])
      #expect(store.statistics.failedCommands == 1)
    }
  }

  @Test func `a failing command takes none of its batch along`() async throws {
    let gate = Gate()
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      // The first command holds the writer until all others wait, so they share the second commit.
      let outcomes = try await gate.holding(store) {
        for number in 0..<20 {
          try gate.submit(to: store) { transaction in
            try Notes.write(NoteWritten("\(number)"), in: transaction)
            if number % 3 == 0 { throw Refusal(number: number) }
          }
        }
      }
      let kept = (0..<20).filter { $0 % 3 != 0 }
      #expect(outcomes.filter { $0 == nil }.count == kept.count)
      #expect(outcomes.count == 20)
      #expect(try await Notes.texts(in: store) == kept.map(String.init))
      #expect(try await Notes.journalled(in: store) == kept.map(String.init))
      #expect(store.statistics.commits == 2)
      #expect(store.heads()[0].position == UInt64(kept.count))
    }
  }

  @Test func `many writers at once share commits`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<2000 {
          group.addTask {
            await #expect(throws: Never.self) {
              try await store.write { try Notes.write(NoteWritten("\(number)"), in: $0) }
            }
          }
        }
      }
      let statistics = store.statistics
      #expect(statistics.commands == 2000)
      #expect(statistics.commits < 1000)
      #expect(statistics.records == 2000)
      let texts = try await Notes.texts(in: store)
      #expect(try await Notes.journalled(in: store) == texts)
    }
  }

  @Test func `commands happen in the order in which they were accepted`() async throws {
    let gate = Gate()
    try await withTemporaryStore(
      migrations: [Notes.migration],
      configure: { $0.mostCommandsPerCommit = 7 }
    ) { store in
      _ = try await gate.holding(store) {
        for number in 0..<100 {
          try gate.submit(to: store) { try Notes.write(NoteWritten("\(number)"), in: $0) }
        }
      }
      #expect(try await Notes.journalled(in: store) == (0..<100).map(String.init))
      #expect(store.statistics.commits >= 15)
    }
  }

  @Test func `a commit is closed when its records are big`() async throws {
    let gate = Gate()
    try await withTemporaryStore(
      migrations: [Notes.migration],
      configure: { $0.mostBytesPerCommit = 50_000 }
    ) { store in
      let text = String(repeating: "x", count: 20_000)
      _ = try await gate.holding(store) {
        for _ in 0..<9 { try gate.submit(to: store) { try Notes.write(NoteWritten(text), in: $0) } }
      }
      #expect(store.statistics.commits == 4)
      #expect(store.heads()[0].position == 9)
    }
  }

  @Test func `whoever finds the inbox full is turned away, and the store goes on`() async throws {
    let gate = Gate()
    try await withTemporaryStore(
      migrations: [Notes.migration],
      configure: { $0.inboxCapacity = 5 }
    ) { store in
      _ = try await gate.holding(store) {
        for _ in 0..<5 { try gate.submit(to: store) { try Notes.write(NoteWritten("in"), in: $0) } }
        #expect(store.statistics.queueDepth == 5)
        #expect(throws: StoreError.self) {
          try gate.submit(to: store) { try Notes.write(NoteWritten("out"), in: $0) }
        }
      }
      #expect(try await Notes.texts(in: store) == Array(repeating: "in", count: 5))
    }
  }

  @Test func `close finishes what was accepted, then refuses`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      for number in 0..<50 {
        try store.submit({ try Notes.write(NoteWritten("\(number)"), in: $0) }, completion: { _ in })
      }
      await store.close()
      await #expect { try await store.write { _ in } } throws: { ($0 as? StoreError)?.code == .closed }
      await #expect { try await store.read { _ in } } throws: { ($0 as? StoreError)?.code == .closed }
      await store.close()
      let reopened = try Store.open(
        store.configuration,
        streams: [.ingestion],
        migrations: [Notes.migration],
        now: { .epoch }
      )
      #expect(reopened.heads()[0].position == 50)
      await reopened.close()
    }
  }

  @Test func `an isolated part may fail alone`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      try await store.write { transaction in
        try Notes.write(NoteWritten("before"), in: transaction)
        do {
          try transaction.isolated {
            try Notes.write(NoteWritten("inside"), in: transaction)
            throw Refusal()
          }
          Issue.record("the error was swallowed")
        } catch is Refusal {
          #expect(try transaction.lastPosition(of: .ingestion) == 1)
        }
        try transaction.isolated { _ = try Notes.write(NoteWritten("after"), in: transaction) }
        #expect(try transaction.lastPosition(of: .ingestion) == 2)
      }
      #expect(try await Notes.texts(in: store) == ["before", "after"])
      #expect(try await Notes.journalled(in: store) == ["before", "after"])
    }
  }

  @Test func `frames are handed over after the commit, in order, before anybody is told`() async throws {
    let seen = Mutex<[RecordFrame]>([])
    try await withTemporaryStore(
      streams: [.ingestion, .scores],
      migrations: [Notes.migration],
      onCommit: { frames in seen.withLock { $0 += frames } }
    ) { store in
      for number in 1...3 {
        try await store.write { transaction in
          try transaction.append(NoteWritten("\(number)"))
          try transaction.appendRaw(
            to: .scores,
            type: EventType("score.observed"),
            programme: "acme",
            key: "\(number)",
            schemaVersion: 1,
            body: [0x7B, 0x7D]
          )
        }
        #expect(seen.withLock { $0.count } == 2 * number)
      }
      let frames = seen.withLock { $0 }
      #expect(frames.map(\.header.identity.stream) == [.ingestion, .scores, .ingestion, .scores, .ingestion, .scores])
      #expect(
        try await store.journal(of: .scores).frames(after: 0) == frames.filter { $0.header.identity.stream == .scores }
      )
    }
  }

  @Test func `a stream that the store doesn't write is refused`() async throws {
    try await withTemporaryStore { store in
      await #expect {
        try await store.write { transaction in
          try transaction.appendRaw(
            to: .ranking,
            type: NoteWritten.type,
            programme: "acme",
            key: "",
            schemaVersion: 1,
            body: [UInt8]()
          )
        }
      } throws: {
        ($0 as? StoreError)?.code == .unknownStream
      }
      #expect(throws: StoreError.self) { try store.journal(of: .ranking) }
    }
  }

  @Test func `a command that ends the shared transaction is told so, and the store goes on`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      let gate = Gate()
      let outcomes = try await gate.holding(store) {
        try gate.submit(to: store) { try Notes.write(NoteWritten("innocent"), in: $0) }
        try gate.submit(to: store) { try $0.database.execute(sql: "ROLLBACK") }
        try gate.submit(to: store) { try Notes.write(NoteWritten("later"), in: $0) }
      }
      #expect(outcomes.count == 3)
      #expect(outcomes.filter { ($0 as? StoreError)?.code == .rolledBack }.count == 1)
      #expect(try await Notes.journalled(in: store) == ["later"])
      #expect(try await Notes.texts(in: store) == ["later"])
    }
  }
}
