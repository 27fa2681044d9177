import Contracts
import Foundation
import GRDB
import Records
import Storage
import TestSupport

@testable import Ingestion

/// An intake on a store of its own, without a service around it.
struct IntakeFixture {
  let store: Store
  let clock: ManualClock
  let desk = IntakeDesk()

  static let key = ReferenceKey(Array("thirty-two bytes of a test's key".utf8))

  func prepare(_ events: [JSONValue]) async throws -> [EventPreparer.Outcome] {
    try await desk.prepare(
      events.map { .json($0, bytes: nil) },
      from: store,
      receivedAt: clock.now,
      trace: nil
    )
  }

  /// Each on its own.
  @discardableResult
  func takeEach(_ events: [JSONValue]) async throws -> [IntakeResult] {
    let outcomes = try await prepare(events)
    return try await store.write { try IntakeWriter.writeEach(outcomes, in: $0) }
  }

  /// All or none.
  @discardableResult
  func takeAll(_ events: [JSONValue]) async throws -> [IntakeResult] {
    try await desk.takeAll(
      events.map { .json($0, bytes: nil) },
      into: store,
      receivedAt: clock.now,
      trace: nil
    )
  }

  func records(_ stream: StreamName) async throws -> [Records.Record] {
    try await store.journal(of: stream).frames(after: 0).flatMap { $0.records() }
  }

  func count(_ table: String) async throws -> Int {
    try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
  }

  /// Everything that the tables hold, apart from what the store keeps for itself.
  func state() async throws -> [String: [String]] {
    try await store.read { database in
      var state: [String: [String]] = [:]
      for table in ["feedback", "raw_payload", "taken_event", "interaction_count", "channel_day", "channel"] {
        state[table] = try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map(\.description).sorted()
      }
      return state
    }
  }
}

/// Runs `body` with an intake that knows the programmes `p` and `q` and, in `p`, the team `t`.
func withIntake<Value>(_ body: (IntakeFixture) async throws -> Value) async throws -> Value {
  let clock = ManualClock()
  return try await withTemporaryStore(
    streams: ServiceStreams.all,
    migrations: IngestionSchema.migrations,
    clock: clock
  ) { store in
    let fixture = IntakeFixture(store: store, clock: clock)
    fixture.desk.use(IntakeFixture.key)
    try await store.write { transaction in
      for id in ["p", "q"] {
        try DirectoryRows.set(Programme(id: ID(id), name: id), in: transaction.database)
      }
      try DirectoryRows.set(Team(id: "t", programme: "p", name: "T"), in: transaction.database)
    }
    return try await body(fixture)
  }
}

enum ServiceStreams {
  static let all: [StreamName] = [.ingestion, .scores, .observations]
}

/// A CloudEvent with `data`, as JSON.
func event(
  _ id: String,
  _ data: [String: JSONValue],
  type: IntakeType = .feedback,
  source: String = "/tests"
) -> JSONValue {
  .object([
    "specversion": "1.0", "id": .string(id), "source": .string(source), "type": .string(type.rawValue),
    "data": .object(data),
  ])
}

func feedback(_ id: String, _ text: String = "The queue was long", _ more: [String: JSONValue] = [:]) -> JSONValue {
  event(id, ["programme": "p", "text": .string(text)].merging(more) { _, new in new })
}
