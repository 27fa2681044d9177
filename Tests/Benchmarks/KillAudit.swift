import Contracts
import GRDB
import Records
import Storage

/// What two stores hold after kills, event by event.
struct KillAudit {
  /// Events that were published.
  var events = 0
  /// Events that were acknowledged or in the journal, and not applied.
  var lost = 0
  /// Times that an event was published or applied again.
  var duplicated = 0

  /// - Parameters:
  ///   - acknowledged: the last event of which the publisher said that it is on disk.
  ///   - last: the last event that was to be published.
  init(of workspace: Workspace, acknowledged: Int, last: Int) async throws {
    let published = try await KillAudit.published(workspace, atMost: last)
    events = published.count { $0 > 0 }
    lost = published[1...].count { $0 == 0 } + max(0, acknowledged - last)
    duplicated = published.reduce(0) { $0 + max(0, Int($1) - 1) }
    try await compare(published, with: workspace)
  }

  /// How often each event stands in the journal, by its number.
  private static func published(_ workspace: Workspace, atMost last: Int) async throws -> [UInt8] {
    var times = [UInt8](repeating: 0, count: last + 1)
    try await withStore(workspace.path(of: "publisher/store.sqlite"), of: BenchEvent.stream) { store in
      let journal = try store.journal(of: BenchEvent.stream)
      var position: UInt64 = 0
      while true {
        let frames = try await journal.frames(after: position, mostBytes: 8 << 20)
        guard let end = frames.last?.header.lastPosition else { return }
        for record in frames.flatMap({ $0.records() }) {
          let index = record.body.withUnsafeBytes { BenchEvent.stamp(of: $0).index }
          guard (1...last).contains(index) else { throw BenchFailure("event \(index) was never sent") }
          times[index] &+= 1
        }
        position = end
      }
    }
    return times
  }

  /// Each subject has to count its events, and the sum of their numbers: a loss can't hide behind a repeat.
  private mutating func compare(_ published: [UInt8], with workspace: Workspace) async throws {
    var expected: [Int: (events: Int, total: Int)] = [:]
    for (index, times) in published.enumerated() where times > 0 {
      expected[BenchEvent.key(of: index), default: (0, 0)].events += Int(times)
      expected[BenchEvent.key(of: index), default: (0, 0)].total += Int(times) * index
    }
    var held: [Int: (events: Int, total: Int)] = [:]
    try await KillAudit.withStore(workspace.path(of: "consumer/store.sqlite"), of: .ranking) { store in
      held = try await store.read { database in
        let rows = try Row.fetchAll(database, sql: "SELECT key, events, total FROM subjects")
        var held: [Int: (events: Int, total: Int)] = [:]
        for row in rows { held[row[0]] = (events: row[1], total: row[2]) }
        return held
      }
    }
    for key in Set(expected.keys).union(held.keys) {
      let (expected, held) = (expected[key] ?? (0, 0), held[key] ?? (0, 0))
      lost += max(0, expected.events - held.events)
      duplicated += max(0, held.events - expected.events)
      if expected.events == held.events, expected.total != held.total {
        lost += 1
        duplicated += 1
      }
    }
  }

  private static func withStore(_ path: String, of stream: StreamName, _ body: (Store) async throws -> Void)
    async throws
  {
    let store = try Store.open(
      storeConfiguration(at: path),
      streams: [stream],
      migrations: [SubjectTable.migration],
      now: wallTime
    )
    do {
      try await body(store)
    } catch {
      await store.close()
      throw error
    }
    await store.close()
  }

  func check() throws {
    guard lost == 0, duplicated == 0 else { throw BenchFailure("\(lost) events were lost, \(duplicated) came again") }
  }
}
