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
      var walk = JournalWalk(of: head, scope)
      while !walk.isDone, report.problems.count < IntegrityReport.mostProblems {
        let start = walk
        walk = try await read { database in
          var walk = start
          try walk.readPage(in: database)
          return walk
        }
      }
      report.problems += walk.problems
      report.framesChecked += walk.framesChecked
      report.recordsChecked += walk.recordsChecked
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

  init(of head: HeadVector, _ scope: Store.IntegrityScope) {
    self.head = head
    switch scope {
    case .everything: position = 0
    case .latest(let records): position = head.position - min(head.position, records)
    }
    footing = position == 0 ? .complete(Records.Cursor(startOf: head.identity)) : .none
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
      case .none: position == head.position
      }
    if !fits { report("the journal ends at \(position), not as its head says at \(head.position)") }
  }

  private mutating func report(_ problem: String) {
    problems.append("\(head.identity.stream): \(problem)")
    if problems.count >= IntegrityReport.mostProblems { isDone = true }
  }
}
