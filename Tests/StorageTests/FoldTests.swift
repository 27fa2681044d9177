import Contracts
import GRDB
import Records
import Storage
import TestSupport
import Testing

/// State is what the journal says: whatever fails, whoever shares a commit, wherever the store is reopened.
@Suite struct FoldTests {
  private static let balances = Migration(
    "balances.1",
    sql: "CREATE TABLE balances (programme TEXT NOT NULL PRIMARY KEY, amount INTEGER NOT NULL)"
  )

  private struct Moved: Event {
    static let type = EventType("amount.moved")
    static let stream = StreamName.ingestion
    var programme: ID<Programme>
    var key = "balance"
    var by: Int
  }

  /// A random command, decided before it is submitted.
  private struct Plan: Sendable {
    var moves: [(programme: ID<Programme>, by: Int)] = []
    var failsAfter: Int?
    var isolatedFailure = false
    var repetition = Repetition.once
  }

  private static func plan(_ generator: inout SeededGenerator, failureProbability: Double) -> Plan {
    var plan = Plan()
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      plan.moves.append(
        (ID("programme-\(Int.random(in: 0..<9, using: &generator))"), .random(in: -50...50, using: &generator))
      )
    }
    if generator.happens(failureProbability) { plan.failsAfter = .random(in: 0...plan.moves.count, using: &generator) }
    plan.isolatedFailure = generator.happens(0.2)
    if generator.happens(0.7) { plan.repetition = .repeatable }
    return plan
  }

  private static func move(_ programme: ID<Programme>, by amount: Int, in transaction: Transaction) throws {
    try transaction.append(Moved(programme: programme, by: amount))
    try transaction.database.execute(
      sql: """
        INSERT INTO balances (programme, amount) VALUES (?, ?)
        ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
        """,
      arguments: [programme.rawValue, amount]
    )
  }

  private static func perform(_ plan: Plan, in transaction: Transaction) throws {
    for (index, planned) in plan.moves.enumerated() {
      if index == plan.failsAfter { throw Refusal(number: index) }
      try move(planned.programme, by: planned.by, in: transaction)
      guard plan.isolatedFailure else { continue }
      do {
        try transaction.isolated {
          try move(planned.programme, by: 1000, in: transaction)
          throw Refusal()
        }
      } catch is Refusal {}
    }
    if plan.failsAfter == plan.moves.count { throw Refusal() }
  }

  @Test(arguments: Seeds.fresh(6)) func `state is the fold of the journal`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    try await withTemporaryDirectory { directory in
      var configuration = storeConfiguration(at: directory.path(of: "store.sqlite"))
      configuration.mostCommandsPerCommit = .random(in: 1...40, using: &generator)
      configuration.checkpointAfterPages = .random(in: 1...50, using: &generator)
      var expected: [String: Int] = [:]
      for _ in 0..<3 {
        let store = try Store.open(
          configuration,
          streams: [.ingestion],
          migrations: [FoldTests.balances],
          now: { .epoch }
        )
        // Mostly sound commands run together, mostly failing ones apart.
        let failureProbability = [0.005, 0.05, 0.25][Int.random(in: 0..<3, using: &generator)]
        let plans = (0..<150).map { _ in FoldTests.plan(&generator, failureProbability: failureProbability) }
        for plan in plans where plan.failsAfter == nil {
          for move in plan.moves { expected[move.programme.rawValue, default: 0] += move.by }
        }
        await withTaskGroup(of: Void.self) { group in
          for plan in plans {
            group.addTask {
              do {
                try await store.write(as: plan.repetition) { try FoldTests.perform(plan, in: $0) }
                #expect(plan.failsAfter == nil)
              } catch {
                #expect(error is Refusal && plan.failsAfter != nil, "\(error)")
              }
            }
          }
        }
        try await FoldTests.check(store, expecting: expected)
        await store.close()
      }
    }
  }

  private static func check(_ store: Store, expecting expected: [String: Int]) async throws {
    let journal = try store.journal(of: .ingestion)
    var cursor = Records.Cursor(startOf: journal.head().identity)
    var folded: [String: Int] = [:]
    while cursor.position < journal.head().position {
      for frame in try await journal.frames(after: cursor.position, mostRecords: 100) {
        try cursor.advance(past: frame)
        try frame.withUnsafeRecords { record in
          folded[record.programme.rawValue, default: 0] += try record.decode(Moved.self).by
        }
      }
    }
    #expect(cursor == journal.head())
    let state = try await store.read { database in
      try Row.fetchAll(database, sql: "SELECT programme, amount FROM balances").reduce(into: [String: Int]()) {
        $0[$1["programme"]] = $1["amount"]
      }
    }
    #expect(folded == state)
    #expect(state == expected)
    #expect(try await store.checkIntegrity().problems.isEmpty)
  }
}
