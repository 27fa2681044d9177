import Contracts
import Foundation
import GRDB
import GoalSetting
import Records
import ServiceRuntime
import Storage
import TestSupport

/// GoalSetting with a store of its own and an upstream whose events it applies as in production: from the upstream's
/// journal, through the consumer, in the transaction that moves the cursor.
struct GoalSettingBench {
  let store: Store
  let upstream: Store
  let clock: ManualClock
  let book: GoalBook
  let partnerships: PartnershipBook

  static func run(
    clock: ManualClock = ManualClock(),
    _ body: (GoalSettingBench) async throws -> Void
  ) async throws {
    let streams: [StreamName] = [.directory, .loopClosure, .ranking]
    try await withTemporaryStore(streams: streams, clock: clock) { upstream in
      try await withTemporaryStore(
        streams: [.goalSetting],
        migrations: GoalSettingSchema.migrations,
        clock: clock
      ) { store in
        let bench = GoalSettingBench(
          store: store,
          upstream: upstream,
          clock: clock,
          book: GoalBook(),
          partnerships: PartnershipBook()
        )
        try await bench.publish(ProgrammeSet(value: Programme(id: "telco", name: "Telco")))
        for team: ID<Team> in ["porto", "braga"] {
          try await bench.publish(TeamSet(team: Team(id: team, programme: "telco", name: team.rawValue)))
        }
        try await body(bench)
      }
    }
  }

  /// Publishes an event upstream and applies all that is new there.
  func publish<Fact: Event>(_ event: Fact) async throws {
    _ = try await upstream.write { try $0.append(event) }
    try await applyAll(of: Fact.stream)
  }

  /// Applies the upstream's whole journal, from its first record; what was applied before is passed over.
  func applyAll(of stream: StreamName) async throws {
    guard let consumer = GoalSettingConsumers.all(book).first(where: { $0.stream == stream }) else { return }
    let frames = try await upstream.journal(of: stream).frames(after: 0, mostRecords: 100_000)
    try await consumer.apply(frames, to: store)
  }

  func set(_ request: SetGoal) async throws -> Goal {
    try await store.write { try book.set(request, by: "ana", $0) }
  }

  func progress(of id: ID<Goal>) async throws -> GoalProgress? {
    try await store.read { try book.goals(GoalsRequest(programme: "telco", id: id), $0) }.goals.first
  }

  /// What GoalSetting has published, oldest first.
  func published() async throws -> [Records.Record] {
    try await store.journal(of: .goalSetting).frames(after: 0, mostRecords: 100_000).flatMap { $0.records() }
  }
}
