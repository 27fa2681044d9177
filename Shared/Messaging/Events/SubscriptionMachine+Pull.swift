import Contracts
import Records

/// Reading the journal.
extension SubscriptionMachine {
  mutating func startPullIfDue(_ now: MonotonicInstant) {
    guard phase != .snapshot, case .waiting(let due) = pull, due <= now, window.isDrained else { return }
    let request = PullRequest(id: takePullID(), after: delivered, epoch: epoch, creditBytes: window.roomBytes)
    counters.pulls += 1
    pull = .running(
      RunningPull(request: request, creditBytes: request.creditBytes, stallsAt: now + settings.pullStallLimit)
    )
    emit(.pull(request))
  }

  /// Grants what the sink's commits have made room for, once that is half of all there can be.
  mutating func topUpCredit(_ now: MonotonicInstant) {
    guard case .running(var running) = pull else { return }
    let room = window.roomBytes
    guard room - max(0, running.creditBytes) >= window.capacityBytes / 2 else { return }
    // What was overdrawn is made good: those bytes are in the window, or have left it.
    let grant = room - running.creditBytes
    running.creditBytes = room
    running.stallsAt = now + settings.pullStallLimit
    pull = .running(running)
    emit(.grant(id: running.request.id, bytes: grant))
  }

  mutating func cancelPull() {
    if case .running(let running) = pull { emit(.cancelPull(id: running.request.id)) }
    pull = .none
  }

  private func runningPull(_ id: UInt64) -> RunningPull? {
    guard case .running(let running) = pull, running.request.id == id else { return nil }
    return running
  }

  mutating func receivePulled(_ id: UInt64, _ frames: [Frame], _ now: MonotonicInstant) {
    guard var running = runningPull(id) else { return }
    running.stallsAt = now + settings.pullStallLimit
    for frame in frames { running.creditBytes -= frame.byteCount }
    pull = .running(running)
    for frame in frames {
      guard isMine(frame.identity) else {
        return abandonPull("The journal answered with a frame of \(frame.identity).", now)
      }
      guard place(frame) else {
        let place = "\(delivered.position &+ 1)"
        return abandonPull("The journal went on at \(frame.firstPosition) where \(place) was next.", now)
      }
      if hasFailed { return }
    }
    if !frames.isEmpty { noteProgress() }
  }

  mutating func endPull(_ id: UInt64, at head: HeadVector, _ now: MonotonicInstant) {
    guard let running = runningPull(id) else { return }
    guard isMine(head.identity) else { return abandonPull("The journal answered as \(head.identity).", now) }
    // Live frames may have outrun the pull, but nothing can have been taken back since it began.
    guard head.position >= running.request.after.position else {
      return fail(
        .diverged("\(stream) ends at \(head.position), before \(running.request.after.position), our cursor.")
      )
    }
    if head.position == delivered.position { compareChains(at: head.position, head.chain) }
    if hasFailed { return }
    pull = .none
    lastFault = nil
    notePublisherEpoch(head.identity.epoch)
    needsVerification = false
    headPosition = max(headPosition, head.position)
    guard delivered.position >= head.position else {
      return postponePull(because: endedEarly(head), now)
    }
    noteProgress()
  }

  /// The journal brought something that could be used.
  private mutating func noteProgress() {
    resetBackoff()
    damagedReadings = 0
  }

  private func endedEarly(_ head: HeadVector) -> Fault {
    Fault(
      .dataLoss,
      reason: "pullIncomplete",
      "The journal's reading ended after \(delivered.position), though its head is \(head.position)."
    )
  }

  private mutating func abandonPull(_ message: String, _ now: MonotonicInstant) {
    cancelPull()
    postponePull(because: Fault(.dataLoss, reason: "unusableJournal", message), now)
  }

  mutating func failPull(_ id: UInt64, _ fault: Fault, _ now: MonotonicInstant) {
    guard runningPull(id) != nil else { return }
    if fault.code == .outOfRange {
      pull = .none
      lastFault = fault
      return settings.takesSnapshots ? leaveForSnapshot(now) : fail(.trimmed(trimmedMessage(fault)))
    }
    if let failure = fault.endsSubscription(to: stream) {
      pull = .none
      return fail(failure)
    }
    postponePull(because: fault, now)
  }

  private func damagedMessage(_ fault: Fault) -> String {
    """
    What \(stream) holds after \(delivered.position) can't be read; it was tried \(damagedReadings) times. Restore the \
    latest backup of its publisher, then restart this service. The last answer was: \(fault.message)
    """
  }

  /// - Parameter fault: why a snapshot won't do, or that there isn't to be one.
  func trimmedMessage(_ fault: Fault) -> String {
    """
    \(stream) no longer holds the records after \(delivered.position), and no snapshot makes up for them here. Restore \
    a backup of this store that goes further, or begin anew with an empty one where a snapshot is offered. \
    \(fault.message)
    """
  }

  private mutating func leaveForSnapshot(_ now: MonotonicInstant) {
    stopListening()
    // A snapshot that has just been taken and is already too old again must not be taken in a tight circle.
    if counters.snapshots == 0 {
      startSnapshot()
    } else {
      phase = .snapshot
      snapshotDue = now + nextBackoff()
    }
  }

  /// Tries again later. The live feed is asked for meanwhile: a publisher that comes back announces itself there.
  mutating func postponePull(because fault: Fault, _ now: MonotonicInstant) {
    counters.pullFailures += 1
    lastFault = fault
    // Other faults say nothing of what is on the publisher's disk.
    damagedReadings = fault.tellsOfDamage ? damagedReadings + 1 : 0
    guard damagedReadings < settings.mostLastingFailures else { return fail(.damaged(damagedMessage(fault))) }
    pull = .waiting(until: now + nextBackoff())
    if phase == .pulling, window.isDrained { listen(now) }
  }
}

extension Fault {
  /// Whether records were read that their checksums deny, at the publisher or here: an answer that is merely
  /// incomplete, or of another journal, is no reason to restore anything.
  var tellsOfDamage: Bool { code == .dataLoss && (reason == "damaged" || reason == "damagedFrame") }

  /// The end that this answer of a publisher means for a subscription; nil where it pays to try again.
  func endsSubscription(to stream: StreamName) -> SubscriptionFailure? {
    switch code {
    case .failedPrecondition: .diverged("\(stream) is not the history that was applied. \(message)")
    case .permissionDenied, .unauthenticated: .forbidden("\(stream) may not be read. \(message)")
    case .invalidArgument: .refused("\(stream) couldn't be asked for. \(message)")
    default: nil
    }
  }
}
