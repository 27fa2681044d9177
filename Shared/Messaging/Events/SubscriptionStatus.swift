package import Contracts

/// What is known of a subscription from its machine alone.
package struct SubscriptionSummary: Hashable, Sendable {
  package var phase: SubscriptionPhase
  package var counters: SubscriptionCounters
  /// Epoch of the newest record delivered; nil before the first.
  package var epoch: UInt64?
  /// The last record that the sink has committed.
  package var appliedPosition: UInt64
  /// The newest record that the publisher is known to have.
  package var headPosition: UInt64
  /// Records known of and not committed here.
  package var lagRecords: UInt64
  /// Why the last pull or snapshot failed, until one succeeds.
  package var lastFault: Fault?
  /// When the oldest record that was delivered and not committed here was committed by its publisher.
  package var oldestUnapplied: Timestamp?
  /// Since when records are known of that haven't been delivered.
  package var missingSince: MonotonicInstant?

  /// The age of the oldest record that is known of and not committed: by its commit time if it was delivered, else
  /// since it was known to be missing.
  package func lag(now: MonotonicInstant, wallTime: Timestamp) -> Duration {
    if let oldestUnapplied { return max(.zero, wallTime - oldestUnapplied) }
    if let missingSince { return max(.zero, now - missingSince) }
    return .zero
  }
}

/// How a subscription is doing, for metrics and health.
package struct SubscriptionStatus: Sendable {
  package var summary: SubscriptionSummary
  /// Age of the oldest record that is known of and not committed here.
  package var lag: Duration
  /// Live messages that were damaged on the way.
  package var damagedMessages: UInt64
  package var batchesApplied: UInt64
  package var recordsApplied: UInt64
  /// Failures of the sink in a row.
  package var sinkFailures: Int
  package var lastSinkError: String?
}

/// How a subscription ended.
package enum SubscriptionEnd: Hashable, Sendable {
  /// It was told to. The batch that was in hand is committed.
  case stopped
  /// It can't go on without a person.
  case failed(SubscriptionFailure)
}
