import GRDB
package import Storage

/// What is wrong with the declarations of a service's tables: every table has to be declared, and a table whose rows move
/// with a programme has to be found by it through an index.
package func problems(of tables: [PartitionedTable], after migrations: [Migration]) throws -> [String] {
  let queue = try DatabaseQueue()
  return try queue.write { database in
    for migration in migrations { try migration.migrate(database) }
    let found = Set(
      try String.fetchAll(
        database,
        sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      )
    )
    let declared = tables.map(\.name)
    var problems = found.subtracting(declared).sorted().map { "\($0) isn't declared" }
    problems += Set(declared).subtracting(found).sorted().map { "\($0) is declared and isn't there" }
    if Set(declared).count < declared.count { problems.append("a table is declared twice") }
    for table in tables {
      guard case .programme(let column) = table.belonging, found.contains(table.name) else { continue }
      let primaryKey = try database.primaryKey(table.name).columns.first
      let indexes = try database.indexes(on: table.name).compactMap(\.columns.first)
      if primaryKey != column, !indexes.contains(column) {
        problems.append("\(table.name) has no index that begins with \(column)")
      }
      // A number that a store gives by itself may be taken in another one.
      let keys = try Row.fetchAll(database, sql: "PRAGMA table_info(\(table.name))")
      let isNumbered = keys.contains { ($0["pk"] as Int) == 1 && ($0["type"] as String).uppercased() == "INTEGER" }
      let key = try database.primaryKey(table.name).columns
      if isNumbered, key.count == 1, !table.ownColumns.contains(key[0]) {
        problems.append("\(table.name) numbers its rows, and \(key[0]) isn't declared as its own")
      }
    }
    return problems
  }
}
