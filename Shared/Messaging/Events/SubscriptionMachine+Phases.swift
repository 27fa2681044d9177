import Contracts
import Records

/// How phases follow from one another.
extension SubscriptionMachine {
  var isListening: Bool {
    if case .off = feed { false } else { true }
  }

  private var isProven: Bool {
    if case .proven = feed { true } else { false }
  }

  /// Whether everything that is known to exist has been delivered.
  private var hasCaughtUp: Bool {
    buffer.isEmpty && delivered.position >= headPosition && !needsVerification
  }

  mutating func begin(_ start: SubscriptionStart, _ now: MonotonicInstant) {
    guard phase == .idle else { return }
    switch start {
    case .beginning: break
    case .cursor(let cursor):
      guard isMine(cursor.identity) else { return fail(foreignCursor(cursor)) }
      adopt(cursor)
    case .after(let position):
      delivered = HistoryMark(position: position, chain: position == 0 ? .genesis : nil)
      appliedPosition = position
    }
    phase = .pulling
    pull = .waiting(until: now)
  }

  /// Draws the conclusions of a step: starts what is due, and moves on where nothing is missing, or something is.
  mutating func settle(_ now: MonotonicInstant) {
    noteMissing(now)
    startPullIfDue(now)
    topUpCredit(now)
    switch phase {
    case .idle, .failed, .snapshot: return
    case .pulling: if case .none = pull, window.isDrained { listen(now) }
    case .overlapping: settleOverlap(now)
    case .live:
      if !hasCaughtUp {
        loseTrack(now)
      } else if !isProven {
        phase = .overlapping
      }
    }
  }

  private mutating func settleOverlap(_ now: MonotonicInstant) {
    if isProven, hasCaughtUp {
      cancelPull()
      lastFault = nil
      phase = .live
    } else if case .none = pull, !hasCaughtUp {
      pull = .waiting(until: now + nextJitter())
    }
  }

  /// Something is missing in the live feed.
  private mutating func loseTrack(_ now: MonotonicInstant) {
    counters.gaps += 1
    phase = .overlapping
    pull = .waiting(until: now + nextJitter())
  }

  private mutating func noteMissing(_ now: MonotonicInstant) {
    if delivered.position >= headPosition {
      missingSince = nil
    } else if missingSince == nil {
      missingSince = now
    }
  }

  // MARK: The live feed, on and off

  /// Asks for the live feed, or asks again.
  mutating func listen(_ now: MonotonicInstant) {
    phase = .overlapping
    feed = .requested(until: now + settings.proofLimit)
    counters.subscriptions += 1
    emit(.subscribe)
  }

  /// The sink can't keep up: turn the feed off and let a pull run at the sink's pace.
  mutating func leaveFeed(_ now: MonotonicInstant) {
    counters.lags += 1
    stopListening()
    phase = .pulling
    if case .none = pull { pull = .waiting(until: now) }
  }

  mutating func stopListening() {
    counters.droppedFrames += UInt64(buffer.removeAll())
    if isListening { emit(.unsubscribe) }
    feed = .off
  }

  // MARK: Time

  mutating func expire(_ now: MonotonicInstant) {
    if phase == .snapshot {
      guard let snapshotDue, snapshotDue <= now else { return }
      startSnapshot()
      return
    }
    expireFeed(now)
    if case .running(let running) = pull, running.creditBytes > 0, running.stallsAt <= now {
      emit(.cancelPull(id: running.request.id))
      let limit = settings.pullStallLimit
      postponePull(
        because: Fault(.deadlineExceeded, reason: "pullStalled", "The journal sent nothing for \(limit)."),
        now
      )
    }
  }

  private mutating func expireFeed(_ now: MonotonicInstant) {
    switch feed {
    case .off: return
    case .requested(let deadline): guard deadline <= now else { return }
    case .proven(let deadline):
      guard deadline <= now else { return }
      counters.silences += 1
    }
    // Ask again, and look into the journal meanwhile: the feed may be all that is broken.
    listen(now)
    if case .none = pull { pull = .waiting(until: now + nextJitter()) }
  }

  // MARK: The sink

  mutating func adopt(_ cursor: Cursor) {
    epoch = cursor.identity.epoch
    delivered = cursor.mark
    appliedPosition = cursor.position
    window.removeAll()
  }

  mutating func release(upTo position: UInt64) {
    guard position > appliedPosition, position <= delivered.position else { return }
    appliedPosition = position
    window.release(upTo: position)
  }

  /// Starts again from where the sink says it is.
  mutating func restart(at cursor: Cursor, _ now: MonotonicInstant) {
    guard phase != .idle else { return }
    guard isMine(cursor.identity) else { return fail(foreignCursor(cursor)) }
    cancelPull()
    stopListening()
    adopt(cursor)
    needsVerification = false
    publisherEpoch = nil
    headPosition = cursor.position
    snapshotDue = nil
    phase = .pulling
    pull = .waiting(until: now + nextBackoff())
  }

  private func foreignCursor(_ cursor: Cursor) -> SubscriptionFailure {
    .refused("The sink's cursor is of \(cursor.identity), not of \(stream)/\(instance).")
  }

  mutating func startSnapshot() {
    counters.snapshots += 1
    snapshotDue = nil
    phase = .snapshot
    emit(.takeSnapshot)
  }

  mutating func finishSnapshot(_ cursor: Cursor, _ now: MonotonicInstant) {
    guard phase == .snapshot else { return }
    lastFault = nil
    restart(at: cursor, now)
  }

  mutating func retrySnapshot(_ fault: Fault, _ now: MonotonicInstant) {
    guard phase == .snapshot else { return }
    lastFault = fault
    if fault.code == .outOfRange || fault.code == .unimplemented { return fail(.trimmed(trimmedMessage(fault))) }
    if let failure = fault.endsSubscription(to: stream) { return fail(failure) }
    snapshotDue = now + nextBackoff()
  }

  /// Whether an identity is of the stream and instance that this is about, whatever its epoch.
  func isMine(_ identity: StreamIdentity) -> Bool {
    identity.stream == stream && identity.instance == instance
  }
}
