import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

/// A backup takes a store's place in whole, or not at all.
@Suite struct RestorationTests {
  private let expectation = StoreExpectation(streams: [.ingestion], instance: 0, migrations: [Notes.migration])

  private func open(_ path: String) throws -> Store {
    try Store.open(
      storeConfiguration(at: path),
      streams: [.ingestion],
      migrations: [Notes.migration],
      now: { .epoch }
    )
  }

  private func write(_ range: Range<Int>, to store: Store) async throws {
    for number in range { try await store.write { try Notes.write(NoteWritten("\(number)"), in: $0) } }
  }

  /// A store with ten notes, a backup of it, then ten more notes.
  private func withBackedUpStore(
    _ body: (_ path: String, _ backup: String, _ directory: TemporaryDirectory) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let (path, backup) = (directory.path(of: "data/store.sqlite"), directory.path(of: "backup.sqlite"))
      let store = try open(path)
      try await write(0..<10, to: store)
      let contents = try await store.backUp(to: backup)
      #expect(contents.heads == store.heads())
      try await write(10..<20, to: store)
      await store.close()
      try await body(path, backup, directory)
    }
  }

  private func files(beside path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: URL(filePath: path).deletingLastPathComponent().path).sorted()
  }

  private func texts(at path: String) async throws -> [String] {
    let store = try open(path)
    let texts = try await Notes.texts(in: store)
    #expect(try await store.checkIntegrity().problems.isEmpty)
    await store.close()
    return texts
  }

  @Test func `the store that was there is kept aside, and the restored one begins a new epoch`() async throws {
    try await withBackedUpStore { path, backup, _ in
      let before = try open(path)
      let old = before.heads()[0]
      await before.close()
      let outcome = try Store.restore(from: backup, over: path, expecting: expectation, now: .epoch)
      let replaced = try #require(outcome.replaced)
      #expect(outcome.heads.map(\.position) == [10])
      #expect(outcome.heads[0].identity.epoch != old.identity.epoch)

      let restored = try open(path)
      #expect(restored.heads() == outcome.heads)
      #expect(try await Notes.texts(in: restored) == (0..<10).map(String.init))
      await restored.close()
      #expect(try await texts(at: replaced) == (0..<20).map(String.init))
      #expect(try await texts(at: backup) == (0..<10).map(String.init), "the backup can be used again")
    }
  }

  @Test func `where there is no store, the backup becomes one`() async throws {
    try await withBackedUpStore { _, backup, directory in
      let path = directory.path(of: "elsewhere/store.sqlite")
      let outcome = try Store.restore(from: backup, over: path, expecting: expectation, now: .epoch)
      #expect(outcome.replaced == nil)
      #expect(try await texts(at: path) == (0..<10).map(String.init))
      #expect(try files(beside: path) == ["store.sqlite", "store.sqlite.lock"])
    }
  }

  enum Unfit: CaseIterable {
    case missing, text, cutOff, frameChanged, frameMissing, otherDatabase, otherService, otherInstance, newer
  }

  @Test(arguments: Unfit.allCases) func `an unfit file is refused, and nothing is changed`(unfit: Unfit) async throws {
    try await withBackedUpStore { path, backup, _ in
      var expectation = expectation
      let code: StoreError.Code
      switch unfit {
      case .missing:
        try FileManager.default.removeItem(atPath: backup)
        code = .permissionDenied
      case .text:
        try Data(repeating: 0x78, count: 8192).write(to: URL(filePath: backup))
        code = .notADatabase
      case .cutOff:
        let bytes = try Data(contentsOf: URL(filePath: backup))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: backup))
        code = .damaged
      case .frameChanged:
        try change(backup, #"UPDATE "journal/ingestion" SET frame = frame || x'00' WHERE position = 4"#)
        code = .damaged
      case .frameMissing:
        try change(backup, #"DELETE FROM "journal/ingestion" WHERE position = 4"#)
        code = .damaged
      case .otherDatabase:
        try FileManager.default.removeItem(atPath: backup)
        try change(backup, "CREATE TABLE something (other)")
        code = .wrongService
      case .otherService:
        expectation.streams = [.ranking]
        code = .wrongService
      case .otherInstance:
        expectation.instance = 1
        code = .wrongInstance
      case .newer:
        try change(backup, "INSERT INTO grdb_migrations VALUES ('notes.99')")
        code = .newerSchema
      }
      let before = try files(beside: path)
      let error = #expect(throws: StoreError.self) {
        try Store.restore(from: backup, over: path, expecting: expectation, now: .epoch)
      }
      #expect(error?.code == code, "\(String(describing: error))")
      #expect(try files(beside: path) == before)
      #expect(try await texts(at: path) == (0..<20).map(String.init))
    }
  }

  private func change(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  /// Only the superuser can make a directory somebody else's.
  @Test(.enabled(if: geteuid() == 0))
  func `nobody restores a store that its service's user couldn't open then`() async throws {
    try await withBackedUpStore { path, backup, _ in
      let directory = URL(filePath: path).deletingLastPathComponent().path
      for file in [directory, path] { try #require(chown(file, 65_534, 65_534) == 0) }
      let before = try files(beside: path)
      let error = #expect(throws: StoreError.self) {
        try Store.restore(from: backup, over: path, expecting: expectation, now: .epoch)
      }
      #expect(error?.code == .permissionDenied)
      #expect(error?.message.contains("belongs to user") == true, "\(String(describing: error))")
      #expect(try files(beside: path) == before)
    }
  }

  @Test func `a store in use is not replaced`() async throws {
    try await withBackedUpStore { path, backup, _ in
      let store = try open(path)
      let error = #expect(throws: StoreError.self) {
        try Store.restore(from: backup, over: path, expecting: expectation, now: .epoch)
      }
      #expect(error?.code == .locked)
      try await write(20..<21, to: store)
      #expect(try await Notes.texts(in: store).count == 21)
      await store.close()
    }
  }

  /// What of the old store had been moved aside when the machine stopped.
  @Test(arguments: [[], [""], ["", "-wal"]])
  func `a restore that was interrupted is finished by the next start`(moved: [String]) async throws {
    try await withBackedUpStore { path, backup, directory in
      // A store whose process was killed has a log beside it, with commits that stand nowhere else.
      let log = Data("not a log".utf8)
      try log.write(to: URL(filePath: path + "-wal"))
      let ready = directory.path(of: "ready/store.sqlite")
      _ = try Store.restore(from: backup, over: ready, expecting: expectation, now: .epoch)
      let replaced = path + ".replaced-T"
      for suffix in moved { try FileManager.default.moveItem(atPath: path + suffix, toPath: replaced + suffix) }
      try FileManager.default.moveItem(atPath: ready, toPath: path + ".restoring-T")

      #expect(try await texts(at: path) == (0..<10).map(String.init))
      #expect(try Data(contentsOf: URL(filePath: replaced + "-wal")) == log)
      #expect(try !files(beside: path).contains { $0.contains("restoring") })
      try FileManager.default.removeItem(atPath: replaced + "-wal")
      #expect(try await texts(at: replaced) == (0..<20).map(String.init))
    }
  }

  @Test func `a store that fails its check takes no more writes`() async throws {
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      try await write(0..<10, to: store)
      #expect(try await store.verify().problems.isEmpty)
      #expect(store.health.problem == nil)
      try await store.write { transaction in
        try transaction.database.execute(sql: #"DELETE FROM "journal/ingestion" WHERE position = 4"#)
      }
      #expect(try await store.verify().problems.isEmpty == false)
      #expect(store.health.problem?.code == .damaged)
      let error = await #expect(throws: StoreError.self) { try await write(10..<11, to: store) }
      #expect(error?.code == .damaged)
      #expect(try await Notes.texts(in: store).count == 10)
    }
  }

  @Test func `the log is left to somebody else, until it has grown far too large`() async throws {
    var configure: (inout StoreConfiguration) -> Void {
      {
        $0.checkpoints = .external
        $0.checkpointAfterPages = 4
      }
    }
    try await withTemporaryStore(migrations: [Notes.migration], configure: configure) { store in
      try await write(0..<20, to: store)
      #expect(store.statistics.writeAheadLogPages > 4)
      #expect(store.statistics.checkpoints == 0)
      var count = 20
      while store.statistics.writeAheadLogPages < 4 * 64 {
        try await write(count..<count + 1, to: store)
        count += 1
      }
      // The writer checkpoints after it has answered; the next command comes after that.
      try await write(count..<count + 1, to: store)
      #expect(store.statistics.checkpoints == 1)
    }
  }
}
