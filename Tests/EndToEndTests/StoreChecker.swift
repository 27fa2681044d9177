import Contracts
import Foundation
import GRDB
import Records
import Storage

/// Compares what five stores hold, after the services have ended: journals, cursors and states have to tell one story.
struct StoreChecker {
  let data: URL

  private static let services = ["ingestion", "ranking", "goal-setting", "loop-closure", "gateway"]

  /// Everything that doesn't fit; empty when all is well.
  func problems() throws -> [String] {
    var problems: [String] = []
    var journals: [StreamName: [Records.Record]] = [:]
    var heads: [StreamName: Records.Cursor] = [:]
    for service in Self.services {
      let walked = try open(service).read { try JournalWalk($0, service).everything() }
      journals.merge(walked.records) { $1 }
      heads.merge(walked.heads) { $1 }
      problems += walked.problems
    }
    for service in Self.services {
      problems += try open(service).read { try cursorProblems($0, of: service, heads: heads) }
    }
    return problems + (try feedbackProblems(journals[.ingestion] ?? []))
  }

  private func open(_ service: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    return try DatabaseQueue(path: data.appending(component: "\(service).sqlite").path, configuration: configuration)
  }

  /// No cursor is ahead of its upstream or behind it, and each is at the same point of the same history.
  private func cursorProblems(
    _ db: Database,
    of service: String,
    heads: [StreamName: Records.Cursor]
  ) throws -> [String] {
    var problems: [String] = []
    for cursor in try Records.Cursor.fetchAll(db) {
      let stream = cursor.identity.stream
      guard let head = heads[stream] else {
        problems.append("\(service): it follows \(stream), which nobody writes")
        continue
      }
      if cursor != head {
        problems.append(
          "\(service): its cursor on \(stream) is at \(cursor.position), the journal's head at \(head.position)"
        )
      }
    }
    let letters = try Int.fetchOne(db, sql: "SELECT count(*) FROM dead_letters") ?? 0
    if letters > 0 {
      let first = try String.fetchOne(db, sql: "SELECT error FROM dead_letters LIMIT 1") ?? ""
      problems.append("\(service): \(letters) dead letters, the first: \(first)")
    }
    return problems
  }

  /// Each feedback is recorded once, and every store that keeps feedback has exactly those.
  private func feedbackProblems(_ journal: [Records.Record]) throws -> [String] {
    var problems: [String] = []
    let recorded = journal.filter { $0.type == FeedbackRecorded.type }.map(\.key)
    let expected = Set(recorded)
    if expected.count != recorded.count {
      problems.append("ingestion: \(recorded.count - expected.count) feedback records are doubled in the journal")
    }
    for service in ["ingestion", "ranking", "loop-closure"] {
      let held = try open(service).read { try String.fetchAll($0, sql: "SELECT id FROM feedback") }
      if Set(held).count != held.count { problems.append("\(service): feedback is doubled in its state") }
      let lost = expected.subtracting(held).count
      let invented = Set(held).subtracting(expected).count
      if lost + invented > 0 {
        problems.append("\(service): \(lost) feedback lost, \(invented) not in the journal, of \(expected.count)")
      }
    }
    return problems
  }
}

/// Reads a store's journals from the first frame to the last, and proves that they hang together.
struct JournalWalk {
  struct Findings {
    var records: [StreamName: [Records.Record]] = [:]
    var heads: [StreamName: Records.Cursor] = [:]
    var problems: [String] = []
  }

  private let db: Database
  private let service: String

  init(_ db: Database, _ service: String) {
    self.db = db
    self.service = service
  }

  func everything() throws -> Findings {
    var findings = Findings()
    for row in try Row.fetchAll(db, sql: "SELECT stream, head FROM heads") {
      guard let stream = StreamName(row["stream"]), let head = Records.Cursor(blob: [UInt8](row["head"] as Data)) else {
        findings.problems.append("\(service): a head can't be read")
        continue
      }
      var cursor = Records.Cursor(startOf: head.identity)
      let frames = try Row.fetchCursor(db, sql: "SELECT frame FROM \"journal/\(stream)\" ORDER BY position")
      while let row = try frames.next() {
        let frame = try RecordFrame(validating: [UInt8](row["frame"] as Data))
        // Positions and partitions' sequences are dense, and each frame continues the chain of the one before.
        try cursor.advance(past: frame)
        findings.records[stream, default: []] += frame.records()
      }
      if cursor != head { findings.problems.append("\(service): the journal of \(stream) ends where its head doesn't") }
      findings.heads[stream] = head
    }
    return findings
  }
}
