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
  private let head: HeadVector
  private var cursor: Records.Cursor
  /// Whether the walk began at the first record or has read a frame: only then is it known what has to follow.
  private var hasFooting: Bool
  private(set) var problems: [String] = []
  private(set) var framesChecked = 0
  private(set) var recordsChecked = 0
  private(set) var isDone = false

  private static let framesPerPage = 64

  init(of head: HeadVector, _ scope: Store.IntegrityScope) {
    self.head = head
    cursor = Records.Cursor(startOf: head.identity)
    switch scope {
    case .everything:
      hasFooting = true
    case .latest(let records):
      cursor.position = head.position - min(head.position, records)
      hasFooting = cursor.position == 0
    }
  }

  mutating func readPage(in database: Database) throws {
    var count = 0
    let stream = head.identity.stream
    var walk = self
    try JournalReader.storedFrames(of: stream, after: cursor.position, in: database) { last, bytes in
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
      if hasFooting {
        try cursor.advance(past: frame)
      } else {
        cursor.stand(after: frame)
        hasFooting = true
      }
    } catch {
      problems.append("\(head.identity.stream): \(error)")
      // Go on behind the damage: what follows may be sound.
      cursor.position = last
      hasFooting = false
    }
    if problems.count >= IntegrityReport.mostProblems { isDone = true }
  }

  private mutating func finish() {
    isDone = true
    guard problems.isEmpty else { return }
    if cursor.position != head.position || (hasFooting && cursor.chain != head.chain) {
      problems.append(
        "\(head.identity.stream): the journal ends at \(cursor.position), the head says \(head.position)"
      )
    }
  }
}
