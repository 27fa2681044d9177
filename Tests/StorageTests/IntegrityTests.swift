import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

@Suite struct IntegrityTests {
  @Test func `a sound store passes`() async throws {
    try await withTemporaryStore(streams: [.ingestion, .scores]) { store in
      // Programmes come and go, so that most frames know little of most partitions.
      for commit in 0..<200 {
        try await store.write { transaction in
          for number in 0..<10 {
            try transaction.append(NoteWritten("\(number)", programme: ID("programme-\(commit / 3 + number % 2)")))
          }
        }
      }
      let all = try await store.checkIntegrity()
      #expect(all.problems.isEmpty)
      #expect(all.framesChecked == 200)
      #expect(all.recordsChecked == 2000)
    }
  }

  @Test(arguments: Seeds.fresh(5)) func `a flipped byte in a frame is found`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let offset = Int.random(in: 0..<400, using: &generator)
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      try await store.write { transaction in
        let table = #""journal/ingestion""#
        var frame = try #require(
          try Data.fetchOne(transaction.database, sql: "SELECT frame FROM \(table) WHERE position = 50")
        )
        frame[frame.startIndex + offset % frame.count] ^= 1
        try transaction.database.execute(
          sql: "UPDATE \(table) SET frame = ? WHERE position = 50",
          arguments: [frame]
        )
      }
      let report = try await store.checkIntegrity()
      #expect(report.problems.count == 1)
      #expect(report.problems.first?.contains("50") == true)
      #expect(report.framesChecked == 10)
      await #expect { try await store.journal(of: .ingestion).frames(after: 45) } throws: {
        ($0 as? StoreError)?.code == .damaged
      }
      // What lies before and behind can still be read.
      #expect(try await store.journal(of: .ingestion).frames(after: 50).count == 5)
    }
  }

  @Test func `a frame that is missing is found`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      try await store.write { transaction in
        try transaction.database.execute(sql: #"DELETE FROM "journal/ingestion" WHERE position = 50"#)
      }
      #expect(try await store.checkIntegrity().problems.count == 1)
    }
  }

  @Test func `a store that can't be read doesn't stand the check`() async throws {
    try await withTemporaryDirectory { directory in
      let disk = try SimulatedDisk(at: directory.path(of: "disk"), seed: 1)
      let configuration = storeConfiguration(at: directory.path(of: "disk/store.sqlite"))
      let store = try Store.open(configuration, streams: [.ingestion], now: { .epoch })
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      // A connection that is open already: none can be opened later.
      #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM heads") } == 1)
      disk.cutPower()
      #expect(try await store.verify().problems.isEmpty == false)
      #expect(store.health.problem?.code == .damaged)
      await store.close()
    }
  }

  @Test func `a copy whose journal is damaged gets no name`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "store.sqlite")
      let store = try Store.open(storeConfiguration(at: path), streams: [.ingestion], now: { .epoch })
      try await JournalTests.fill(store, count: 100, perCommit: 10)
      try await store.write {
        try $0.database.execute(sql: #"UPDATE "journal/ingestion" SET frame = frame || x'00' WHERE position = 50"#)
      }
      let error = await #expect(throws: StoreError.self) {
        try await store.backUp(to: directory.path(of: "backups/one.sqlite"))
      }
      #expect(error?.code == .damaged && error?.message.contains("50") == true, "\(String(describing: error))")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path(of: "backups")).isEmpty)
      await store.close()
    }
  }

  @Test func `a store that is no authority any more hands out no copies`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "store.sqlite")
      let store = try Store.open(storeConfiguration(at: path), streams: [.ingestion], now: { .epoch })
      try await JournalTests.fill(store, count: 20, perCommit: 10)
      try await store.write { try $0.database.execute(sql: "CREATE TABLE kept (frame)") }
      try await store.write {
        try $0.database.execute(
          sql:
            #"INSERT INTO kept SELECT frame FROM "journal/ingestion"; DELETE FROM "journal/ingestion" WHERE position = 10"#
        )
      }
      #expect(try await store.verify().problems.count == 1)
      // Whatever it holds by now, it is to be restored.
      let database = try DatabaseQueue(path: path)
      try await database.write {
        try $0.execute(sql: #"INSERT INTO "journal/ingestion" SELECT 10, frame FROM kept LIMIT 1"#)
      }
      try database.close()
      let error = await #expect(throws: StoreError.self) {
        try await store.backUp(to: directory.path(of: "copy.sqlite"))
      }
      #expect(error?.code == .damaged)
      await store.close()
    }
  }

  @Test func `a copy that nobody waits for any more gets no name`() async throws {
    try await withTemporaryDirectory { directory in
      let store = try Store.open(
        storeConfiguration(at: directory.path(of: "store.sqlite")),
        streams: [.ingestion],
        now: { .epoch }
      )
      try await JournalTests.fill(store, count: 20, perCommit: 10)
      let copying = Task {
        // Begins only once it is cancelled, so that the outcome doesn't depend on who is faster.
        while !Task.isCancelled { await Task.yield() }
        try await store.backUp(to: directory.path(of: "backups/one.sqlite"))
      }
      copying.cancel()
      await #expect(throws: CancellationError.self) { try await copying.value }
      #expect(!FileManager.default.fileExists(atPath: directory.path(of: "backups/one.sqlite")))
      await store.close()
    }
  }

  @Test func `a backup taken while writing goes on is a store of its own`() async throws {
    try await withTemporaryDirectory { directory in
      let configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
      let store = try Store.open(configuration, streams: [.ingestion], migrations: [Notes.migration], now: { .epoch })
      for number in 0..<50 { try await store.write { try Notes.write(NoteWritten("\(number)"), in: $0) } }
      let backup = directory.path(of: "backups/one.sqlite")
      async let writing: Void = {
        for number in 50..<300 { try await store.write { try Notes.write(NoteWritten("\(number)"), in: $0) } }
      }()
      try await store.backUp(to: backup)
      try await writing
      await #expect { try await store.backUp(to: backup) } throws: { ($0 as? StoreError)?.code == .fileExists }
      #expect(store.heads()[0].position == 300)
      await store.close()

      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path(of: "backups"))
      #expect(names == ["one.sqlite"])
      let copy = try Store.open(
        storeConfiguration(at: backup),
        streams: [.ingestion],
        migrations: [Notes.migration],
        now: { .epoch }
      )
      #expect(try await copy.checkIntegrity().problems.isEmpty)
      let texts = try await Notes.texts(in: copy)
      #expect(texts == (0..<texts.count).map(String.init))
      #expect((50...300).contains(texts.count))
      #expect(try await Notes.journalled(in: copy) == texts)
      await copy.close()
    }
  }

  @Test func `a restored store begins a new epoch of the same history`() async throws {
    try await withTemporaryDirectory { directory in
      let original = try Store.open(
        storeConfiguration(at: directory.path(of: "store.sqlite")),
        streams: [.ingestion],
        now: { .epoch }
      )
      try await JournalTests.fill(original, count: 20, perCommit: 10)
      let backup = directory.path(of: "backup.sqlite")
      try await original.backUp(to: backup)
      let path = directory.path(of: "restored/store.sqlite")
      try Store.restore(from: backup, to: path)
      #expect(throws: StoreError.self) { try Store.restore(from: backup, to: path) }

      let restored = try Store.open(storeConfiguration(at: path), streams: [.ingestion], now: { .epoch })
      let (before, after) = (original.heads()[0], restored.heads()[0])
      #expect(after.identity.epoch != before.identity.epoch)
      #expect(after.chain == before.chain)
      try await JournalTests.fill(restored, count: 5, perCommit: 5)
      try await JournalTests.fill(original, count: 5, perCommit: 5)
      #expect(restored.heads()[0].chain != original.heads()[0].chain)
      var follower = before
      try follower.advance(past: try #require(await restored.journal(of: .ingestion).frames(after: 20).first))
      #expect(follower == restored.heads()[0])
      #expect(try await restored.checkIntegrity().problems.isEmpty)
      await restored.close()
      await original.close()
    }
  }
}
