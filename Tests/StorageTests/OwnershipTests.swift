import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport
import Testing

/// Who writes which partitions, and how they change hands: between two stores, step by step.
@Suite(.timeLimit(.minutes(1))) struct OwnershipTests {
  static let tables =
    PartitionedTable.ofProgrammes(["item"], ownColumns: ["number"]) + PartitionedTable.ofProgrammes(["label"])
    + PartitionedTable.ofEveryone(["programme"]) + PartitionedTable.ofOwnJournal(["place"])
  static let migration = Migration(
    "items.1",
    sql: """
      CREATE TABLE item (
        number INTEGER PRIMARY KEY, programme TEXT NOT NULL, text TEXT, weight REAL, body BLOB, UNIQUE (programme, text));
      CREATE TABLE label (programme TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (programme, name)) WITHOUT ROWID;
      CREATE TABLE programme (id TEXT PRIMARY KEY) WITHOUT ROWID;
      CREATE TABLE place (position INTEGER PRIMARY KEY);
      """
  )
  /// Two programmes in different partitions.
  static let (moving, staying): (ID<Programme>, ID<Programme>) = ("acme", "northwind")
  static let partition = Partition(of: moving)

  static func partitioning(_ claim: PartitionSet) -> Partitioning { Partitioning(claim: claim, tables: tables) }

  /// Runs `body` with two instances of a service: the first owns everything, the second nothing.
  func withInstances(_ body: (Store, Store) async throws -> Void) async throws {
    try await withTemporaryStore(
      migrations: [Self.migration],
      configure: { $0.partitioning = Self.partitioning(.all) }
    ) { source in
      try await withTemporaryStore(
        migrations: [Self.migration],
        configure: {
          $0.partitioning = Self.partitioning(.none)
          $0.instance = 1
        }
      ) { target in try await body(source, target) }
    }
  }

  func add(_ text: String, to programme: ID<Programme>, in store: Store) async throws {
    try await store.write { transaction in
      try transaction.append(NoteWritten(text, programme: programme))
      try transaction.database.execute(
        sql: "INSERT INTO item (programme, text, weight, body) VALUES (?, ?, ?, ?)",
        arguments: [programme.rawValue, text, 0.1, Data(text.utf8)]
      )
      try transaction.database.execute(
        sql: "INSERT INTO label VALUES (?, ?)",
        arguments: [programme.rawValue, text]
      )
    }
  }

  private func items(of programme: ID<Programme>, in store: Store) async throws -> [String] {
    try await store.read { database in
      try String.fetchAll(
        database,
        sql: "SELECT text || ' ' || weight || ' ' || hex(body) FROM item WHERE programme = ? ORDER BY number",
        arguments: [programme.rawValue]
      )
    }
  }

  func release(_ partition: Partition, from store: Store) async throws -> ReleasedPartition {
    let entry = store.ownership.entries[partition]
    let epoch = (entry?.epoch ?? 0) + (entry?.state == .owned ? 1 : 0)
    return try await store.write { try $0.release(partition, to: 1, epoch: epoch, Self.partitioning(.none)) }
  }

  func deliverAll(_ released: ReleasedPartition, from source: Store, to target: Store) async throws {
    var request = ParcelRequest(partition: released.partition)
    while true {
      let page = try await source.parcelPage(request, Self.partitioning(.none))
      // As it travels.
      let sent = try JSONDecoder().decode(ParcelPage.self, from: JSONEncoder().encode(page))
      #expect(sent == page)
      let receipt = try await target.write { try $0.deliver(sent, from: 0, Self.partitioning(.none)) }
      if receipt.isComplete { return }
      request.after = receipt.place
    }
  }

  func adopt(_ released: ReleasedPartition, in store: Store) async throws -> Bool {
    let partition = try #require(Partition(released.partition))
    return try await store.write { transaction in
      try transaction.adopt(
        partition,
        epoch: released.epoch,
        Self.partitioning(.none),
        everyones: [.directory],
        follows: { _, _ in true }
      ) != nil
    }
  }

  private func reason(_ work: () async throws -> Void) async -> String? {
    do {
      try await work()
      return nil
    } catch {
      return (error as? Fault)?.reason
    }
  }

  @Test func aNewStoreOwnsWhatItClaimsAndAnOldOneWhatItSays() async throws {
    try await withTemporaryDirectory { directory in
      var configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
      let claim = try #require(PartitionSet("0-31,40"))
      configuration.partitioning = Self.partitioning(claim)
      var store = try Store.open(
        configuration,
        streams: [.ingestion],
        migrations: [Self.migration],
        now: { .init(milliseconds: 0) }
      )
      #expect(store.ownership.owned == claim)
      await store.close()
      configuration.partitioning = Self.partitioning(.all)
      store = try Store.open(
        configuration,
        streams: [.ingestion],
        migrations: [Self.migration],
        now: { .init(milliseconds: 0) }
      )
      #expect(store.ownership.owned == claim, "moves alone change it")
      #expect(store.ownership.summary == [PartitionOwnership(partitions: claim, state: .known(.owned), epoch: 1)])
      await store.close()
    }
  }

  @Test func whatIsOwnedElsewhereIsNotWritten() async throws {
    #expect(Self.partition != Partition(of: Self.staying))
    try await withInstances { source, target in
      #expect(await reason { try await add("x", to: Self.moving, in: target) } == "partitionElsewhere")
      try await add("x", to: Self.moving, in: source)
      _ = try await release(Self.partition, from: source)
      #expect(await reason { try await add("y", to: Self.moving, in: source) } == "partitionMoving")
      try await add("z", to: Self.staying, in: source)
      #expect(try await Notes.journalled(in: source) == ["x", "z"])
    }
  }

  @Test func aFenceThatIsRolledBackFencesNothing() async throws {
    try await withInstances { source, _ in
      try await add("x", to: Self.moving, in: source)
      await #expect(throws: Refusal()) {
        try await source.write { transaction in
          _ = try transaction.release(Self.partition, to: 1, epoch: 2, Self.partitioning(.none))
          throw Refusal()
        }
      }
      try await source.write { transaction in
        _ = try? transaction.isolated {
          _ = try transaction.release(Self.partition, to: 1, epoch: 2, Self.partitioning(.none))
          throw Refusal()
        }
        try transaction.append(NoteWritten("y", programme: Self.moving))
      }
      #expect(source.ownership.owned == .all)
      #expect(try await items(of: Self.moving, in: source).count == 1)
    }
  }

  @Test func rowsRequestsAndTheRightToWriteMoveAndEveryStepMayBeRepeated() async throws {
    try await withInstances { source, target in
      for number in 0..<2500 { try await add("text \(number)", to: Self.moving, in: source) }
      try await add("stays", to: Self.staying, in: source)
      try await source.write { transaction in
        try transaction.recordResponse([1, 2], to: "mine", about: Self.partition)
        try transaction.recordResponse([3], to: "other", about: Partition(of: Self.staying))
      }
      let before = try await items(of: Self.moving, in: source)
      let released = try await release(Self.partition, from: source)
      #expect(released.epoch == 2)
      #expect(try await release(Self.partition, from: source) == released)
      #expect(try await items(of: Self.moving, in: source).isEmpty, "timers and questions don't see what is leaving")

      try await deliverAll(released, from: source, to: target)
      try await deliverAll(released, from: source, to: target)
      #expect(try await items(of: Self.moving, in: target).isEmpty)
      #expect(try await adopt(released, in: target))
      #expect(try await adopt(released, in: target) == false)
      try await deliverAll(released, from: source, to: target)
      #expect(try await items(of: Self.moving, in: target) == before)
      for _ in 0..<2 {
        try await source.write { try $0.complete(Self.partition, epoch: 2, Self.partitioning(.none)) }
      }

      #expect(await reason { try await add("late", to: Self.moving, in: source) } == "partitionMoved")
      try await add("new", to: Self.moving, in: target)
      #expect(try await items(of: Self.staying, in: source).count == 1)
      #expect(try await target.write { try $0.recordedResponse(to: "mine") } == [1, 2])
      #expect(try await target.write { try $0.recordedResponse(to: "other") } == nil)
      #expect(try await source.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \"parcel/item\"") } == 0)
      #expect(try await target.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \"parcel/item\"") } == 0)
      #expect(try await target.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM label") } == 2501)
      // And back again.
      let back = try await target.write { try $0.release(Self.partition, to: 0, epoch: 3, Self.partitioning(.none)) }
      #expect(back.epoch == 3)
      var request = ParcelRequest(partition: back.partition)
      while true {
        let page = try await target.parcelPage(request, Self.partitioning(.none))
        let receipt = try await source.write { try $0.deliver(page, from: 1, Self.partitioning(.none)) }
        if receipt.isComplete { break }
        request.after = receipt.place
      }
      #expect(try await adopt(back, in: source))
      #expect(try await items(of: Self.moving, in: source).count == before.count + 1)
    }
  }

  @Test func aMoveThatIsTakenBackCantArriveAnyMore() async throws {
    try await withInstances { source, target in
      try await add("x", to: Self.moving, in: source)
      let released = try await release(Self.partition, from: source)
      try await deliverAll(released, from: source, to: target)
      for _ in 0..<2 {
        try await target.write { try $0.reject(Self.partition, epoch: 2, peer: 0, Self.partitioning(.none)) }
      }
      #expect(await reason { _ = try await adopt(released, in: target) } == "staleMove")
      #expect(await reason { try await deliverAll(released, from: source, to: target) } == "staleMove")
      for isNew in [true, false] {
        let outcome = try await source.write { transaction in
          try transaction.reclaim(Self.partition, epoch: 2, Self.partitioning(.none), everyones: [])
        }
        #expect(outcome == isNew)
      }
      // The first request comes once more, late: it must not fence what nobody is moving any more.
      let late = await reason {
        _ = try await source.write { try $0.release(Self.partition, to: 1, epoch: 2, Self.partitioning(.none)) }
      }
      #expect(late == "staleMove")
      #expect(source.ownership.owned == .all)
      try await add("y", to: Self.moving, in: source)
      #expect(try await items(of: Self.moving, in: source).count == 2)
      #expect(try await release(Self.partition, from: source).epoch == 4)
    }
  }

  @Test func whatWasAdoptedCantBeTakenBack() async throws {
    try await withInstances { source, target in
      let released = try await release(Self.partition, from: source)
      try await deliverAll(released, from: source, to: target)
      #expect(try await adopt(released, in: target))
      let refused = await reason {
        try await target.write { try $0.reject(Self.partition, epoch: 2, peer: 0, Self.partitioning(.none)) }
      }
      #expect(refused == "staleMove")
    }
  }

  @Test func pagesHaveToFollowOnAndToFit() async throws {
    try await withInstances { source, target in
      for number in 0..<2500 { try await add("text \(number)", to: Self.moving, in: source) }
      _ = try await release(Self.partition, from: source)
      let first = try await source.parcelPage(
        ParcelRequest(partition: Self.partition.rawValue),
        Self.partitioning(.none)
      )
      let second = try await source.parcelPage(
        ParcelRequest(partition: Self.partition.rawValue, after: first.place),
        Self.partitioning(.none)
      )
      #expect(
        await reason { _ = try await target.write { try $0.deliver(second, from: 0, Self.partitioning(.none)) } }
          == "pageMissing"
      )
      var foreign = first
      foreign.columns[0] = "other"
      let strange = foreign
      #expect(
        await reason { _ = try await target.write { try $0.deliver(strange, from: 0, Self.partitioning(.none)) } }
          == "versionsDiffer"
      )
      var unclear = first
      unclear.isLast = true
      unclear.reading = try JSONDecoder().decode(
        JSONValue.self,
        from: Data(
          #"""
          {"fence": [], "cursors": [], "floors": [{"stream": "ingestion", "instance": 0, "position": 1},
           {"stream": "ingestion", "instance": 0, "position": 2}]}
          """#.utf8
        )
      )
      let twice = unclear
      #expect(
        await reason { _ = try await target.write { try $0.deliver(twice, from: 0, Self.partitioning(.none)) } }
          == "readingUnclear"
      )
    }
  }
}
