package import Storage

/// The tables of GoalSetting's store. Whole values stand as JSON in `body`, beside the columns they are found by.
package enum GoalSettingSchema {
  /// Where the rows of each table belong when a programme moves to another instance.
  package static let tables =
    PartitionedTable.ofEveryone(["programme", "team"])
    + PartitionedTable.ofProgrammes([
      "goal", "deed", "caseTeam", "counterWeek", "flaggedWarning", "partnership", "safeHarbour", "ledgerEntry",
      "balance",
    ])

  package static let migrations = [
    Migration(
      "goal-setting.1",
      sql: """
        CREATE TABLE programme (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE team (
          programme TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
        CREATE TABLE goal (
          programme TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, team TEXT, state TEXT NOT NULL,
          fromTime INTEGER NOT NULL, untilTime INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id));
        CREATE INDEX goalByKind ON goal (programme, kind, untilTime);
        CREATE INDEX openGoal ON goal (untilTime) WHERE state IN ('running', 'achieved');
        CREATE TABLE deed (
          programme TEXT NOT NULL, kind TEXT NOT NULL, entity TEXT NOT NULL, team TEXT, time INTEGER NOT NULL,
          evidence TEXT NOT NULL, PRIMARY KEY (programme, kind, entity)) WITHOUT ROWID;
        CREATE INDEX deedByTime ON deed (programme, kind, time);
        CREATE TABLE caseTeam (
          programme TEXT NOT NULL, caseID TEXT NOT NULL, team TEXT NOT NULL, PRIMARY KEY (programme, caseID)
        ) WITHOUT ROWID;
        CREATE TABLE counterWeek (
          programme TEXT NOT NULL, metric TEXT NOT NULL, week INTEGER NOT NULL, team TEXT NOT NULL, value REAL NOT NULL,
          PRIMARY KEY (programme, metric, week, team)) WITHOUT ROWID;
        CREATE TABLE flaggedWarning (
          programme TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE partnership (
          programme TEXT NOT NULL, id TEXT NOT NULL, riskUsed TEXT NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (programme, id)) WITHOUT ROWID;
        CREATE TABLE safeHarbour (
          programme TEXT NOT NULL, id TEXT NOT NULL, untilTime INTEGER NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (programme, id)) WITHOUT ROWID;
        CREATE TABLE ledgerEntry (
          programme TEXT NOT NULL, time INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (programme, time, id)) WITHOUT ROWID;
        CREATE TABLE balance (
          programme TEXT NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL,
          PRIMARY KEY (programme, account, currency)) WITHOUT ROWID;
        """
    )
  ]
}
