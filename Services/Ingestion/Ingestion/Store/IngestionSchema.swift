import Storage

/// The service's own tables. Times are milliseconds since 1970, days are counted from there.
enum IngestionSchema {
  static let migrations: [Migration] = [Migration("ingestion.1", sql: first)]

  private static let first = """
    -- Replica of the directory.
    CREATE TABLE programme (
      id TEXT PRIMARY KEY, default_language TEXT NOT NULL, time_zone TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE team (
      programme TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (programme, id)
    ) WITHOUT ROWID;

    -- One row for each source and id. The row outlives the words, so that what was erased can't come back.
    CREATE TABLE feedback (
      arrival INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      programme TEXT NOT NULL,
      channel TEXT NOT NULL,
      team TEXT,
      revision INTEGER NOT NULL,
      -- Where feedback.recorded stands in the journal.
      position INTEGER NOT NULL,
      erased_at INTEGER,
      -- The body of the latest feedback.recorded or feedback.revised; NULL once erased.
      body BLOB
    );
    CREATE INDEX feedback_of_programme ON feedback (programme, arrival) WHERE erased_at IS NULL;
    CREATE INDEX feedback_of_channel ON feedback (programme, channel, arrival) WHERE erased_at IS NULL;
    CREATE INDEX feedback_of_team ON feedback (programme, team, arrival) WHERE erased_at IS NULL AND team IS NOT NULL;
    CREATE INDEX feedback_of_team_and_channel ON feedback (programme, team, channel, arrival)
      WHERE erased_at IS NULL AND team IS NOT NULL;

    -- What sources sent, apart from what was made of it: it can be read again by better rules, and erased by itself.
    CREATE TABLE raw_payload (
      feedback INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      -- Of the record that was made of it.
      position INTEGER NOT NULL,
      payload BLOB,
      PRIMARY KEY (feedback, revision)
    );

    -- Observations and counts of interactions that were taken, by source and id.
    CREATE TABLE taken_event (id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;

    -- How many contacts there were, as each source last said.
    CREATE TABLE interaction_count (
      programme TEXT NOT NULL, channel TEXT NOT NULL, day INTEGER NOT NULL, team TEXT NOT NULL, source TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (programme, channel, day, team, source)
    ) WITHOUT ROWID;

    -- Interactions that something was heard of, by keyed hash, and on which day first.
    CREATE TABLE heard_interaction (
      programme TEXT NOT NULL, channel TEXT NOT NULL, interaction TEXT NOT NULL,
      PRIMARY KEY (programme, channel, interaction)
    ) WITHOUT ROWID;

    CREATE TABLE channel_day (
      programme TEXT NOT NULL, channel TEXT NOT NULL, day INTEGER NOT NULL,
      -- Feedback that happened on the day, and interactions first heard of by it.
      feedback INTEGER NOT NULL, heard INTEGER NOT NULL,
      -- Feedback that arrived on the day.
      arrived INTEGER NOT NULL,
      PRIMARY KEY (programme, channel, day)
    ) WITHOUT ROWID;
    CREATE TABLE channel (
      programme TEXT NOT NULL, channel TEXT NOT NULL, last_received_at INTEGER NOT NULL, is_silent INTEGER NOT NULL,
      PRIMARY KEY (programme, channel)
    ) WITHOUT ROWID;

    -- Records whose words are to be erased but that were not in the journal's table yet when that was asked for.
    CREATE TABLE erasure_due (position INTEGER PRIMARY KEY);

    CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    """
}
