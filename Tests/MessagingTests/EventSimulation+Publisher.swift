import Contracts
import Messaging
import Records

/// The publisher's side of a simulation: a journal, a live feed that may lose anything, and reads that may fail.
struct SimulatedPublisher {
  static let mostFrameBytes = 500
  static let keptFrames = 20

  var history = TestHistory(epoch: 1)
  /// Every record of the journal, trimmed ones included.
  var contents: [UInt64] = []
  /// Every history that ever was: one, and one more for each restore.
  var lineages: [[UInt64]] = [[]]
  var trimmedFrames = 0
  var isUp = true
  var isFeeding = false

  var heldFrames: ArraySlice<TestFrame> { history.frames[trimmedFrames...] }
  var trimmedPosition: UInt64 { (heldFrames.first?.firstPosition ?? history.head.position + 1) - 1 }

  mutating func append(_ values: [UInt64], byteCount: Int) -> TestFrame {
    contents += values
    lineages[lineages.count - 1] = contents
    return history.append(values, byteCount: byteCount)
  }

  /// Goes back to an earlier state under a new epoch, as a restore from a backup does.
  mutating func restore(toFrame count: Int, epoch: UInt64) {
    history.frames.removeLast(history.frames.count - count)
    history.head = history.frames.last?.head ?? HeadVector(startOf: history.head.identity)
    history.head.identity.epoch = epoch
    contents.removeLast(contents.count - Int(history.head.position))
    trimmedFrames = min(trimmedFrames, count)
    lineages.append(contents)
  }

  /// The hash at the end of a frame; nil elsewhere.
  func chain(at position: UInt64) -> ChainHash? {
    position == 0 ? .genesis : history.frames.last { $0.lastPosition == position }?.chain
  }
}

/// A read of the journal under way.
struct SimulatedPull {
  let request: PullRequest
  var position: UInt64
  var creditBytes: Int
  var waitsForCredit = false
}

extension EventSimulation {
  // MARK: Publishing

  mutating func publish() {
    // The last publication lies before the calm, so that a lost last frame must be noticed by its absence.
    guard !isCalm else { return }
    schedule(.publish, after: chance(0.2) ? delay(100_000...2_000_000) : delay(100...20_000))
    guard publisher.isUp else { return }
    let count = Int.random(in: 1...5, using: &random)
    let values = (0..<count).map { _ in random.next() }
    let size = Int.random(in: 20...SimulatedPublisher.mostFrameBytes, using: &random)
    var frame = publisher.append(values, byteCount: size)
    if sabotage == .maskChains {
      frame.previousChain = .genesis
      frame.chain = .genesis
    }
    send(.liveFrames([frame]))
  }

  mutating func sendHeartbeat() {
    schedule(.heartbeat, after: .seconds(1))
    announceHead()
  }

  func maskedHead() -> HeadVector {
    var head = publisher.history.head
    if sabotage == .maskChains { head.chain = .genesis }
    return head
  }

  mutating func announceHead() {
    guard publisher.isUp else { return }
    send(.liveHead(maskedHead()))
  }

  /// Puts a message on the live feed; what happens to it there is up to chance.
  private mutating func send(_ input: Machine.Input) {
    guard publisher.isFeeding, !chance(faults.drop) else { return }
    for _ in 0..<(chance(faults.duplicate) ? 2 : 1) {
      if chance(faults.reorder) {
        schedule(.deliver(input, life: life), after: delay(50...50_000))
      } else {
        // A connection keeps its order.
        lastLiveArrival = max(now + delay(50...2000), lastLiveArrival)
        schedule(.deliver(input, life: life), at: lastLiveArrival)
      }
    }
  }

  // MARK: The feed

  mutating func subscribe() {
    wantsFeed = true
    schedule(.openFeed(life: life, connection: connection), after: delay(200...5000))
  }

  mutating func openFeed() {
    guard publisher.isUp, wantsFeed else { return }
    publisher.isFeeding = true
    announceHead()
  }

  mutating func disconnect() {
    connection += 1
    publisher.isFeeding = false
    schedule(.deliver(.disconnected, life: life), after: delay(50...5000))
    if wantsFeed { schedule(.openFeed(life: life, connection: connection), after: delay(5000...800_000)) }
  }

