import Contracts
import Foundation
import GRDB
import Logging
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// State is the fold of the journals, taken at its word: what a service applied is applied again, in the same order and
/// at the same times, to an empty store; that store then has to hold the same, in its tables and in its own journal.
///
/// Batches are cut differently on purpose, one for each frame: where they were cut must make no difference.
struct Replay {
  private let original: StoreFindings
  private let journals: [StreamName: [RecordFrame]]
  private let clock: VirtualClock

  init(of original: StoreFindings, journals: [StreamName: [RecordFrame]], clock: VirtualClock) {
    self.original = original
    self.journals = journals
    self.clock = clock
  }

  /// - Parameter machine: on which no process runs any more; its store is replaced.
  func problems(on machine: SimulatedMachine) async throws -> [String] {
    let before = try contents(of: machine.storePath)
    try await machine.install()
    try await machine.start()
    guard let process = machine.process else { return ["\(original.service) doesn't start for a replay"] }
    try await replay(on: machine, process)
    await machine.stop()
    return differences(before, try contents(of: machine.storePath))
  }

  private func replay(on machine: SimulatedMachine, _ process: SimulatedProcess) async throws {
    // How many frames of each stream have been applied.
    var applied: [StreamName: Int] = [:]
    for entry in original.ledger {
      clock.setWallTime(entry.time, of: machine.index)
      guard let stream = entry.source?.stream else {
        guard let timer = process.mechanism.timers.first(where: { $0.name == entry.key }) else { continue }
        try await process.store.write { _ = try timer.turn($0, entry.time) }
        continue
      }
      let frames = journals[stream, default: []]
      var next = applied[stream, default: 0]
      while next < frames.count, frames[next].header.firstPosition <= entry.position {
        try await apply(frames[next], to: process, from: stream)
        next += 1
      }
      applied[stream] = next
    }
  }

  private func apply(_ frame: RecordFrame, to process: SimulatedProcess, from stream: StreamName) async throws {
    guard let sink = process.mechanism.sinks[stream] else { return }
    let cursors = try await process.store.read { try Records.Cursor.fetchAll($0) }
    let start = cursors.first { $0.identity.stream == stream } ?? Records.Cursor(startOf: frame.header.identity)
    var end = start
    try end.advance(past: frame)
    let slice = FrameSlice(frame: frame, skippedRecords: 0)
    _ = try await sink.apply(RecordBatch(slices: [slice], start: start, end: end))
  }

  // MARK: Comparing

  /// The service's own tables, row by row, and its journals.
  private func contents(of path: String) throws -> [String: [String]] {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    let contents = try queue.read { db in
      var contents: [String: [String]] = [:]
      let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
      for table in tables where isOwn(table) {
        let rows = try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"")
        contents[table] = rows.map { $0.map { name, value in "\(name)=\(text(value))" }.joined(separator: " ") }
          .sorted()
      }
      for (stream, records) in try JournalWalk(db, original.service).everything().records {
        contents["journal of \(stream)"] = records.map { record in
          "\(record.position) \(record.type) \(record.key) \(record.time) \(String(decoding: record.body, as: UTF8.self))"
        }
      }
      return contents
    }
    try queue.close()
    return contents
  }

  private func isOwn(_ table: String) -> Bool {
    let others = ["heads", "cursors", "requests", "applied_ledger", "followers"]
    return !others.contains(table) && !table.hasPrefix("sqlite_") && !table.hasPrefix("grdb_")
      && !table.hasPrefix("journal/")
  }

  private func text(_ value: DatabaseValue) -> String {
    if case .blob(let data) = value.storage { String(decoding: data, as: UTF8.self) } else { value.description }
  }

  private func differences(_ one: [String: [String]], _ other: [String: [String]]) -> [String] {
    Set(one.keys).union(other.keys).sorted().compactMap { table in
      let (rows, again) = (one[table, default: []], other[table, default: []])
      guard rows != again else { return nil }
      let first =
        zip(rows, again).first { $0 != $1 }.map { "\($0) and \($1)" } ?? "\(rows.count) and \(again.count) rows"
      return "\(original.service)'s \(table) isn't what its records make of it: \(first)"
    }
  }
}
