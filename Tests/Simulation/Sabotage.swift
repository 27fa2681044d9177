/// A guarantee that is broken on purpose, around the product and never in it, to prove that the checker would notice.
package enum Sabotage: String, CaseIterable, Sendable {
  /// A consumer commits what it made of records, but not that it has them.
  case skipCursorUpdate
  /// Frames are published, and requests acknowledged, before the commit is on the disk.
  case publishBeforeCommit
  /// A subscription goes on behind a hole.
  case acceptGap
  /// Neither side compares the hashes of histories.
  case dropChainCheck
  /// A service forgets which requests it has answered, so a command that is repeated is done again.
  case forgetRequests
  /// A consumer applies a batch twice.
  case applyTwice
  /// A partition is adopted without what its old owner had read, so the new one reads all of it once more.
  case forgetReading
}
