/// What the store can do at the moment.
package enum StoreHealth: Sendable {
  case ready
  /// The last commit found no room on the disk. Reads go on; the next commit that finds room makes it `.ready` again.
  case full(StoreError)
  /// The disk failed while writing. Reads go on; no more writes until the process is restarted.
  case failed(StoreError)
  case closed
}

extension StoreHealth {
  /// Why the store can't do all that it should; nil where it can, or is closed in order.
  package var problem: StoreError? {
    switch self {
    case .ready, .closed: nil
    case .full(let error), .failed(let error): error
    }
  }
}

/// What the store has done since it was opened.
package struct StoreStatistics: Hashable, Sendable {
  /// Transactions that became durable.
  package internal(set) var commits: UInt64 = 0
  /// Transactions that could not be committed.
  package internal(set) var failedCommits: UInt64 = 0
  /// Commands in durable transactions, without those that threw.
  package internal(set) var commands: UInt64 = 0
  /// Commands that threw and were undone.
  package internal(set) var failedCommands: UInt64 = 0
  /// Records written to journals.
  package internal(set) var records: UInt64 = 0
  package internal(set) var checkpoints: UInt64 = 0
  /// Pages of 4 KiB in the write-ahead log after the last commit. When it keeps growing, some reader never ends.
  package internal(set) var writeAheadLogPages = 0
  /// Commands that wait right now.
  package internal(set) var queueDepth = 0
}
