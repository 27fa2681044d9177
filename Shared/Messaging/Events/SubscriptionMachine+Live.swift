import Contracts
import Records

/// Taking frames and heads, and putting them where they belong.
extension SubscriptionMachine {
  mutating func receiveLive(_ frames: [Frame], _ now: MonotonicInstant) {
    for frame in frames {
      guard isMine(frame.identity) else {
        counters.foreignFrames += 1
        continue
      }
      guard isListening, !hasFailed else {
        counters.droppedFrames += 1
        continue
      }
      prove(now)
      notePublisherEpoch(frame.identity.epoch)
      headPosition = max(headPosition, frame.lastPosition)
      receiveLive(frame, now)
    }
  }

  private mutating func receiveLive(_ frame: Frame, _ now: MonotonicInstant) {
    if !window.isEmpty, frame.byteCount > window.roomBytes {
      counters.droppedFrames += 1
      return leaveFeed(now)
    }
    if place(frame) { return }
    switch buffer.insert(frame) {
    case .stored: break
    case .duplicate: counters.duplicateFrames += 1
    case .full:
      counters.droppedFrames += 1
      leaveFeed(now)
    }
  }

  mutating func receiveHead(_ head: HeadVector, _ now: MonotonicInstant) {
    guard isListening else { return }
    guard isMine(head.identity) else {
      counters.foreignFrames += 1
      return
    }
    prove(now)
    notePublisherEpoch(head.identity.epoch)
    headPosition = max(headPosition, head.position)
    if head.position == delivered.position {
      compareChains(at: head.position, head.chain)
    } else if head.position < delivered.position {
      // Either the head was delayed on the way, or records that were applied here are gone there. A pull finds out.
      needsVerification = true
    }
  }

  /// Something came through the feed, so it works: whoever waits for the publisher need wait no longer.
  private mutating func prove(_ now: MonotonicInstant) {
    let wasProven = if case .proven = feed { true } else { false }
    feed = .proven(until: now + settings.silenceLimit)
    if !wasProven, case .waiting(let due) = pull { pull = .waiting(until: min(due, now + nextJitter())) }
  }

  /// A publisher that writes under a new epoch was restored from a backup. What it said before is void, and only its
  /// journal can tell whether it continues what was delivered here.
  mutating func notePublisherEpoch(_ epoch: UInt64) {
    defer { publisherEpoch = epoch }
    guard let publisherEpoch, publisherEpoch != epoch else { return }
    counters.droppedFrames += UInt64(buffer.removeAll())
    headPosition = delivered.position
    needsVerification = true
  }

  // MARK: Merging

  /// Delivers a frame that continues what was delivered, and after it whatever waited in the buffer; leaves out what
  /// was delivered before.
  /// - Returns: false if the frame lies ahead and something is missing before it.
  mutating func place(_ frame: Frame) -> Bool {
    guard frame.firstPosition <= delivered.position &+ 1 else { return false }
    settleFrame(frame)
    while !hasFailed, let next = buffer.popFirst(upTo: delivered.position &+ 1) { settleFrame(next) }
    return true
  }

  private mutating func settleFrame(_ frame: Frame) {
    if frame.lastPosition <= delivered.position {
      counters.duplicateFrames += 1
      if frame.lastPosition == delivered.position { compareChains(at: frame.lastPosition, frame.chain) }
      return
    }
    let skipped = Int(delivered.position &+ 1 &- frame.firstPosition)
    if let chain = delivered.chain {
      // A place whose hash is known is the end of a frame. A frame that reaches across it is of another history.
      guard skipped == 0 else {
        return fail(
          .diverged("\(stream) has a frame across \(delivered.position), where one ended when it was applied.")
        )
      }
      guard chain == frame.previousChain else {
        return fail(.diverged("\(stream) goes on after \(delivered.position) from another history than ours."))
      }
    }
    deliver(FrameSlice(frame: frame, skippedRecords: skipped))
  }

  /// Ends the subscription where the publisher's history has another hash than ours at the same place.
  mutating func compareChains(at position: UInt64, _ chain: ChainHash) {
    guard let ours = delivered.chain, ours != chain else { return }
    fail(.diverged("\(stream) has another history up to \(position) than the one that was applied."))
  }

  private mutating func deliver(_ slice: FrameSlice<Frame>) {
    let frame = slice.frame
    epoch = frame.identity.epoch
    delivered = HistoryMark(position: frame.lastPosition, chain: frame.chain)
    headPosition = max(headPosition, frame.lastPosition)
    window.append(lastPosition: frame.lastPosition, byteCount: frame.byteCount, commitTime: frame.commitTime)
    counters.framesDelivered += 1
    counters.recordsDelivered += UInt64(slice.recordCount)
    emitSlice(slice)
  }
}
