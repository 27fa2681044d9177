import CoreMetrics

/// The store's metrics, each recorded once per commit.
struct StoreMeters: Sendable {
  /// From the last command's end until the commit is durable.
  let commitDuration: Timer
  let commandsPerCommit: Recorder
  let journalBytesPerCommit: Recorder
  let records: Counter
  let failedCommands: Counter
  let failedCommits: Counter

  init(factory: any MetricsFactory) {
    commitDuration = Timer(label: "groundswell_store_commit_seconds", factory: factory)
    commandsPerCommit = Recorder(label: "groundswell_store_commit_commands", factory: factory)
    journalBytesPerCommit = Recorder(label: "groundswell_store_commit_journal_bytes", factory: factory)
    records = Counter(label: "groundswell_store_records_total", factory: factory)
    failedCommands = Counter(label: "groundswell_store_failed_commands_total", factory: factory)
    failedCommits = Counter(label: "groundswell_store_failed_commits_total", factory: factory)
  }
}
