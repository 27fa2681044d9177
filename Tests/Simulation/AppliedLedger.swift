import Contracts
import GRDB
import Records
import ServiceRuntime
import Storage

/// A table in each store that notes every record that is applied, and every run of a timer that changes something, in
/// the transaction that does it. It has no uniqueness to enforce: what is doubled is to be seen.
enum AppliedLedger {
  static let migration = Migration(
    "simulation.1",
    sql: """
      CREATE TABLE applied_ledger (
        number INTEGER PRIMARY KEY, stream TEXT, position INTEGER NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL,
        at INTEGER NOT NULL
      )
      """
  )

  struct Entry: Sendable {
    /// nil for the run of a timer.
    let stream: StreamName?
    let position: UInt64
    let type: EventType
    /// For the run of a timer, its name.
    let key: String
    /// What the machine's clock showed.
    let time: Timestamp
  }

  private static let timerType = EventType("timer")

  /// The service as it is, with the ledger in its store.
  static func audited(_ definition: ServiceDefinition) -> ServiceDefinition {
    ServiceDefinition(definition.profile, settings: definition.settings) { settings in
      var blueprint = try definition.makeBlueprint(settings)
      blueprint.migrations.append(migration)
      blueprint.consumers = blueprint.consumers.map { consumer in
        let stream = consumer.stream
        return consumer.auditing { record, transaction in
          let entry = Entry(
            stream: stream,
            position: record.position,
            type: record.type,
            key: record.key,
            time: transaction.now
          )
          try note(entry, in: transaction.database)
        }
      }
      blueprint.timers = blueprint.timers.map(audited)
      return blueprint
    }
  }

  private static func audited(_ timer: ServiceTimer) -> ServiceTimer {
    ServiceTimer(every: timer.interval, timer.name) { transaction, now in
      let before = transaction.database.totalChangesCount
      try timer.action(transaction, now)
      guard transaction.database.totalChangesCount != before else { return }
      let entry = Entry(stream: nil, position: 0, type: timerType, key: timer.name, time: transaction.now)
      try note(entry, in: transaction.database)
    }
  }

  private static func note(_ entry: Entry, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO applied_ledger (stream, position, type, key, at) VALUES (?, ?, ?, ?, ?)"
    )
    try statement.execute(arguments: [
      entry.stream?.rawValue, Int64(entry.position), entry.type.rawValue, entry.key, entry.time.milliseconds,
    ])
  }

  /// Whatever was done, in its order.
  static func entries(in database: Database) throws -> [Entry] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT stream, position, type, key, at FROM applied_ledger ORDER BY number"
    )
    return rows.map { row in
      Entry(
        stream: (row["stream"] as String?).flatMap(StreamName.init),
        position: UInt64(row["position"] as Int64),
        type: EventType(row["type"]),
        key: row["key"],
        time: Timestamp(milliseconds: row["at"])
      )
    }
  }
}
