package import Contracts
import Records

/// A subscription to one publisher's stream, as a value: what to do next, given what has happened so far.
///
/// It holds no socket, clock, lock or task; time is an argument and chance is a seeded generator, so a whole history
/// of losses and restarts can be replayed from a number. What it promises: every record is handed over exactly once,
/// in order, as part of one history, and a history that is not the one begun with ends it. What makes it the same
/// history is the chain hash alone: after a restore from a backup the epoch changes, yet for a consumer that was no
/// further than the backup, the records that follow continue exactly what it has.
///
/// The way: pull the journal with the live feed off; at its head ask for the live feed; once something has come
/// through the feed (only that proves that the subscription arrived) pull what was published in between; merge by
/// position; stay live. A gap is pulled while live frames wait in a bounded buffer. A sink slower than the feed
/// makes it leave the feed and pull at the sink's pace.
package struct SubscriptionMachine<Frame: HistoryFrame>: Sendable {
  package typealias Input = SubscriptionInput<Frame>
  package typealias Effect = SubscriptionEffect<Frame>

  package let stream: StreamName
  package let instance: UInt16
  package let settings: SubscriptionSettings

  package internal(set) var phase = SubscriptionPhase.idle
  package internal(set) var counters = SubscriptionCounters()
  /// Epoch of the newest record that was delivered; nil until there is one.
  package internal(set) var epoch: UInt64?
  /// The end of what was handed to the sink.
  package internal(set) var delivered = HistoryMark.beginning
  /// The end of what the sink has committed.
  package internal(set) var appliedPosition: UInt64 = 0
  /// The newest position that the publisher is known to have reached.
  package internal(set) var headPosition: UInt64 = 0
  /// The last failed pull or snapshot, until one succeeds.
  package internal(set) var lastFault: Fault?

  var feed = Feed.off
  var pull = Pull.none
  /// The epoch under which the publisher writes now; nil until it has said.
  var publisherEpoch: UInt64?
  var buffer: ReorderBuffer<Frame>
  var window: DeliveryWindow
  /// The live feed contradicted what was delivered without proving a divergence: only a pull can tell.
  var needsVerification = false
  /// While in `snapshot`: when to ask the sink again; nil while it is at work.
  var snapshotDue: MonotonicInstant?
  /// How often in a row the journal turned out damaged where the next record should be.
  var damagedReadings = 0
  /// Since when records are known of that haven't been delivered.
  var missingSince: MonotonicInstant?

  private var effects: [Effect] = []
  private var slices: [FrameSlice<Frame>] = []
  private var generator: SplitMix64
  private var backoff: Backoff
  private var nextPullID: UInt64 = 1

  /// The live feed as this side sees it.
  enum Feed: Sendable {
    case off
    /// Asked for; nothing has come through it yet.
    case requested(until: MonotonicInstant)
    /// Something came through it; it is doubted if nothing more comes.
    case proven(until: MonotonicInstant)
  }

  /// The journal's reading. There is never more than one.
  enum Pull: Sendable {
    case none
    case waiting(until: MonotonicInstant)
    case running(RunningPull)
  }

  struct RunningPull: Sendable {
    let request: PullRequest
    /// Granted and not used; negative after a frame that overdrew it.
    var creditBytes: Int
    var stallsAt: MonotonicInstant
  }

  package init(stream: StreamName, instance: UInt16, settings: SubscriptionSettings, seed: UInt64) {
    self.stream = stream
    self.instance = instance
    self.settings = settings
    buffer = ReorderBuffer(capacityBytes: settings.reorderBufferBytes)
    window = DeliveryWindow(capacityBytes: settings.deliveryWindowBytes)
    generator = SplitMix64(seed: seed)
    backoff = Backoff(first: settings.firstBackoff, longest: settings.longestBackoff)
  }

  /// Takes one input and says what to do, in order.
  package mutating func step(_ input: Input, now: MonotonicInstant) -> [Effect] {
    if case .failed = phase { return [] }
    handle(input, now)
    settle(now)
    return takeEffects()
  }

  private mutating func handle(_ input: Input, _ now: MonotonicInstant) {
    switch input {
    case .started(let start): begin(start, now)
    case .liveFrames(let frames): receiveLive(frames, now)
    case .liveHead(let head): receiveHead(head, now)
    case .liveOverflowed: if isListening { leaveFeed(now) }
    case .disconnected: if isListening { feed = .requested(until: now + settings.proofLimit) }
    case .pulled(let id, let frames): receivePulled(id, frames, now)
    case .pullEnded(let id, let head): endPull(id, at: head, now)
    case .pullFailed(let id, let fault): failPull(id, fault, now)
    case .applied(let position): release(upTo: position)
    case .rewound(let cursor): restart(at: cursor, now)
    case .snapshotTaken(let cursor): finishSnapshot(cursor, now)
    case .snapshotFailed(let fault): retrySnapshot(fault, now)
    case .condemned(let failure): fail(failure)
    case .timer: expire(now)
    }
  }

  // MARK: Results

  /// When `.timer` is wanted next; nil if only inputs matter.
  package var wakeUp: MonotonicInstant? {
    var earliest: MonotonicInstant?
    func consider(_ instant: MonotonicInstant) { earliest = min(earliest ?? instant, instant) }
    switch phase {
    case .idle, .failed: return nil
    case .snapshot: return snapshotDue
    case .pulling, .overlapping, .live: break
    }
    switch feed {
    case .off: break
    case .requested(let deadline), .proven(let deadline): consider(deadline)
    }
    switch pull {
    // A pull that is due but for want of room starts when the sink commits; waking up wouldn't help.
    case .waiting(let due): if window.isDrained { consider(due) }
    case .running(let running): if running.creditBytes > 0 { consider(running.stallsAt) }
    case .none: break
    }
    return earliest
  }

  /// How far the sink is behind what is known of the publisher, in records.
  package var lagRecords: UInt64 { headPosition > appliedPosition ? headPosition - appliedPosition : 0 }

  /// What others may know of it, without the frames that it holds.
  package var summary: SubscriptionSummary {
    SubscriptionSummary(
      phase: phase,
      counters: counters,
      epoch: epoch,
      appliedPosition: appliedPosition,
      headPosition: headPosition,
      lagRecords: lagRecords,
      lastFault: lastFault,
      oldestUnapplied: window.oldestCommitTime,
      missingSince: missingSince
    )
  }

  // MARK: Effects

  mutating func emit(_ effect: Effect) {
    effects.append(effect)
  }

  mutating func emitSlice(_ slice: FrameSlice<Frame>) {
    slices.append(slice)
  }

  private mutating func takeEffects() -> [Effect] {
    defer {
      effects = []
      slices = []
    }
    // What was delivered comes first: a snapshot or a failure found later in the same step doesn't undo it.
    return slices.isEmpty ? effects : [.apply(slices)] + effects
  }

  mutating func fail(_ failure: SubscriptionFailure) {
    if case .running(let running) = pull { emit(.cancelPull(id: running.request.id)) }
    if isListening { emit(.unsubscribe) }
    feed = .off
    pull = .none
    _ = buffer.removeAll()
    phase = .failed(failure)
    emit(.fail(failure))
  }

  var hasFailed: Bool { phase.hasFailed }

  // MARK: Chance

  mutating func nextJitter() -> Duration { generator.jitter(upTo: settings.gapPatience) }
  mutating func nextBackoff() -> Duration { backoff.next(using: &generator) }
  mutating func resetBackoff() { backoff.reset() }
  mutating func takePullID() -> UInt64 {
    defer { nextPullID += 1 }
    return nextPullID
  }
}
