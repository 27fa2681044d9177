package import Storage

/// The tables of LoopClosure's store. Whole values stand as JSON in `body`, beside the columns they are found by;
/// times are milliseconds since 1970. A `tickAt` or `dueAt` is when a timer has something to do: what is due survives
/// any restart because it is nowhere else.
package enum LoopClosureSchema {
  package static let migrations = [
    Migration("loop-closure.1", sql: directory + cases + outerLoop + ideas + tests + telling),
    Migration("loop-closure.2", sql: erasure),
  ]

  /// Where the rows of each table belong when a programme moves to another instance.
  package static let tables =
    PartitionedTable.ofEveryone(["programme", "team", "employee"])
    // Places in this store's own journal.
    + PartitionedTable.ofOwnJournal(["caseRecord"])
    + PartitionedTable.ofProgrammes([
      "opportunity", "feedback", "erasedFeedback", "lowScore", "serviceCase", "outerItem", "closure", "idea",
      "ideaSupporter", "searchTerm", "adoption", "experiment", "observation", "metricEvidence", "safeHarbour", "grave",
      "tribute", "notice", "optOut", "huddle",
    ])

  private static let directory = """
    CREATE TABLE programme (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE team (
      programme TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE TABLE employee (
      programme TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE TABLE opportunity (
      programme TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, mergedInto TEXT,
      PRIMARY KEY (programme, id)) WITHOUT ROWID;
    CREATE INDEX opportunityMerged ON opportunity (programme, mergedInto) WHERE mergedInto IS NOT NULL;

    """

  private static let cases = """
    CREATE TABLE feedback (
      programme TEXT NOT NULL, id TEXT NOT NULL, team TEXT, occurredAt INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (programme, id));
    CREATE INDEX feedbackOfTeam ON feedback (programme, team, occurredAt);
    CREATE TABLE lowScore (
      programme TEXT NOT NULL, feedback TEXT NOT NULL, PRIMARY KEY (programme, feedback)) WITHOUT ROWID;
    CREATE TABLE serviceCase (
      programme TEXT NOT NULL, id TEXT NOT NULL, feedback TEXT NOT NULL, team TEXT, state TEXT NOT NULL,
      priority REAL NOT NULL, customer TEXT, cause TEXT, openedAt INTEGER NOT NULL, tickAt INTEGER, body BLOB NOT NULL,
      PRIMARY KEY (programme, id));
    CREATE INDEX caseByPriority ON serviceCase (programme, priority DESC, openedAt);
    CREATE INDEX caseByState ON serviceCase (programme, state, priority DESC, openedAt);
    CREATE INDEX caseByTeam ON serviceCase (programme, team, state, priority DESC, openedAt);
    CREATE INDEX caseByFeedback ON serviceCase (programme, feedback);
    CREATE INDEX caseByCause ON serviceCase (programme, cause, openedAt) WHERE cause IS NOT NULL;
    CREATE INDEX caseByOpening ON serviceCase (programme, openedAt);
    CREATE INDEX caseTick ON serviceCase (tickAt) WHERE tickAt IS NOT NULL;
    CREATE TABLE caseRecord (
      programme TEXT NOT NULL, caseID TEXT NOT NULL, position INTEGER NOT NULL, isToErase INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (programme, caseID, position)) WITHOUT ROWID;
    CREATE INDEX caseRecordToErase ON caseRecord (position) WHERE isToErase = 1;

    """

  private static let outerLoop = """
    CREATE TABLE outerItem (
      programme TEXT NOT NULL, id TEXT NOT NULL, cause TEXT, opportunity TEXT, isDecided INTEGER NOT NULL,
      raisedAt INTEGER NOT NULL, decisionDue INTEGER NOT NULL, firstDecidedAt INTEGER, tickAt INTEGER,
      body BLOB NOT NULL, PRIMARY KEY (programme, id));
    CREATE INDEX outerItemByAge ON outerItem (programme, isDecided, raisedAt);
    CREATE INDEX outerItemByCause ON outerItem (programme, cause, raisedAt) WHERE cause IS NOT NULL;
    CREATE INDEX outerItemByOpportunity ON outerItem (programme, opportunity, raisedAt) WHERE opportunity IS NOT NULL;
    CREATE INDEX outerItemByDue ON outerItem (programme, decisionDue);
    CREATE INDEX outerItemTick ON outerItem (tickAt) WHERE tickAt IS NOT NULL;
    CREATE TABLE closure (
      programme TEXT NOT NULL, subject TEXT NOT NULL, openedAt INTEGER NOT NULL, dueAt INTEGER NOT NULL,
      completedAt INTEGER, body BLOB NOT NULL, PRIMARY KEY (programme, subject));
    CREATE INDEX closureByAge ON closure (programme, openedAt);

    """

  private static let ideas = """
    CREATE TABLE idea (
      programme TEXT NOT NULL, id TEXT NOT NULL, team TEXT, state TEXT NOT NULL, opportunity TEXT,
      canonical TEXT NOT NULL, mergedInto TEXT, stateBeforeMerge TEXT, submittedAt INTEGER NOT NULL, tickAt INTEGER,
      body BLOB NOT NULL, PRIMARY KEY (programme, id));
    CREATE INDEX ideaByAge ON idea (programme, submittedAt);
    CREATE INDEX ideaByState ON idea (programme, state, submittedAt);
    CREATE INDEX ideaByTeam ON idea (programme, team, submittedAt);
    CREATE INDEX ideaByOpportunity ON idea (programme, opportunity) WHERE opportunity IS NOT NULL;
    CREATE INDEX ideaByParent ON idea (programme, mergedInto) WHERE mergedInto IS NOT NULL;
    CREATE INDEX ideaByCanonical ON idea (programme, canonical);
    CREATE INDEX ideaTick ON idea (tickAt) WHERE tickAt IS NOT NULL;
    CREATE TABLE ideaSupporter (
      programme TEXT NOT NULL, idea TEXT NOT NULL, number INTEGER NOT NULL, supporter TEXT NOT NULL,
      PRIMARY KEY (programme, idea, number), UNIQUE (programme, idea, supporter)) WITHOUT ROWID;
    CREATE TABLE searchTerm (
      programme TEXT NOT NULL, kind TEXT NOT NULL, term TEXT NOT NULL, document TEXT NOT NULL,
      PRIMARY KEY (programme, kind, term, document)) WITHOUT ROWID;
    CREATE TABLE adoption (
      programme TEXT NOT NULL, idea TEXT NOT NULL, team TEXT NOT NULL, state TEXT NOT NULL, tickAt INTEGER,
      body BLOB NOT NULL, PRIMARY KEY (programme, idea, team));
    CREATE INDEX adoptionTick ON adoption (tickAt) WHERE tickAt IS NOT NULL;

    """

  private static let tests = """
    CREATE TABLE experiment (
      programme TEXT NOT NULL, id TEXT NOT NULL, team TEXT NOT NULL, idea TEXT, track TEXT NOT NULL,
      state TEXT NOT NULL, month TEXT NOT NULL, startedAt INTEGER NOT NULL, concludedAt INTEGER, reviewAt INTEGER,
      tickAt INTEGER, body BLOB NOT NULL, PRIMARY KEY (programme, id));
    CREATE INDEX experimentByAge ON experiment (programme, startedAt);
    CREATE INDEX experimentByState ON experiment (programme, state, startedAt);
    CREATE INDEX experimentByTeam ON experiment (programme, team, startedAt);
    CREATE INDEX experimentByMonth ON experiment (programme, team, month) WHERE track = 'licence';
    CREATE INDEX experimentByEnd ON experiment (programme, concludedAt) WHERE concludedAt IS NOT NULL;
    CREATE INDEX experimentByIdea ON experiment (programme, idea) WHERE idea IS NOT NULL;
    CREATE INDEX experimentReview ON experiment (reviewAt) WHERE reviewAt IS NOT NULL;
    CREATE INDEX experimentTick ON experiment (tickAt) WHERE tickAt IS NOT NULL;
    CREATE TABLE observation (
      programme TEXT NOT NULL, experiment TEXT NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL, arm TEXT NOT NULL,
      number INTEGER NOT NULL, happened INTEGER NOT NULL, PRIMARY KEY (programme, experiment, metric, unit)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX observationInOrder ON observation (programme, experiment, metric, arm, number, happened);
    CREATE TABLE metricEvidence (
      programme TEXT NOT NULL, experiment TEXT NOT NULL, metric TEXT NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (programme, experiment, metric)) WITHOUT ROWID;
    CREATE TABLE safeHarbour (
      programme TEXT NOT NULL, experiment TEXT NOT NULL, untilTime INTEGER NOT NULL,
      PRIMARY KEY (programme, experiment)) WITHOUT ROWID;
    CREATE TABLE grave (
      programme TEXT NOT NULL, id TEXT NOT NULL, experiment TEXT, team TEXT, died INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (programme, id));
    CREATE INDEX graveByAge ON grave (programme, died);
    CREATE INDEX graveByExperiment ON grave (programme, experiment) WHERE experiment IS NOT NULL;
    CREATE TABLE tribute (
      programme TEXT NOT NULL, grave TEXT NOT NULL, visitor TEXT NOT NULL, paidAt INTEGER NOT NULL,
      PRIMARY KEY (programme, grave, visitor)) WITHOUT ROWID;
    CREATE INDEX tributeByAge ON tribute (programme, paidAt);

    """

  /// What was withdrawn stays withdrawn, whichever instance of Ingestion tells of it again. Records are found by the
  /// feedback that they quote, so that they can be erased where the case itself has moved.
  private static let erasure = """
    CREATE TABLE erasedFeedback (
      programme TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (programme, id)) WITHOUT ROWID;
    ALTER TABLE caseRecord ADD COLUMN feedback TEXT;
    UPDATE caseRecord SET feedback = c.feedback FROM serviceCase AS c
    WHERE c.programme = caseRecord.programme AND c.id = caseRecord.caseID;
    CREATE INDEX caseRecordByFeedback ON caseRecord (programme, feedback);
    """

  private static let telling = """
    CREATE TABLE notice (
      programme TEXT NOT NULL, recipient TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (programme, recipient, number)) WITHOUT ROWID;
    CREATE TABLE optOut (
      programme TEXT NOT NULL, recipient TEXT NOT NULL, PRIMARY KEY (programme, recipient)) WITHOUT ROWID;
    CREATE TABLE huddle (
      programme TEXT NOT NULL, team TEXT NOT NULL, heldAt INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (programme, team, heldAt, id)) WITHOUT ROWID;
    """
}
