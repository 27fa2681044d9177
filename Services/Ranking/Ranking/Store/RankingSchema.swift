package import Storage

/// Ranking's tables. All are keyed by programme first. No table has room for a score, and no stream that carries one
/// is read.
package enum RankingSchema {
  package static let migrations = [
    Migration("ranking.1", sql: directory + model + feedback + opportunities + credits + disruptions),
    Migration("ranking.2", sql: needs),
    Migration("ranking.3", sql: refreshing),
  ]

  /// Where the rows of each table belong when a programme moves to another instance.
  package static let tables =
    PartitionedTable.ofEveryone(["programme", "team", "employee"])
    // Places in this store's own journal.
    + PartitionedTable.ofOwnJournal(["quotation", "bodyToErase"])
    + PartitionedTable.ofProgrammes(["feedback", "credit"], ownColumns: ["number"])
    + PartitionedTable.ofProgrammes([
      "model", "termSnapshot", "termChange", "theme", "erasedFeedback", "programmeDay", "opportunity",
      "opportunityCustomer", "opportunityFacet", "opportunityDay", "opportunityIdea", "idea", "test", "goalReached",
      "standing", "disruption", "disruptionScan",
    ])

  private static let directory = """
    CREATE TABLE programme (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE team (
      programme TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE TABLE employee (
      programme TEXT NOT NULL, id TEXT NOT NULL, team TEXT NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE INDEX employeeByTeam ON employee (programme, team);
    """

  /// A theme that no longer takes in feedback, merged or retired, has isLive = 0 and keeps its terms.
  /// Term counts are a snapshot and the changes since, by version of the model.
  private static let model = """
    CREATE TABLE model (
      programme TEXT PRIMARY KEY, version INTEGER NOT NULL, clock INTEGER NOT NULL, items INTEGER NOT NULL,
      nextNumber INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE termSnapshot (programme TEXT PRIMARY KEY, version INTEGER NOT NULL, counts BLOB NOT NULL);
    CREATE TABLE termChange (
      programme TEXT NOT NULL, version INTEGER NOT NULL, counts BLOB NOT NULL,
      PRIMARY KEY (programme, version)) WITHOUT ROWID;
    CREATE TABLE theme (
      programme TEXT NOT NULL, number INTEGER NOT NULL, isLive INTEGER NOT NULL, isOpportunity INTEGER NOT NULL,
      isProtected INTEGER NOT NULL, items INTEGER NOT NULL, lastItem INTEGER NOT NULL, length REAL NOT NULL,
      terms BLOB NOT NULL, PRIMARY KEY (programme, number));
    CREATE INDEX liveTheme ON theme (programme) WHERE isLive;
    """

  /// home is the theme that an item was filed in, theme the one it counts in since merges.
  private static let feedback = """
    CREATE TABLE feedback (
      number INTEGER PRIMARY KEY, programme TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
      theme INTEGER, home INTEGER, scale REAL NOT NULL, similarity REAL NOT NULL, severity REAL NOT NULL,
      language TEXT NOT NULL, text TEXT NOT NULL, channel TEXT NOT NULL, team TEXT, touchpoint TEXT, customer TEXT,
      occurredAt INTEGER NOT NULL, UNIQUE (programme, id));
    CREATE INDEX feedbackByTheme ON feedback (programme, theme, occurredAt, number) WHERE theme IS NOT NULL;
    CREATE TABLE erasedFeedback (
      programme TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE TABLE programmeDay (
      programme TEXT NOT NULL, day INTEGER NOT NULL, items INTEGER NOT NULL,
      PRIMARY KEY (programme, day)) WITHOUT ROWID;
    """

  private static let opportunities = """
    CREATE TABLE opportunity (
      programme TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL,
      isNamedByPerson INTEGER NOT NULL DEFAULT 0, keywords BLOB NOT NULL, quotes BLOB NOT NULL,
      items INTEGER NOT NULL DEFAULT 0, knownCustomers INTEGER NOT NULL DEFAULT 0,
      returningCustomers INTEGER NOT NULL DEFAULT 0, itemsWithoutCustomer INTEGER NOT NULL DEFAULT 0,
      severitySum REAL NOT NULL DEFAULT 0, similaritySum REAL NOT NULL DEFAULT 0,
      recent INTEGER NOT NULL DEFAULT 0, before INTEGER NOT NULL DEFAULT 0, weeksBefore REAL NOT NULL DEFAULT 0,
      nearness REAL NOT NULL DEFAULT 0, value REAL NOT NULL DEFAULT 0, weekly BLOB NOT NULL,
      openedAt INTEGER NOT NULL, lastSeenAt INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open',
      isPinned INTEGER NOT NULL DEFAULT 0, mergedInto INTEGER, effort REAL,
      isStale INTEGER NOT NULL DEFAULT 1, describedItems INTEGER NOT NULL DEFAULT 0,
      publishedItems INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (programme, number));
    CREATE UNIQUE INDEX opportunityByID ON opportunity (programme, id);
    CREATE INDEX opportunityByState ON opportunity (programme, state, value);
    CREATE INDEX opportunityByParent ON opportunity (programme, mergedInto) WHERE mergedInto IS NOT NULL;
    CREATE INDEX staleOpportunity ON opportunity (programme, number) WHERE isStale;
    CREATE TABLE opportunityCustomer (
      programme TEXT NOT NULL, number INTEGER NOT NULL, customer TEXT NOT NULL, items INTEGER NOT NULL,
      PRIMARY KEY (programme, number, customer)) WITHOUT ROWID;
    CREATE TABLE opportunityFacet (
      programme TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
      items INTEGER NOT NULL, PRIMARY KEY (programme, number, kind, value)) WITHOUT ROWID;
    CREATE TABLE opportunityDay (
      programme TEXT NOT NULL, number INTEGER NOT NULL, day INTEGER NOT NULL, items INTEGER NOT NULL,
      PRIMARY KEY (programme, number, day)) WITHOUT ROWID;
    CREATE TABLE opportunityIdea (
      programme TEXT NOT NULL, opportunity TEXT NOT NULL, idea TEXT NOT NULL,
      PRIMARY KEY (programme, opportunity, idea)) WITHOUT ROWID;
    CREATE TABLE quotation (
      programme TEXT NOT NULL, feedback TEXT NOT NULL, position INTEGER NOT NULL, number INTEGER NOT NULL,
      PRIMARY KEY (programme, feedback, position, number)) WITHOUT ROWID;
    CREATE TABLE bodyToErase (position INTEGER PRIMARY KEY);
    """

  private static let credits = """
    CREATE TABLE idea (
      programme TEXT NOT NULL, id TEXT NOT NULL, canonical TEXT NOT NULL, person TEXT NOT NULL, week INTEGER NOT NULL,
      opportunity TEXT, submittedAt INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE INDEX ideaByCanonical ON idea (programme, canonical);
    CREATE INDEX ideaByPerson ON idea (programme, person, week);
    CREATE INDEX ideaByTime ON idea (programme, submittedAt);
    CREATE TABLE test (
      programme TEXT NOT NULL, id TEXT NOT NULL, opportunity TEXT, startedAt INTEGER NOT NULL,
      wasCareless INTEGER NOT NULL DEFAULT 0, body BLOB, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE INDEX testByTime ON test (programme, startedAt);
    CREATE TABLE credit (
      number INTEGER PRIMARY KEY, programme TEXT NOT NULL, id TEXT NOT NULL, deed TEXT NOT NULL,
      deedReason TEXT NOT NULL, team TEXT NOT NULL, employee TEXT, amount REAL NOT NULL, at INTEGER NOT NULL,
      body BLOB NOT NULL, UNIQUE (programme, id));
    CREATE INDEX creditByDeed ON credit (programme, deed);
    CREATE INDEX creditByTime ON credit (programme, at);
    CREATE INDEX creditByTeam ON credit (programme, team, at);
    CREATE INDEX creditByEmployee ON credit (programme, employee, at) WHERE employee IS NOT NULL;
    CREATE TABLE goalReached (
      programme TEXT NOT NULL, goal TEXT NOT NULL, team TEXT NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (programme, goal)) WITHOUT ROWID;
    CREATE TABLE standing (
      programme TEXT PRIMARY KEY, isChanged INTEGER NOT NULL DEFAULT 1, publishedAt INTEGER, body BLOB) WITHOUT ROWID;
    """

  private static let disruptions = """
    CREATE TABLE disruption (
      programme TEXT NOT NULL, id TEXT NOT NULL, subject TEXT NOT NULL, startedAt INTEGER NOT NULL,
      detectedAt INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE INDEX disruptionByTime ON disruption (programme, startedAt);
    CREATE INDEX disruptionBySubject ON disruption (programme, subject, startedAt);
    CREATE TABLE disruptionScan (programme TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
    """

  /// Opportunities count the items that say a need. Each counts what was filed in it and in what it absorbed.
  private static let needs = """
    ALTER TABLE opportunity ADD COLUMN needs INTEGER NOT NULL DEFAULT 0;
    WITH RECURSIVE
      family (programme, root, number) AS (
        SELECT programme, number, number FROM opportunity
        UNION ALL
        SELECT f.programme, f.root, o.number FROM family AS f
        JOIN opportunity AS o ON o.programme = f.programme AND o.mergedInto = f.number),
      need (programme, number, items) AS (
        SELECT f.programme, f.root, count(*) FROM feedback AS b
        JOIN family AS f ON f.programme = b.programme AND f.number = b.home
        WHERE b.severity >= 0.3 GROUP BY f.programme, f.root)
    UPDATE opportunity SET needs = need.items FROM need
    WHERE need.programme = opportunity.programme AND need.number = opportunity.number;
    UPDATE opportunity SET isStale = 1 WHERE state = 'open';
    """

  /// Places in the queue of opportunities whose figures are to be worked out anew, over all programmes; 0 for those that
  /// aren't in it.
  private static let refreshing = """
    DROP INDEX staleOpportunity;
    ALTER TABLE opportunity RENAME COLUMN isStale TO refreshPlace;
    CREATE INDEX opportunityByRefreshPlace ON opportunity (refreshPlace, programme, number)
      WHERE refreshPlace > 0;
    """
}
