import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

@Suite struct FailureTests {
  private func code(_ error: (any Error)?) -> StoreError.Code? { (error as? StoreError)?.code }

  @Test func `a full disk fails writes, keeps reads, and is over when there is room`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      try await store.write { try Notes.write(NoteWritten("before"), in: $0) }
      try await store.write { transaction in
        let pages = try Int.fetchOne(transaction.database, sql: "PRAGMA page_count") ?? 0
        try transaction.database.execute(sql: "PRAGMA max_page_count = \(pages + 20)")
      }
      let text = String(repeating: "x", count: 20_000)
      var outcomes: [StoreError.Code?] = []
      for _ in 0..<12 {
        do {
          try await store.write { try Notes.write(NoteWritten(text), in: $0) }
          outcomes.append(nil)
        } catch {
          outcomes.append(code(error))
        }
      }
      #expect(outcomes.first == .some(nil))
      #expect(outcomes.last == .diskFull)
      guard case .full = store.health else {
        Issue.record("the store should be full, but is \(store.health)")
        return
      }
      let kept = outcomes.filter { $0 == nil }.count
      #expect(try await Notes.texts(in: store).count == kept + 1)
      #expect(try await Notes.journalled(in: store).count == kept + 1)

      try await store.write { try $0.database.execute(sql: "PRAGMA max_page_count = 1000000") }
      try await store.write { try Notes.write(NoteWritten("after"), in: $0) }
      #expect(try await Notes.journalled(in: store).last == "after")
      #expect(try await store.checkIntegrity().problems.isEmpty)
      guard case .ready = store.health else {
        Issue.record("the store should be ready again, but is \(store.health)")
        return
      }
    }
  }

  @Test func `a change of owner without room for it changes nothing, and can be made once there is`() async throws {
    try await withTemporaryDirectory { directory in
      let disk = try SimulatedDisk(at: directory.path(of: "disk"), seed: 3)
      defer { withExtendedLifetime(disk) {} }
      var configuration = storeConfiguration(at: directory.path(of: "disk/store.sqlite"))
      let partitioning = OwnershipTests.partitioning(.all)
      configuration.partitioning = partitioning
      let store = try Store.open(
        configuration,
        streams: [.ingestion],
        migrations: [OwnershipTests.migration],
        now: { .init(milliseconds: 0) }
      )
      try await store.write { try $0.database.execute(sql: "INSERT INTO label VALUES ('acme', 'x')") }
      func counts() async throws -> [Int?] {
        try await store.read { database in
          try ["label", "parcel/label"].map { try Int.fetchOne(database, sql: "SELECT count(*) FROM \"\($0)\"") }
        }
      }
      func release() async throws {
        _ = try await store.write { try $0.release(OwnershipTests.partition, to: 1, epoch: 2, partitioning) }
      }
      disk.setFull(true)
      await #expect { try await release() } throws: { code($0) == .diskFull }
      #expect(store.ownership.owned == .all)
      #expect(try await counts() == [1, 0])
      disk.setFull(false)
      try await release()
      #expect(store.ownership.entries[OwnershipTests.partition]?.state == .leaving)
      #expect(try await counts() == [0, 1], "the rows are leaving with the partition")
      await store.close()
    }
  }

  @Test func `a commit without room for its frames fails all of its batch, and says so`() async throws {
    let gate = Gate()
    try await withTemporaryStore { store in
      try await store.write { transaction in
        let pages = try Int.fetchOne(transaction.database, sql: "PRAGMA page_count") ?? 0
        try transaction.database.execute(sql: "PRAGMA max_page_count = \(pages + 10)")
      }
      let text = String(repeating: "x", count: 20_000)
      let outcomes = try await gate.holding(store) {
        for _ in 0..<8 { try gate.submit(to: store) { try $0.append(NoteWritten(text)) } }
      }
      #expect(outcomes.count == 8)
      #expect(outcomes.allSatisfy { code($0) == .diskFull })
      guard case .full = store.health else {
        Issue.record("the store should be full, but is \(store.health)")
        return
      }
      #expect(store.heads()[0].position == 0)
      #expect(store.statistics.failedCommits == 1)
      // What fits is still taken, under the positions that nobody got.
      let position = try await store.write { try $0.append(NoteWritten("small")) }
      #expect(position == 1)
    }
  }

  @Test func `after an input or output error nothing more is written, and reads go on`() async throws {
    let gate = Gate()
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      try await store.write { try Notes.write(NoteWritten("before"), in: $0) }
      let outcomes = try await gate.holding(store) {
        try gate.submit(to: store) { try Notes.write(NoteWritten("lost"), in: $0) }
        try gate.submit(to: store) { _ in throw DatabaseError(resultCode: .SQLITE_IOERR_FSYNC) }
        try gate.submit(to: store) { try Notes.write(NoteWritten("refused"), in: $0) }
      }
      #expect(outcomes.count == 3)
      #expect(outcomes.allSatisfy { code($0) == .failed })
      await #expect { try await store.write { _ in } } throws: { code($0) == .failed }
      #expect(try await Notes.texts(in: store) == ["before"])
      #expect(try await Notes.journalled(in: store) == ["before"])
      guard case .failed = store.health else {
        Issue.record("the store should have failed, but is \(store.health)")
        return
      }
    }
  }

  /// Copies the files as a crash at this moment would leave them.
  private func crashImage(of store: Store, to path: String) throws {
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: store.configuration.path + suffix, toPath: path + suffix)
    }
  }

  @Test func `a transaction that was under way leaves nothing behind a crash`() async throws {
    try await withTemporaryDirectory { directory in
      let image = directory.path(of: "image.sqlite")
      try await withTemporaryStore(migrations: [Notes.migration]) { store in
        try await store.write { try Notes.write(NoteWritten("committed"), in: $0) }
        try await store.write { transaction in
          // Enough to spill out of the page cache into the write-ahead log before the commit.
          let text = String(repeating: "x", count: 10_000)
          for _ in 0..<300 { try Notes.write(NoteWritten(text), in: transaction) }
          try crashImage(of: store, to: image)
          let log = try FileManager.default.attributesOfItem(atPath: image + "-wal")
          #expect(try #require(log[.size] as? Int) > 100_000)
        }
      }
      let recovered = try Store.open(
        storeConfiguration(at: image),
        streams: [.ingestion],
        migrations: [Notes.migration],
        now: { .epoch }
      )
      #expect(try await Notes.texts(in: recovered) == ["committed"])
      #expect(try await Notes.journalled(in: recovered) == ["committed"])
      #expect(try await recovered.checkIntegrity().problems.isEmpty)
      #expect(try await recovered.write { try Notes.write(NoteWritten("next"), in: $0) } == 2)
      await recovered.close()
    }
  }

  @Test(arguments: Seeds.fresh(12)) func `a log torn off anywhere holds whole commits only`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let share = Double.random(in: 0...1, using: &generator)
    try await withTemporaryDirectory { directory in
      let image = directory.path(of: "image.sqlite")
      try await withTemporaryStore(migrations: [Notes.migration]) { store in
        for commit in 0..<20 {
          try await store.write { transaction in
            for number in 0..<5 { try Notes.write(NoteWritten("\(5 * commit + number)"), in: transaction) }
          }
        }
        try crashImage(of: store, to: image)
      }
      let log = try FileHandle(forUpdating: URL(fileURLWithPath: image + "-wal"))
      try log.truncate(atOffset: UInt64(Double(try log.seekToEnd()) * share))
      try log.close()
      let recovered = try Store.open(
        storeConfiguration(at: image),
        streams: [.ingestion],
        migrations: [Notes.migration],
        now: { .epoch }
      )
      let texts = try await Notes.texts(in: recovered)
      #expect(texts.count % 5 == 0)
      #expect(texts == (0..<texts.count).map(String.init))
      #expect(try await Notes.journalled(in: recovered) == texts)
      #expect(try await recovered.checkIntegrity().problems.isEmpty)
      await recovered.close()
    }
  }
}
