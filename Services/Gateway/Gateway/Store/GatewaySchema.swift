package import Storage

/// The tables of the gateway's store.
package enum GatewaySchema {
  package static let migrations = [
    Migration(
      "gateway.1",
      sql: """
        CREATE TABLE programme (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE team (
          programme TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
        CREATE TABLE employee (
          programme TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
        CREATE TABLE scoreWeek (
          programme TEXT NOT NULL, kind TEXT NOT NULL, week INTEGER NOT NULL, channel TEXT NOT NULL,
          count INTEGER NOT NULL, total REAL NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
          PRIMARY KEY (programme, kind, week, channel)) WITHOUT ROWID;
        """
    )
  ]
}
