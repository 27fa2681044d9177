import Contracts
import Foundation
import GRDB
import LoopClosure
import Records
import ServiceRuntime
import Storage
import TestSupport

/// LoopClosure with a store of its own and an upstream whose events it applies as in production: from the upstream's
/// journal, through the consumer, in the transaction that moves the cursor.
struct LoopBench {
  let store: Store
  let upstream: Store
  let clock: ManualClock
  let books = LoopBooks()

  /// Monday 2026-03-02, 09:00 UTC.
  static let monday = Timestamp(milliseconds: 1_772_442_000_000)
  static let ana = Principal(role: .frontLine, name: "Ana", employee: "ana", team: "porto")
  static let maria = Principal(role: .manager, name: "Maria", employee: "maria", team: "braga")

  static func run(_ body: (LoopBench) async throws -> Void) async throws {
    let clock = ManualClock(at: monday)
    let streams: [StreamName] = [.directory, .ingestion, .scores, .observations, .ranking, .goalSetting]
    try await withTemporaryStore(streams: streams, clock: clock) { upstream in
      try await withTemporaryStore(
        streams: [.loopClosure],
        migrations: LoopClosureSchema.migrations,
        clock: clock
      ) { store in
        let bench = LoopBench(store: store, upstream: upstream, clock: clock)
        try await bench.publish(ProgrammeSet(value: Programme(id: "telco", name: "Telco")))
        for team: ID<Team> in ["porto", "braga", "faro"] {
          try await bench.publish(TeamSet(team: Team(id: team, programme: "telco", name: team.rawValue)))
        }
        for (id, team): (ID<Employee>, ID<Team>) in [("ana", "porto"), ("maria", "braga"), ("rui", "porto")] {
          try await bench.publish(
            EmployeeSet(employee: Employee(id: id, programme: "telco", team: team, name: id.rawValue))
          )
        }
        try await body(bench)
      }
    }
  }

  /// Publishes events upstream and applies all that is new there.
  func publish<Fact: Event>(_ events: Fact...) async throws {
    _ = try await upstream.write { transaction in
      for event in events { try transaction.append(event) }
    }
    try await applyAll(of: Fact.stream)
  }

  /// Applies the upstream's whole journal, from its first record; what was applied before is passed over.
  func applyAll(of stream: StreamName) async throws {
    guard let consumer = LoopClosureConsumers.all(books).first(where: { $0.stream == stream }) else { return }
    let frames = try await upstream.journal(of: stream).frames(after: 0, mostRecords: 100_000)
    try await consumer.apply(frames, to: store)
  }

  func command<Value: Sendable>(_ body: @escaping @Sendable (LoopBooks, Transaction) throws -> Value) async throws
    -> Value
  {
    let books = books
    return try await store.write { try body(books, $0) }
  }

  func query<Value: Sendable>(_ body: @escaping @Sendable (LoopBooks, Database) throws -> Value) async throws -> Value {
    let books = books
    return try await store.read { try body(books, $0) }
  }

  /// Turns all timers once.
  func tick() async throws {
    let now = clock.now
    try await command { books, transaction in
      try books.cases.tick(transaction, at: now)
      try books.cases.eraseRecords(transaction)
      try books.outerLoop.tick(transaction, at: now)
      try books.ideas.tick(transaction, at: now)
      try books.experiments.tick(transaction, at: now)
      try books.adoption.tick(transaction, at: now)
    }
  }

  func move(to text: String) throws {
    clock.advance(by: try instant(text) - clock.now)
  }

  /// What LoopClosure has published of a type, oldest first.
  func published<Fact: Event>(_ type: Fact.Type) async throws -> [Fact] {
    try await records().filter { $0.type == Fact.type && !$0.isErased }.map { try $0.decode(Fact.self) }
  }

  func records() async throws -> [Records.Record] {
    try await store.journal(of: .loopClosure).frames(after: 0, mostRecords: 100_000).flatMap { $0.records() }
  }

  func deadLetterCount() async throws -> Int {
    try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM dead_letters") ?? 0 }
  }

  func feedback(
    _ id: ID<Feedback>,
    _ text: String = "Nobody calls me back",
    customer: ID<Customer>? = "customer-1",
    team: ID<Team> = "porto",
    signals: [Signal] = [.complaint],
    urgency: Double = 0.9
  ) -> Feedback {
    Feedback(
      id: id,
      programme: "telco",
      source: "test",
      sourceRecordID: id.rawValue,
      channel: .known(.call),
      occurredAt: clock.now,
      receivedAt: clock.now,
      customer: customer,
      team: team,
      language: "en",
      text: text,
      signals: signals.map(Open.known),
      urgency: urgency,
      sentiment: -0.5,
      redaction: Redaction(method: "none", countsByKind: [:]),
      rawHash: "",
      revision: 1
    )
  }

  func cases(_ states: [CaseState]? = nil) async throws -> [Case] {
    let request = CasesRequest(programme: "telco", states: states?.map(Open.known))
    return try await query { try $0.cases.cases(request, $1).cases }
  }

  func advance(
    _ id: ID<Case>,
    _ step: CaseStep,
    rootCause: String? = nil,
    action: String? = nil,
    note: String? = nil,
    assignee: ID<Employee>? = nil
  ) async throws -> Case {
    let request = AdvanceCase(
      programme: "telco",
      id: id,
      step: .known(step),
      note: note,
      rootCause: rootCause,
      action: action,
      assignee: assignee
    )
    return try await command { try $0.cases.advance(request, actor: Self.ana, $1) }
  }
}
