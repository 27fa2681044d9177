import Contracts
import Foundation
import GRDB
import Records
import Storage
import Synchronization
import TestSupport
import Testing

/// A store on a disk that loses what wasn't synced.
@Suite struct PowerCutTests {
  private static let notesOfEach = 3

  private func open(_ path: String, checkpointAfterPages: Int) throws -> Store {
    var configuration = storeConfiguration(at: path)
    configuration.checkpointAfterPages = checkpointAfterPages
    return try Store.open(configuration, streams: [.ingestion], migrations: [Notes.migration], now: { .epoch })
  }

  /// Writes commands of several notes each until the disk dies.
  /// - Returns: the numbers of the commands that were acknowledged.
  private func writeUntilTheEnd(_ store: Store, from first: Int, most: Int) async -> [Int] {
    var acknowledged: [Int] = []
    for command in first..<first + most {
      do {
        try await store.write { transaction in
          for number in 0..<Self.notesOfEach { try Notes.write(NoteWritten("\(command)/\(number)"), in: transaction) }
        }
        acknowledged.append(command)
      } catch {
        break
      }
    }
    return acknowledged
  }

  @Test(arguments: Seeds.fresh(40))
  func `whenever power is cut, what was acknowledged is there, and nothing by halves`(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    try await withTemporaryDirectory { directory in
      let disk = try SimulatedDisk(at: directory.path(of: "disk"), seed: random.next())
      let path = directory.path(of: "disk/store.sqlite")
      var acknowledged: [Int] = []
      var next = 0
      for _ in 0..<6 {
        let store = try open(path, checkpointAfterPages: Int.random(in: 5...60, using: &random))
        disk.cutPower(afterOperations: Int.random(in: 0...150, using: &random))
        acknowledged += await writeUntilTheEnd(store, from: next, most: 40)
        next += 40
        if !disk.isDown { disk.cutPower() }
        await store.close()
        disk.powerOn()
      }
      let store = try open(path, checkpointAfterPages: 1000)
      let texts = try await Notes.texts(in: store)
      #expect(try await Notes.journalled(in: store) == texts, "seed \(seed)")
      #expect(try await store.checkIntegrity().problems.isEmpty, "seed \(seed)")
      let held = Dictionary(grouping: texts) { Int($0.prefix { $0 != "/" }) ?? -1 }
      #expect(held.values.allSatisfy { $0.count == Self.notesOfEach }, "seed \(seed): something is there by halves")
      let lost = acknowledged.filter { held[$0] == nil }
      #expect(lost.isEmpty, "seed \(seed): \(lost) of \(acknowledged.count) acknowledged commands are lost")
      await store.close()
    }
  }

  /// The proof that the test above can fail.
  @Test func `on a disk that only pretends to sync, acknowledged commits are lost`() async throws {
    try await withTemporaryDirectory { directory in
      let disk = try SimulatedDisk(at: directory.path(of: "disk"), seed: 1)
      let path = directory.path(of: "disk/store.sqlite")
      let first = try open(path, checkpointAfterPages: 1000)
      _ = await writeUntilTheEnd(first, from: 0, most: 5)
      await first.close()
      disk.setLying(true)
      let second = try open(path, checkpointAfterPages: 1000)
      let acknowledged = await writeUntilTheEnd(second, from: 5, most: 20)
      #expect(acknowledged.count == 20)
      disk.cutPower()
      await second.close()
      disk.setLying(false)
      disk.powerOn()
      let store = try open(path, checkpointAfterPages: 1000)
      let held = try await Notes.texts(in: store).count
      #expect(disk.lostWriteCount > 0)
      #expect(held < 25 * Self.notesOfEach)
      await store.close()
    }
  }

  @Test func `a sync that fails fails the commit, and the next start finds what was acknowledged`() async throws {
    try await withTemporaryDirectory { directory in
      let disk = try SimulatedDisk(at: directory.path(of: "disk"), seed: 2)
      let path = directory.path(of: "disk/store.sqlite")
      let store = try open(path, checkpointAfterPages: 1000)
      #expect(await writeUntilTheEnd(store, from: 0, most: 5) == [0, 1, 2, 3, 4])
      disk.failSyncs(1)
      #expect(await writeUntilTheEnd(store, from: 5, most: 5).isEmpty)
      guard case .failed = store.health else {
        Issue.record("after a failed sync the store must not go on, but is \(store.health)")
        return
      }
      disk.cutPower()
      await store.close()
      disk.powerOn()
      let recovered = try open(path, checkpointAfterPages: 1000)
      let texts = try await Notes.texts(in: recovered)
      #expect(texts.prefix(15) == (0..<15).map { "\($0 / 3)/\($0 % 3)" }.prefix(15))
      #expect(texts.count == 15 || texts.count == 18)
      #expect(await writeUntilTheEnd(recovered, from: 10, most: 1) == [10])
      await recovered.close()
    }
  }

  @Test func `a disk without room fails writes until there is some`() async throws {
    try await withTemporaryDirectory { directory in
      let disk = try SimulatedDisk(at: directory.path(of: "disk"), seed: 3)
      let store = try open(directory.path(of: "disk/store.sqlite"), checkpointAfterPages: 1000)
      #expect(await writeUntilTheEnd(store, from: 0, most: 5).count == 5)
      disk.setFull(true)
      await #expect { try await store.write { try Notes.write(NoteWritten("refused"), in: $0) } } throws: { error in
        (error as? StoreError)?.code == .diskFull
      }
      #expect(try await Notes.texts(in: store).count == 5 * Self.notesOfEach)
      // A commit that writes nothing proves no room.
      try await store.write { _ in }
      #expect(store.health.problem?.code == .diskFull)
      await #expect(throws: StoreError.self) { try await store.checkWritable() }
      disk.setFull(false)
      try await store.checkWritable()
      #expect(store.health.problem == nil)
      #expect(await writeUntilTheEnd(store, from: 5, most: 1) == [5])
      #expect(try await store.checkIntegrity().problems.isEmpty)
      await store.close()
    }
  }
}
