import Contracts
import Foundation
import GRDB
import LoopClosure
import Records
import ServiceRuntime
import Storage
import TestSupport

/// What one service's store holds at the end of a history, read from its file after the process has ended.
struct StoreFindings {
  let service: String
  let journals: JournalWalk.Findings
  let cursors: [StreamName: Records.Cursor]
  /// Whatever was done, in order.
  let ledger: [AppliedLedger.Entry]
  /// What was applied, stream by stream, in the order of its application.
  let applied: [StreamName: [AppliedLedger.Entry]]
  let deadLetters: [DeadLetterEntry]
  let tables: StateTables

  struct DeadLetterEntry {
    let stream: StreamName
    let position: UInt64
    let error: String
  }

  init(of machine: SimulatedMachine) throws {
    let name = machine.profile.name
    service = name
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: machine.storePath, configuration: configuration)
    let contents = try queue.read { db in
      (
        journals: try JournalWalk(db, name).everything(), cursors: try Records.Cursor.fetchAll(db),
        ledger: try AppliedLedger.entries(in: db), deadLetters: try StoreFindings.deadLetters(in: db),
        tables: try StateTables(of: name, in: db)
      )
    }
    try queue.close()
    journals = contents.journals
    cursors = Dictionary(uniqueKeysWithValues: contents.cursors.map { ($0.identity.stream, $0) })
    ledger = contents.ledger
    applied = contents.ledger.reduce(into: [:]) { applied, entry in
      if let stream = entry.stream { applied[stream, default: []].append(entry) }
    }
    deadLetters = contents.deadLetters
    tables = contents.tables
  }

  private static func deadLetters(in db: Database) throws -> [DeadLetterEntry] {
    try Row.fetchAll(db, sql: "SELECT stream, position, error FROM dead_letters").compactMap { row in
      StreamName(row["stream"] as String).map {
        DeadLetterEntry(stream: $0, position: UInt64(row["position"] as Int64), error: row["error"])
      }
    }
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
