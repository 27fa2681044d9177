package import Contracts

/// Which records of a journal may go, and which must. The last frame always stays: it says where the journal ends.
package struct RetentionPolicy: Hashable, Sendable {
  /// Records that every follower has applied are kept for so long; nil for ever.
  package var keep: Duration?
  /// Older records go whoever still needs them; nil for never.
  package var mostAge: Duration?
  /// While the frames of all the store's journals have more bytes together, the oldest of them go whoever still needs
  /// them; nil for never. What the store holds besides its journals doesn't count: trimming makes it no smaller.
  package var mostBytes: Int64?

  package init(keep: Duration? = nil, mostAge: Duration? = nil, mostBytes: Int64? = nil) {
    self.keep = keep
    self.mostAge = mostAge
    self.mostBytes = mostBytes
  }

  package var keepsEverything: Bool { keep == nil && mostAge == nil && mostBytes == nil }

  /// Whether a frame goes for its age.
  /// - Parameters:
  ///   - last: its last position.
  ///   - commitTime: when it was written.
  ///   - applied: what every follower has applied; nil where one of them has never said.
  package func drops(_ last: UInt64, of commitTime: Timestamp, applied: UInt64?, now: Timestamp) -> Bool {
    if let mostAge, commitTime < now - mostAge { return true }
    guard let keep, let applied else { return false }
    return last <= applied && commitTime < now - keep
  }
}
