import Contracts
package import Foundation
import GRDB
import Records
import Storage

/// Compares what five stores hold, after the services have ended: journals, cursors and states have to tell one story.
package struct StoreChecker {
  private let data: URL

  /// - Parameter data: the directory of the stores.
  package init(data: URL) {
    self.data = data
  }

  private static let services = ["ingestion", "ranking", "goal-setting", "loop-closure", "gateway"]

  /// Everything that doesn't fit; empty when all is well.
  package func problems() throws -> [String] {
    var problems: [String] = []
    var journals: [StreamName: [Records.Record]] = [:]
    var heads: [StreamName: Records.Cursor] = [:]
    for service in Self.services {
      let walked = try open(service).read { try JournalWalk($0, service).everything() }
      journals.merge(walked.records) { $1 }
      for (stream, head) in walked.heads {
        var end = head
        // Whoever follows has the epoch of the last record; a restored store's own may be newer, as nothing came since.
        if let last = walked.frames[stream]?.last { end.identity.epoch = last.header.identity.epoch }
        heads[stream] = end
      }
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
