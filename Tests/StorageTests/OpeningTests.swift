import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

@Suite struct OpeningTests {
  private func refusal(
    _ configuration: StoreConfiguration,
    streams: [StreamName] = [.ingestion],
    migrations: [Migration] = []
  ) -> StoreError? {
    do throws(StoreError) {
      _ = try Store.open(configuration, streams: streams, migrations: migrations, now: { .epoch })
      return nil
    } catch {
      return error
    }
  }

  @Test func `a store that is open can't be opened again until it is closed`() async throws {
    try await withTemporaryStore { store in
      let error = refusal(store.configuration)
      #expect(error?.code == .locked)
      #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
      await store.close()
      #expect(refusal(store.configuration) == nil)
    }
  }

  /// A program that is being started has copies of all that its parent has open, until its exec.
  @Test func `a copy of the lock's descriptor doesn't keep a closed store locked`() async throws {
    try await withTemporaryStore { store in
      let lock = store.configuration.path + ".lock"
      let folder = "/proc/self/fd"
      let held = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int32($0) }.filter {
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        return target == URL(filePath: lock).resolvingSymlinksInPath().path
      }
      let descriptor = try #require(held.first)
      let copy = dup(descriptor)
      defer { close(copy) }
      await store.close()
      #expect(refusal(store.configuration) == nil)
    }
  }

  @Test func `a store changed by a newer version is refused by name`() async throws {
    try await withTemporaryDirectory { directory in
      let configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
      let newer = Migration("notes.2", sql: "ALTER TABLE notes ADD COLUMN colour TEXT")
      let store = try Store.open(
        configuration,
        streams: [.ingestion],
        migrations: [Notes.migration, newer],
        now: { .epoch }
      )
      await store.close()
      let error = refusal(configuration, migrations: [Notes.migration])
      #expect(error?.code == .newerSchema)
      #expect(error?.message.contains("notes.2") == true)
      #expect(refusal(configuration, migrations: [Notes.migration, newer]) == nil)
    }
  }

  @Test func `a step that fails is undone and named, and the ones before it stay`() async throws {
    try await withTemporaryDirectory { directory in
      let configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
      let broken = Migration("notes.2", sql: "CREATE TABLE half (x); INSERT INTO missing VALUES (1)")
      let error = refusal(configuration, migrations: [Notes.migration, broken])
      #expect(error?.code == .migrationFailed)
      #expect(error?.message.contains("notes.2") == true)
      let mended = Migration("notes.2", sql: "CREATE TABLE half (x)")
      #expect(refusal(configuration, migrations: [Notes.migration, mended]) == nil)
    }
  }

  @Test func `a file that is no database is left alone`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "holiday.jpeg")
      let picture = Data((0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
      try picture.write(to: URL(fileURLWithPath: path))
      #expect(refusal(storeConfiguration(at: path))?.code == .notADatabase)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == picture)
    }
  }

  @Test func `a path that can't be written is refused with the reason`() async throws {
    try await withTemporaryDirectory { directory in
      let file = directory.path(of: "file")
      try Data().write(to: URL(fileURLWithPath: file))
      #expect(refusal(storeConfiguration(at: file + "/store.sqlite"))?.code == .permissionDenied)
      let folder = directory.path(of: "folder")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      #expect(refusal(storeConfiguration(at: folder))?.code == .permissionDenied)
    }
  }

  @Test func `another instance's store is refused`() async throws {
    try await withTemporaryStore(configure: { $0.instance = 2 }) { store in
      await store.close()
      var configuration = store.configuration
      configuration.instance = 3
      #expect(refusal(configuration)?.code == .wrongInstance)
    }
  }

  @Test func `nobody else may read the files`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.path(of: "data/store.sqlite")
      let store = try Store.open(storeConfiguration(at: path), streams: [.ingestion], now: { .epoch })
      try await store.write { try $0.append(NoteWritten("secret")) }
      func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      for file in [path, path + "-wal", path + "-shm", path + ".lock"] {
        #expect(try permissions(file) == 0o600, "\(file)")
      }
      #expect(try permissions(directory.path(of: "data")) == 0o700)
      await store.close()
    }
  }

  @Test func `files that others may read are mended, folders that all may write are refused`() async throws {
    try await withTemporaryDirectory { directory in
      let files = FileManager.default
      let path = directory.path(of: "store.sqlite")
      func open() throws -> Store {
        try Store.open(storeConfiguration(at: path), streams: [.ingestion], now: { .epoch })
      }
      await (try open()).close()
      for file in [path, path + ".lock"] { try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file) }
      await (try open()).close()
      for file in [path, path + ".lock"] {
        #expect(try files.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600, "\(file)")
      }
      try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
      #expect(refusal(storeConfiguration(at: path))?.code == .permissionDenied)
      try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
    }
  }

  @Test func `each store and each stream has an epoch of its own, and keeps it`() async throws {
    try await withTemporaryStore(streams: [.ingestion, .scores]) { store in
      let identities = store.heads().map(\.identity)
      #expect(Set(identities.map(\.epoch)).count == 2)
      await store.close()
      // A stream that is new to the store joins the others.
      let reopened = try Store.open(
        store.configuration,
        streams: [.ingestion, .scores, .observations],
        now: { .epoch }
      )
      #expect(reopened.heads().map(\.identity).prefix(2) == identities[...])
      #expect(try reopened.identity(of: .observations).stream == .observations)
      await reopened.close()
    }
  }

  @Test func `a head that doesn't fit its journal is noticed`() async throws {
    try await withTemporaryStore { store in
      try await JournalTests.fill(store, count: 20, perCommit: 10)
      await store.close()
      let queue = try DatabaseQueue(path: store.configuration.path)
      try await queue.write { try $0.execute(sql: #"DELETE FROM "journal/ingestion" WHERE position = 20"#) }
      try queue.close()
      #expect(refusal(store.configuration)?.code == .damaged)
    }
  }
}
