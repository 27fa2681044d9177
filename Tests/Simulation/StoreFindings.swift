import Contracts
import Foundation
import GRDB
import LoopClosure
import Records
import ServiceRuntime
import Storage
import TestSupport

/// What the store of an instance holds at the end of a history, read from its file after the process has ended.
struct StoreFindings {
  /// Of the service.
  let service: String
  let instance: UInt16
  /// Of the instance.
  let name: String
  let journals: JournalWalk.Findings
  let cursors: [Ownership.Upstream: Records.Cursor]
  /// Whatever was done, in order.
  let ledger: [AppliedLedger.Entry]
  /// What was applied, stream by stream, in the order of its application.
  let applied: [Ownership.Upstream: [AppliedLedger.Entry]]
  let deadLetters: [DeadLetterEntry]
  let ownership: Ownership
  /// Tables with rows of programmes that are somebody else's, or that are on their way.
  let strays: [String]
  let tables: StateTables

  struct DeadLetterEntry {
    let source: Ownership.Upstream
    let position: UInt64
    let error: String
  }

  /// - Parameter copies: what was in journals before they were trimmed.
  init(of machine: SimulatedMachine, with copies: [Ownership.Upstream: [RecordFrame]]) throws {
    let (name, service) = (machine.name, machine.profile.name)
    self.name = name
    self.service = service
    instance = machine.instance
    let trimmed = Dictionary(
      uniqueKeysWithValues: machine.profile.streams.map {
        ($0, copies[Ownership.Upstream(stream: $0, instance: machine.instance)] ?? [])
      }
    )
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: machine.storePath, configuration: configuration)
    let contents = try queue.read { db in
      (
        journals: try JournalWalk(db, name, trimmed: trimmed).everything(), cursors: try Records.Cursor.fetchAll(db),
        ledger: try AppliedLedger.entries(in: db), deadLetters: try StoreFindings.deadLetters(in: db),
        tables: try StateTables(of: service, in: db), ownership: try Ownership(reading: db),
        strays: try StoreFindings.strays(among: machine.tables, in: db)
      )
    }
    try queue.close()
    journals = contents.journals
    cursors = Dictionary(uniqueKeysWithValues: contents.cursors.map { (Ownership.Upstream($0.identity), $0) })
    ledger = contents.ledger
    applied = contents.ledger.reduce(into: [:]) { applied, entry in
      if let source = entry.source { applied[source, default: []].append(entry) }
    }
    ownership = contents.ownership
    strays = contents.strays
    deadLetters = contents.deadLetters
    tables = contents.tables
  }

  private static func deadLetters(in db: Database) throws -> [DeadLetterEntry] {
    try Row.fetchAll(db, sql: "SELECT stream, instance, position, error FROM dead_letters").compactMap { row in
      StreamName(row["stream"] as String).map {
        let source = Ownership.Upstream(stream: $0, instance: row["instance"])
        return DeadLetterEntry(source: source, position: UInt64(row["position"] as Int64), error: row["error"])
      }
    }
  }

  private static func strays(among tables: [PartitionedTable], in db: Database) throws -> [String] {
    guard !tables.isEmpty else { return [] }
    let owned = try Ownership(reading: db).owned
    var strays: [String] = []
    for table in tables {
      guard case .programme(let column) = table.belonging else { continue }
      let programmes = try String.fetchAll(db, sql: "SELECT DISTINCT \"\(column)\" FROM \"\(table.name)\"")
      for programme in programmes where !owned.contains(Partition(of: ID(programme))) {
        strays.append("rows of \(programme) in \(table.name)")
      }
    }
    for parcel in try String.fetchAll(
      db,
      sql: "SELECT name FROM sqlite_schema WHERE name GLOB 'parcel/*' AND type = 'table'"
    )
    where try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \"\(parcel)\")") ?? false {
      strays.append("rows in \(parcel)")
    }
    return strays
  }
}

/// The parts of a service's own tables that can be told from the records that it applied or wrote.
struct StateTables {
  /// Ids of feedback, of services that keep it.
  var feedback: [String] = []
  /// What LoopClosure keeps of feedback, by id.
  var items: [String: FeedbackItem] = [:]
  /// Teams as JSON, by programme and id.
  var teams: [String: Team] = [:]
  var ideas: [String] = []
  var goals: [String: Goal] = [:]
  /// Ideas that counted as deeds.
  var deeds: [String] = []
  var scoreCount = 0

  init(of service: String, in db: Database) throws {
    if ["ingestion", "ranking", "loop-closure"].contains(service) {
      feedback = try String.fetchAll(db, sql: "SELECT id FROM feedback ORDER BY id")
    }
    if service != "ingestion" {
      for row in try Row.fetchAll(db, sql: "SELECT programme, id, body FROM team") {
        let team = try JSONDecoder().decode(Team.self, from: row["body"] as Data)
        teams["\(row["programme"] as String)/\(row["id"] as String)"] = team
      }
    }
    if service == "loop-closure" {
      ideas = try String.fetchAll(db, sql: "SELECT id FROM idea ORDER BY id")
      for row in try Row.fetchAll(db, sql: "SELECT id, body FROM feedback") {
        items[row["id"]] = try JSONDecoder().decode(FeedbackItem.self, from: row["body"] as Data)
      }
    }
    if service == "gateway" { scoreCount = try Int.fetchOne(db, sql: "SELECT sum(count) FROM scoreWeek") ?? 0 }
    if service == "goal-setting" {
      deeds = try String.fetchAll(db, sql: "SELECT entity FROM deed WHERE kind = 'suggest' ORDER BY entity")
      for row in try Row.fetchAll(db, sql: "SELECT id, body FROM goal") {
        goals[row["id"]] = try JSONDecoder().decode(Goal.self, from: row["body"] as Data)
      }
    }
  }
}
