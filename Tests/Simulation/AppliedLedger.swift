import Contracts
import GRDB
import Records
import ServiceRuntime
import Storage

/// A table in each store that notes every record that is applied, and every turn of a timer that changes something, in
/// the transaction that does it. It has no uniqueness to enforce: what is doubled is to be seen.
enum AppliedLedger {
  static let migration = Migration(
    "simulation.1",
    sql: """
      CREATE TABLE applied_ledger (
        number INTEGER PRIMARY KEY, stream TEXT, instance INTEGER NOT NULL, position INTEGER NOT NULL,
        type TEXT NOT NULL, programme TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL
      )
      """
  )

  struct Entry: Sendable {
    /// nil for a turn of a timer.
    let source: Ownership.Upstream?
    let position: UInt64
    let type: EventType
    let programme: String
    /// For a turn of a timer, its name.
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
            source: Ownership.Upstream(stream: stream, instance: record.instance),
            position: record.position,
            type: record.type,
            programme: record.programme.rawValue,
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
    ServiceTimer(every: timer.interval, mostTurns: timer.mostTurns, timer.name) { transaction, now in
      let before = transaction.database.totalChangesCount
      let isMoreDue = try timer.turn(transaction, now)
      guard transaction.database.totalChangesCount != before else { return isMoreDue }
      let entry = Entry(
        source: nil,
        position: 0,
        type: timerType,
        programme: "",
        key: timer.name,
        time: transaction.now
      )
      try note(entry, in: transaction.database)
      return isMoreDue
    }
  }

  private static func note(_ entry: Entry, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO applied_ledger (stream, instance, position, type, programme, key, at) VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    )
    try statement.execute(arguments: [
      entry.source?.stream.rawValue, entry.source?.instance ?? 0, Int64(entry.position), entry.type.rawValue,
      entry.programme, entry.key, entry.time.milliseconds,
    ])
  }

  /// Whatever was done, in its order.
  static func entries(in database: Database) throws -> [Entry] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT stream, instance, position, type, programme, key, at FROM applied_ledger ORDER BY number"
    )
    return rows.map { row in
      Entry(
        source: (row["stream"] as String?).flatMap(StreamName.init).map {
          Ownership.Upstream(stream: $0, instance: row["instance"])
        },
        position: UInt64(row["position"] as Int64),
        type: EventType(row["type"]),
        programme: row["programme"],
        key: row["key"],
        time: Timestamp(milliseconds: row["at"])
      )
    }
  }
}
