import Contracts
import GRDB
import Records
import Storage
import TestSupport
import Testing

@Suite struct JournalTests {
  /// Writes notes named 1 to `count`, `perCommit` at a time.
  static func fill(_ store: Store, count: Int, perCommit: Int) async throws {
    for start in stride(from: 1, through: count, by: perCommit) {
      try await store.write { transaction in
        for number in start..<min(start + perCommit, count + 1) { try transaction.append(NoteWritten("\(number)")) }
      }
    }
  }

  @Test func `reopening goes on with the same history`() async throws {
    try await withTemporaryDirectory { directory in
      let configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
      var head: HeadVector?
      for round in 1...4 {
        let store = try Store.open(configuration, streams: [.ingestion], now: { .epoch })
        if let head { #expect(store.heads() == [head]) }
        try await JournalTests.fill(store, count: 10 * round, perCommit: 7)
        head = store.heads()[0]
        await store.close()
      }
      let store = try Store.open(configuration, streams: [.ingestion], now: { .epoch })
      var cursor = Cursor(startOf: store.heads()[0].identity)
      for frame in try await store.journal(of: .ingestion).frames(after: 0) { try cursor.advance(past: frame) }
      #expect(cursor == head)
      #expect(cursor.position == 100)
      #expect(cursor[Partition(of: "acme")] == 100)
      await store.close()
    }
  }

  @Test func `one commit may take several frames`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 600, perCommit: 600)
      let frames = try await store.journal(of: .ingestion).frames(after: 0)
      #expect(frames.map(\.header.recordCount) == [250, 250, 100])
      #expect(store.statistics.commits == 1)
    }
  }

  @Test func `pages keep to their limits and miss nothing`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 1000, perCommit: 40)
      let journal = try store.journal(of: .ingestion)
      var cursor = Cursor(startOf: journal.head().identity)
      var pages = 0
      while cursor.position < 1000 {
        let frames = try await journal.frames(after: cursor.position, mostBytes: 1024 * 1024, mostRecords: 100)
        #expect(frames.reduce(0) { $0 + $1.header.recordCount } <= 100)
        for frame in frames { try cursor.advance(past: frame) }
        pages += 1
      }
      #expect(pages == 13)
      #expect(cursor == journal.head())
      #expect(try await journal.frames(after: 1000).isEmpty)
      #expect(try await journal.frames(after: .max).isEmpty)
      // A page that is too small for a frame still brings one.
      #expect(try await journal.frames(after: 0, mostBytes: 1, mostRecords: 1).count == 1)
    }
  }

  @Test func `a position inside a frame brings the whole frame`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      let frames = try await store.journal(of: .ingestion).frames(after: 34)
      #expect(frames.first?.header.firstPosition == 31)
      #expect(frames.count == 7)
    }
  }

  @Test func `the chain hash is known where a frame ends`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 30, perCommit: 10)
      let journal = try store.journal(of: .ingestion)
      let frames = try await journal.frames(after: 0)
      #expect(try await journal.chain(at: 0) == .genesis)
      #expect(try await journal.chain(at: 20) == frames[1].header.chain)
      #expect(try await journal.chain(at: 15) == nil)
      #expect(try await journal.chain(at: 31) == nil)
    }
  }

  @Test func `an erased body is gone from the journal and nothing else is`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 30, perCommit: 10)
      try await store.write { try $0.eraseBody(of: .ingestion, at: 15) }
      let journal = try store.journal(of: .ingestion)
      var cursor = Cursor(startOf: journal.head().identity)
      var records: [Records.Record] = []
      for frame in try await journal.frames(after: 0) {
        try cursor.advance(past: frame)
        records += frame.records()
      }
      #expect(cursor == journal.head())
      #expect(records.filter(\.isErased).map(\.position) == [15])
      #expect(try records[15].decode(NoteWritten.self).text == "16")
      #expect(try await store.checkIntegrity().problems.isEmpty)
      for position in [UInt64(15), 31] {
        await #expect(throws: FrameError.nothingToErase(position: position)) {
          try await store.write { try $0.eraseBody(of: .ingestion, at: position) }
        }
      }
    }
  }

  @Test func `records carry programme, key, time, trace and version`() async throws {
    let clock = ManualClock()
    try await withTemporaryStore(clock: clock) { store in
      let trace = try #require(TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
      let then = clock.now - .hours(3)
      try await store.write { transaction in
        try transaction.append(NoteWritten("one", programme: "globex", key: "k-1"), time: then, trace: trace)
        try transaction.append(NoteWritten("two"))
      }
      let frame = try await store.journal(of: .ingestion).frames(after: 0)[0]
      let records = frame.records()
      #expect(records[0].programme == "globex")
      #expect(records[0].key == "k-1")
      #expect(records[0].time == then)
      #expect(records[0].trace == trace)
      #expect(records[0].schemaVersion == 3)
      #expect(records[0].type == NoteWritten.type)
      #expect(records[1].time == clock.now)
      #expect(records[1].trace == nil)
      #expect(frame.header.commitTime == clock.now)
    }
  }
}
