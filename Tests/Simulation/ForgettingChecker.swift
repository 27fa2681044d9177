import Foundation
import GRDB
import ServiceRuntime

/// What a customer took back is gone: no table of any service has a word of it any more, journals included. What nobody
/// took back is still there.
///
/// Each piece of feedback has a word that nothing else has, so that its traces can be told.
struct ForgettingChecker {
  private let simulation: Simulation

  init(_ simulation: Simulation) {
    self.simulation = simulation
  }

  func problems() throws -> [String] {
    guard !simulation.withdrawn.isEmpty else { return [] }
    return try simulation.machines.flatMap { machine in
      let traces = try traces(of: simulation.withdrawn + simulation.kept, in: machine.storePath)
      let quoted = simulation.withdrawn.flatMap { id in
        traces[id, default: []].sorted().map {
          "\(machine.name)'s \($0) still quotes \(id), which was withdrawn"
        }
      }
      guard machine.profile == .ingestion else { return quoted }
      let forgotten = simulation.kept.filter { traces[$0] == nil }.sorted()
      return quoted + forgotten.map { "nothing in ingestion's store quotes \($0), which nobody withdrew" }
    }
  }

  /// The tables of a store that have the words of any of these, by its id.
  private func traces(of ids: [String], in path: String) throws -> [String: Set<String>] {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    let traces = try queue.read { db in
      let words = ids.map { (id: $0, word: Data(Workload.word(of: $0).utf8)) }
      var found: [String: Set<String>] = [:]
      for table in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'") {
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \"\(table)\"")
        while let row = try rows.next() {
          let values = row.compactMap { bytes(of: $1) }
          for (id, word) in words where values.contains(where: { $0.range(of: word) != nil }) {
            found[id, default: []].insert(table)
          }
        }
      }
      return found
    }
    try queue.close()
    return traces
  }

  private func bytes(of value: DatabaseValue) -> Data? {
    switch value.storage {
    case .blob(let data): data
    case .string(let text): Data(text.utf8)
    case .null, .int64, .double: nil
    }
  }
}