  // MARK: Trouble

  mutating func makeTrouble() {
    guard !isCalm else { return }
    schedule(.trouble, after: .milliseconds(100))
    if chance(faults.disconnect) { disconnect() }
    if chance(faults.subscriberRestart) { restartSubscriber() }
    if chance(faults.publisherRestart) { takePublisherDown() }
    if chance(faults.restore), publisher.isUp, !publisher.history.frames.isEmpty { restorePublisher() }
    if chance(faults.trim) {
      let spare = publisher.heldFrames.count - SimulatedPublisher.keptFrames
      if spare > 0 { publisher.trimmedFrames += spare }
    }
  }

  private mutating func takePublisherDown() {
    guard publisher.isUp else { return }
    publisher.isUp = false
    failPull(because: Fault(.unavailable, reason: "gone", "The publisher went away."))
    disconnect()
    schedule(.publisherUp, after: delay(10_000...6_000_000))
  }

  mutating func bringPublisherUp() {
    guard !publisher.isUp else { return }
    publisher.isUp = true
    if wantsFeed { schedule(.openFeed(life: life, connection: connection), after: delay(5000...800_000)) }
  }

  private mutating func restorePublisher() {
    takePublisherDown()
    let frames = publisher.history.frames.count
    let kept = Int.random(in: max(publisher.trimmedFrames, frames - 10)...frames, using: &random)
    publisher.restore(toFrame: kept, epoch: random.next())
  }

  // MARK: Reading the journal

  mutating func startPull(_ request: PullRequest) {
    if serving != nil { violations.append("a second pull while one is under way") }
    serving = SimulatedPull(request: request, position: request.after.position, creditBytes: request.creditBytes)
    schedule(.servePull(id: request.id, life: life), after: delay(100...3000))
    if sabotage == .twoPulls, chance(0.1) { startPull(request) }
  }

  mutating func grant(_ id: UInt64, _ bytes: Int) {
    guard var pull = serving, pull.request.id == id else { return }
    pull.creditBytes += bytes
    let waited = pull.waitsForCredit
    pull.waitsForCredit = false
    serving = pull
    if waited { schedule(.servePull(id: id, life: life), after: delay(50...1000)) }
  }

  private mutating func failPull(because fault: Fault) {
    guard let pull = serving else { return }
    serving = nil
    schedule(.deliver(.pullFailed(id: pull.request.id, fault), life: life), after: delay(50...2000))
  }

  /// One turn of the journal's reader: a few frames, or the end, or a failure.
  mutating func servePull(_ id: UInt64) {
    guard var pull = serving, pull.request.id == id else { return }
    if chance(faults.pullStall) { return }
    guard publisher.isUp, !chance(faults.pullFailure) else {
      return failPull(because: Fault(.unavailable, reason: "down", "The publisher is not there."))
    }
    if let fault = refusal(of: pull) { return failPull(because: fault) }
    let next = publisher.heldFrames.first { $0.lastPosition > pull.position }
    guard let next else {
      serving = nil
      return schedule(.deliver(.pullEnded(id: id, head: maskedHead()), life: life), after: .microseconds(50))
    }
    guard pull.creditBytes > 0 || sabotage == .ignoreCredit else {
      pull.waitsForCredit = true
      serving = pull
      return
    }
    pull.creditBytes -= next.byteCount
    pull.position = next.lastPosition
    serving = pull
    var frame = next
    if sabotage == .maskChains {
      frame.previousChain = .genesis
      frame.chain = .genesis
    }
    feed(.pulled(id: id, frames: [frame]))
    schedule(.servePull(id: id, life: life), after: .microseconds(50))
  }

  /// What a journal answers to a reader whose place it doesn't hold.
  private func refusal(of pull: SimulatedPull) -> Fault? {
    if pull.position < publisher.trimmedPosition {
      return Fault(.outOfRange, reason: "trimmed", "The journal begins after \(publisher.trimmedPosition).")
    }
    guard sabotage != .maskChains, pull.position == pull.request.after.position else { return nil }
    if publisher.chain(at: pull.position) != pull.request.after.chain {
      return Fault(.failedPrecondition, reason: "diverged", "The journal has another history.")
    }
    return nil
  }
}
