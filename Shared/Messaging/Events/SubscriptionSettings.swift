/// Bounds and waiting times of a subscription.
package struct SubscriptionSettings: Sendable {
  /// Live frames kept while those before them are being pulled. Beyond it the live feed is left.
  package var reorderBufferBytes = 8 << 20
  /// Delivered to the sink and not yet committed by it. A pull is never granted more; the live feed is left beyond it.
  package var deliveryWindowBytes = 16 << 20
  /// A gap waits a random part of this before it is pulled: what was only reordered arrives by itself, and one lost
  /// frame doesn't bring all subscribers to the journal at once.
  package var gapPatience: Duration = .milliseconds(20)
  /// A subscription from which nothing was received for this long is asked for again.
  package var proofLimit: Duration = .seconds(3)
  /// A live feed that was silent for this long is doubted. Publishers send their heads each second.
  package var silenceLimit: Duration = .milliseconds(3500)
  /// A pull that has credit and brings nothing for this long is given up and repeated.
  package var pullStallLimit: Duration = .seconds(10)
  package var firstBackoff: Duration = .milliseconds(50)
  package var longestBackoff: Duration = .seconds(2)
  /// How often in a row the same place may turn out damaged, or a batch fail for a reason that won't pass, before the
  /// subscription ends: what was damaged on the way is sound the next time, what is damaged on a disk never is.
  package var mostLastingFailures = 5
  /// Whether the sink can start from a snapshot where the journal no longer reaches back far enough.
  package var takesSnapshots = false

  package init() {}
}

/// Why a subscription ended for good. Each needs a person: going on would lose or mix facts.
package enum SubscriptionFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The publisher's history is not the one that was applied: it was restored, replaced or damaged.
  case diverged(String)
  /// Records can't be read, however often they are asked for. None was skipped.
  case damaged(String)
  /// The sink takes no batch, for a reason that won't pass. Nothing of the batch was applied.
  case rejected(String)
  /// The journal no longer reaches back to the cursor, and the sink can't take a snapshot.
  case trimmed(String)
  /// The publisher doesn't let this consumer read the stream.
  case forbidden(String)
  /// The publisher found the request itself wrong; repeating it can't help.
  case refused(String)

  package var description: String {
    switch self {
    case .diverged(let message): "diverged: \(message)"
    case .damaged(let message): "damaged: \(message)"
    case .rejected(let message): "rejected: \(message)"
    case .trimmed(let message): "trimmed: \(message)"
    case .forbidden(let message): "forbidden: \(message)"
    case .refused(let message): "refused: \(message)"
    }
  }
}

/// Where a subscription stands.
package enum SubscriptionPhase: Hashable, Sendable {
  /// Not started.
  case idle
  /// The sink replaces its state by a snapshot, because the journal no longer reaches back to its cursor.
  case snapshot
  /// Reading the journal, with the live feed off: at the start, and whenever the sink is slower than the feed.
  case pulling
  /// The live feed is asked for or on, and what is missing before its frames is being pulled.
  case overlapping
  /// Nothing is missing; frames come from the live feed.
  case live
  case failed(SubscriptionFailure)

  /// Whether it can't go on without a person.
  package var hasFailed: Bool {
    if case .failed = self { true } else { false }
  }

  /// A word for metrics and health.
  package var word: String {
    switch self {
    case .idle: "idle"
    case .snapshot: "snapshot"
    case .pulling: "pulling"
    case .overlapping: "overlapping"
    case .live: "live"
    case .failed: "failed"
    }
  }
}

/// Counts since the subscription began.
package struct SubscriptionCounters: Hashable, Sendable {
  package var framesDelivered: UInt64 = 0
  package var recordsDelivered: UInt64 = 0
  /// Frames that had been delivered or buffered before.
  package var duplicateFrames: UInt64 = 0
  /// Live frames not kept: the feed was off, or a buffer full. A pull brings them again.
  package var droppedFrames: UInt64 = 0
  /// Frames of other streams or instances.
  package var foreignFrames: UInt64 = 0
  /// Times that something was missing in the live feed.
  package var gaps: UInt64 = 0
  /// Times that the live feed was left because the sink was slower.
  package var lags: UInt64 = 0
  /// Times that the live feed fell silent.
  package var silences: UInt64 = 0
  package var pulls: UInt64 = 0
  package var pullFailures: UInt64 = 0
  package var subscriptions: UInt64 = 0
  package var snapshots: UInt64 = 0

  package init() {}
}
