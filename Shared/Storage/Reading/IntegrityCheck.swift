import Contracts
import GRDB
import Records

/// What an integrity check found.
package struct IntegrityReport: Hashable, Sendable {
  /// In sentences; empty where all is well.
  package internal(set) var problems: [String] = []
  package internal(set) var framesChecked = 0
  package internal(set) var recordsChecked = 0

  /// Beyond these, more detail helps nobody.
  static let mostProblems = 20

  init(problems: [String] = []) {
    self.problems = problems
  }

  /// Checks the journals of a database that nobody else uses.
  init(ofJournalsIn database: Database) throws {
    for head in try Records.Cursor.fetchHeads(database) {
      let trimmed =
        try database.tableExists("trims") ? try Trim.position(of: head.identity.stream, in: database) : 0
      var walk = JournalWalk(of: head, .everything, trimmed: trimmed)
      while !walk.isDone { try walk.readPage(in: database) }
      add(walk)
    }
  }

  fileprivate mutating func add(_ walk: JournalWalk) {
    problems += walk.problems
    framesChecked += walk.framesChecked
    recordsChecked += walk.recordsChecked
  }
}

extension Store {
  /// How much of each journal is checked.
  package enum IntegrityScope: Sendable {
    case everything
    /// The frames that hold the latest records.
    case latest(records: UInt64)
  }

  /// Checks SQLite's own structures (`PRAGMA quick_check`), and of each journal the checksums, the chain of hashes,
  /// the numbering and the head. Writing goes on meanwhile.
  package func checkIntegrity(_ scope: IntegrityScope = .everything) async throws -> IntegrityReport {
    var report = IntegrityReport()
    let findings = try await read {
      try String.fetchAll($0, sql: "PRAGMA quick_check(\(IntegrityReport.mostProblems))")
    }
    report.problems = findings.filter { $0 != "ok" }
    for head in heads() {
      let trimmed = try await read { try Trim.position(of: head.identity.stream, in: $0) }
      var walk = JournalWalk(of: head, scope, trimmed: trimmed)
      while !walk.isDone, report.problems.count < IntegrityReport.mostProblems {
        let start = walk
        walk = try await read { database in
          var walk = start
          try walk.readPage(in: database)
          return walk
        }
      }
      report.add(walk)
    }
    return report
  }

  /// Checks the store as `checkIntegrity` does. Where it doesn't stand the check, it is no authority any more: it takes
  /// no more writes, and its journals are not handed out, until the process is restarted on a sound store.
  package func verify() async throws -> IntegrityReport {
    let report: IntegrityReport
    do {
      report = try await checkIntegrity()
    } catch let error as DatabaseError {
      let failure = StoreError(error, at: configuration.path)
      guard failure.code == .damaged || failure.code == .notADatabase else { throw error }
      report = IntegrityReport(problems: [failure.message])
    }
    if let problem = report.problems.first {
      state.didFail(
        StoreError(
          .damaged,
          "the store at \(configuration.path) failed its integrity check (\(problem)): restore the latest backup"
        )
      )
    }
    return report
  }
}

/// A walk along a journal that is checked frame by frame, a page at a time.
private struct JournalWalk: Sendable {
  /// What is known of the history behind the walk, and so of what has to follow.
  private enum Footing: Sendable {
    /// All of it, from the first record on: the numbering of every partition is known.
    case complete(Records.Cursor)
    /// That everything up to here was trimmed.
    case trimmed(UInt64)
    /// The last frame.
    case last(FrameHeader)
    /// Nothing: the walk begins here, or just behind damage.
    case none
  }

  private let head: HeadVector
  private var footing: Footing
  private var position: UInt64
  private(set) var problems: [String] = []
  private(set) var framesChecked = 0
  private(set) var recordsChecked = 0
  private(set) var isDone = false

  private static let framesPerPage = 64

  init(of head: HeadVector, _ scope: Store.IntegrityScope, trimmed: UInt64) {
    self.head = head
    switch scope {
    case .everything: position = trimmed
    case .latest(let records): position = max(trimmed, head.position - min(head.position, records))
    }
    if position == 0 {
      footing = .complete(Records.Cursor(startOf: head.identity))
    } else {
      footing = position == trimmed ? .trimmed(trimmed) : .none
    }
  }

  mutating func readPage(in database: Database) throws {
    var count = 0
    var walk = self
    try JournalReader.storedFrames(of: head.identity.stream, after: position, in: database) { last, bytes in
      guard last <= walk.head.position else { return false }
      walk.check(bytes, endingAt: last)
      count += 1
      return count < JournalWalk.framesPerPage
    }
    if count < JournalWalk.framesPerPage { walk.finish() }
    self = walk
  }

  private mutating func check(_ bytes: [UInt8], endingAt last: UInt64) {
    framesChecked += 1
    do {
      let frame = try JournalReader.checked(bytes, of: head.identity.stream, endingAt: last)
      recordsChecked += frame.header.recordCount
      footing = try footing(after: frame)
    } catch {
      report("\(error)")
      // Go on behind the damage: what follows may be sound.
      footing = .none
    }
    position = last
  }

  private func footing(after frame: RecordFrame) throws(FrameError) -> Footing {
    switch footing {
    case .complete(var cursor):
      try cursor.advance(past: frame)
      return .complete(cursor)
    case .last(let before):
      guard frame.header.firstPosition == before.lastPosition + 1, frame.header.previousChain == before.chain else {
        throw .discontinuous(at: frame.header.firstPosition)
      }
      return .last(frame.header)
    case .trimmed(let position):
      guard frame.header.firstPosition == position + 1 else {
        throw .discontinuous(at: frame.header.firstPosition)
      }
      return .last(frame.header)
    case .none:
      return .last(frame.header)
    }
  }

  private mutating func finish() {
    isDone = true
    let fits: Bool =
      switch footing {
      case .complete(let cursor):
        cursor.position == head.position && cursor.chain == head.chain && cursor.sequences == head.sequences
      case .last(let header): header.lastPosition == head.position && header.chain == head.chain
      case .trimmed, .none: position == head.position
      }
    if !fits { report("the journal ends at \(position), not as its head says at \(head.position)") }
  }

  private mutating func report(_ problem: String) {
    problems.append("\(head.identity.stream): \(problem)")
    if problems.count >= IntegrityReport.mostProblems { isDone = true }
  }
}
