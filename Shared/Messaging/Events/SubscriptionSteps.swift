package import Contracts
package import Records

/// Where a subscription begins.
package enum SubscriptionStart: Hashable, Sendable {
  /// With the first record of the journal.
  case beginning
  /// After what the sink has committed.
  case cursor(Cursor)
  /// After a position that a person chose, whose chain hash isn't known.
  case after(UInt64)
}

/// What happens to a subscription.
package enum SubscriptionInput<Frame: HistoryFrame>: Sendable {
  case started(SubscriptionStart)
  /// Frames of records from the live feed, in the order of their arrival.
  case liveFrames([Frame])
  /// A heartbeat or a welcome from the live feed.
  case liveHead(HeadVector)
  /// The live feed lost frames on this side, its inbox being full.
  case liveOverflowed
  /// The connection that carries the live feed went away.
  case disconnected
  case pulled(id: UInt64, frames: [Frame])
  /// The pull reached the journal's head, as it was then.
  case pullEnded(id: UInt64, head: HeadVector)
  case pullFailed(id: UInt64, Fault)
  /// The sink committed everything up to and including the position.
  case applied(UInt64)
  /// The sink says that its cursor is elsewhere; whatever was delivered and not committed is void.
  case rewound(Cursor)
  case snapshotTaken(Cursor)
  case snapshotFailed(Fault)
  /// Someone who looked closer, at sequences say, found that this can't go on.
  case condemned(SubscriptionFailure)
  /// The time that `wakeUp` asked for has come.
  case timer
}

/// What a subscription wants done.
package enum SubscriptionEffect<Frame: HistoryFrame>: Sendable {
  /// Ask for the live feed; when it is already asked for, ask again.
  case subscribe
  case unsubscribe
  /// Read the journal. At most one pull is under way.
  case pull(PullRequest)
  /// The pull may bring this many bytes more.
  case grant(id: UInt64, bytes: Int)
  /// Stop the pull; whatever it still brings is ignored.
  case cancelPull(id: UInt64)
  /// Hand to the sink, in this order, after everything handed over before.
  case apply([FrameSlice<Frame>])
  /// Let the sink replace its state, after everything handed over before.
  case takeSnapshot
  case fail(SubscriptionFailure)
}

/// A bounded read of a journal from a place up to its head.
package struct PullRequest: Hashable, Sendable {
  package let id: UInt64
  package let after: HistoryMark
  /// Epoch of the newest record that was delivered; nil as long as nothing was.
  package let epoch: UInt64?
  /// How much may come before more is granted. One frame may overdraw it.
  package let creditBytes: Int
}
