import Contracts
package import Foundation
import GRDB
import Records
import Storage

/// Compares what the stores of all services hold, after the services have ended: journals, cursors and states have to tell one story.
package struct StoreChecker {
  private let data: URL
  private let members: [String]

  /// - Parameters:
  ///   - data: the directory of the stores.
  ///   - members: the names of the stores; those of instances beside the first end with their number.
  package init(data: URL, members: [String] = Cluster.services) {
    self.data = data
    self.members = members
  }

  private func stores(of service: String) -> [String] {
    members.filter { Cluster.split($0).service == service }
  }

  /// Everything that doesn't fit; empty when all is well.
  package func problems() throws -> [String] {
    var problems: [String] = []
    var recorded: [Records.Record] = []
    var heads: [Ownership.Upstream: Records.Cursor] = [:]
    for service in members {
      let walked = try open(service).read { try JournalWalk($0, service).everything() }
      recorded += walked.records[.ingestion] ?? []
      for (stream, head) in walked.heads {
        var end = head
        // Whoever follows has the epoch of the last record; a restored store's own may be newer, as nothing came since.
        if let last = walked.frames[stream]?.last { end.identity.epoch = last.header.identity.epoch }
        heads[Ownership.Upstream(end.identity)] = end
      }
      problems += walked.problems
    }
    for service in members {
      problems += try open(service).read { try cursorProblems($0, of: service, heads: heads) }
    }
    for service in ["ranking", "goal-setting", "loop-closure"] { problems += try ownershipProblems(of: service) }
    return problems + (try feedbackProblems(recorded))
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
    heads: [Ownership.Upstream: Records.Cursor]
  ) throws -> [String] {
    var problems: [String] = []
    for cursor in try Records.Cursor.fetchAll(db) {
      let stream = cursor.identity.stream
      guard let head = heads[Ownership.Upstream(cursor.identity)] else {
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

  /// Each partition is one instance's, nothing is on its way, and no instance holds rows of what isn't its own.
  private func ownershipProblems(of service: String) throws -> [String] {
    var problems: [String] = []
    var owners: [Int: [String]] = [:]
    for store in stores(of: service) {
      try open(store).read { database in
        let rows = try Row.fetchAll(database, sql: "SELECT partition, state FROM ownership")
        for row in rows {
          let (partition, state): (Int, String) = (row["partition"], row["state"])
          if state == "owned" { owners[partition, default: []].append(store) }
          if state == "leaving" || state == "arriving" {
            problems.append("\(store): partition \(partition) is \(state)")
          }
        }
        let parcels = try String.fetchAll(
          database,
          sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'parcel/%'"
        )
        for parcel in parcels where try Int.fetchOne(database, sql: "SELECT count(*) FROM \"\(parcel)\"") ?? 0 > 0 {
          problems.append("\(store): something lies in \(parcel)")
        }
        guard service != "goal-setting" else { return }
        for programme in try String.fetchAll(database, sql: "SELECT DISTINCT programme FROM feedback") {
          let partition = Int(Partition(of: ID(programme)).rawValue)
          if owners[partition]?.contains(store) != true {
            problems.append("\(store): it has feedback of \(programme), whose partition \(partition) isn't its own")
          }
        }
      }
    }
    for partition in 0..<Partition.count where owners[partition]?.count != 1 {
      problems.append("\(service): partition \(partition) is owned by \(owners[partition] ?? [])")
    }
    return problems
  }

  /// What a query finds in all stores of a service together, in order.
  package func rows(_ sql: String, of stores: [String]) throws -> [String] {
    try stores.flatMap { store in try open(store).read { try String.fetchAll($0, sql: sql) } }.sorted()
  }

  /// Each feedback is recorded once, and every store that keeps feedback has exactly those.
  private func feedbackProblems(_ journal: [Records.Record]) throws -> [String] {
    var problems: [String] = []
    let recorded = journal.filter { $0.type == FeedbackRecorded.type }.map(\.key)
    let expected = Set(recorded)
    // Several instances of Ingestion may each have taken the same feedback; whoever follows them drops the repeat.
    if expected.count != recorded.count, stores(of: "ingestion").count == 1 {
      problems.append("ingestion: \(recorded.count - expected.count) feedback records are doubled in the journal")
    }
    for service in ["ingestion", "ranking", "loop-closure"] {
      let held = try stores(of: service).flatMap { store in
        try open(store).read { try String.fetchAll($0, sql: "SELECT id FROM feedback") }
      }
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
