import Contracts
import GRDB
import Records
import Storage
import Synchronization
import TestSupport
import Testing

/// Commands that may run again share a savepoint; what their callers see is the same as with one each.
@Suite struct RepeatableTests {
  /// How often each command was run, by its number.
  private final class Runs: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func note(_ number: Int) { counts.withLock { $0[number, default: 0] += 1 } }

    subscript(number: Int) -> Int { counts.withLock { $0[number] ?? 0 } }
  }

  @Test func `commands of which none fails run once, in their order, in one commit`() async throws {
    let (gate, runs) = (Gate(), Runs())
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      try await gate.holding(store) {
        for number in 0..<20 {
          try gate.submit(to: store, as: .repeatable) { transaction in
            runs.note(number)
            try Notes.write(NoteWritten("\(number)"), in: transaction)
          }
        }
      }
      #expect((0..<20).allSatisfy { runs[$0] == 1 })
      #expect(try await Notes.texts(in: store) == (0..<20).map(String.init))
      #expect(try await Notes.journalled(in: store) == (0..<20).map(String.init))
      #expect(store.statistics.commits == 2)
    }
  }

  @Test func `where some fail the others are kept, and those that must not repeat have run once`() async throws {
    let (gate, runs) = (Gate(), Runs())
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      let outcomes = try await gate.holding(store) {
        for number in 0..<40 {
          try gate.submit(to: store, as: number % 5 == 0 ? .once : .repeatable) { transaction in
            runs.note(number)
            try Notes.write(NoteWritten("\(number)"), in: transaction)
            if number % 7 == 0 { throw Refusal(number: number) }
          }
        }
      }
      let kept = (0..<40).filter { $0 % 7 != 0 }
      #expect(outcomes.count == 40)
      #expect(outcomes.filter { $0 == nil }.count == kept.count)
      #expect(try await Notes.texts(in: store) == kept.map(String.init))
      #expect(try await Notes.journalled(in: store) == kept.map(String.init))
      #expect(store.heads()[0].position == UInt64(kept.count))
      #expect(store.statistics.commits == 2)
      for number in 0..<40 { #expect((1...(number % 5 == 0 ? 1 : 2)).contains(runs[number]), "command \(number)") }
      // Whoever stands before a failing one of the same group was undone and run again.
      #expect(runs[6] == 2)
      // After a failure no group is risked for a while.
      #expect(runs[36] == 1)
    }
  }

  @Test func `a group ends where the commit is full`() async throws {
    let gate = Gate()
    try await withTemporaryStore(
      migrations: [Notes.migration],
      configure: { $0.mostBytesPerCommit = 50_000 }
    ) { store in
      let text = String(repeating: "x", count: 20_000)
      try await gate.holding(store) {
        for _ in 0..<9 {
          try gate.submit(to: store, as: .repeatable) { try Notes.write(NoteWritten(text), in: $0) }
        }
      }
      #expect(store.statistics.commits == 4)
      #expect(store.heads()[0].position == 9)
    }
  }

  @Test func `nothing is written after a command that ended the transaction without a word`() async throws {
    let gate = Gate()
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      let outcomes = try await gate.holding(store) {
        for number in 0..<6 {
          try gate.submit(to: store, as: .repeatable) { transaction in
            try Notes.write(NoteWritten("\(number)"), in: transaction)
            if number == 2 { try transaction.database.execute(sql: "ROLLBACK") }
          }
        }
      }
      #expect(outcomes.count == 6)
      #expect(outcomes.filter { ($0 as? StoreError)?.code == .rolledBack }.count == 3)
      #expect(try await Notes.texts(in: store) == ["3", "4", "5"])
      #expect(try await Notes.journalled(in: store) == ["3", "4", "5"])
    }
  }

  @Test func `a command that rolls the transaction back takes along what shares it, and each hears so`() async throws {
    let gate = Gate()
    try await withTemporaryStore(migrations: [Notes.migration]) { store in
      let outcomes = try await gate.holding(store) {
        for number in 0..<6 {
          try gate.submit(to: store, as: .repeatable) { transaction in
            try Notes.write(NoteWritten("\(number)"), in: transaction)
            guard number == 3 else { return }
            try transaction.database.execute(sql: "ROLLBACK")
            throw Refusal(number: number)
          }
        }
      }
      #expect(outcomes.count == 6)
      #expect(outcomes.filter { ($0 as? StoreError)?.code == .rolledBack }.count == 3)
      #expect(outcomes.contains { $0 as? Refusal == Refusal(number: 3) })
      #expect(try await Notes.texts(in: store) == ["4", "5"])
      #expect(try await Notes.journalled(in: store) == ["4", "5"])
    }
  }
}
