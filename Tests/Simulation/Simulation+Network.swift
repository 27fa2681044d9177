import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage

/// The network between machines: live feeds that lose anything, and reads of journals that stall and fail.
extension Simulation {
  func isReachable(_ one: Int, _ other: Int) -> Bool {
    !partitions.contains(NetworkCut(one, other))
  }

  // MARK: The live feed

  func scheduleFeed(_ subscription: SimulatedSubscription, after span: Duration) {
    let life = machines[subscription.key.machine].life
    schedule(.openFeed(subscription.key, life: life, connection: subscription.connection), after: span)
  }

  func openFeed(_ key: SubscriptionKey, _ life: Int, _ connection: Int) {
    guard let subscription = subscription(key, life), subscription.wantsFeed, subscription.connection == connection,
      isReachable(key.machine, subscription.upstream)
    else { return }
    let upstream = machines[subscription.upstream]
    guard upstream.process != nil else { return }
    upstream.publisher.subscribe(subscription)
    scheduleAnnouncement(upstream)
  }

  func send(_ bytes: [UInt8], of stream: StreamName, from machine: SimulatedMachine) {
    for key in machine.publisher.subscribers.sorted() {
      let life = machines[key.machine].life
      guard let subscription = subscription(key, life), subscription.stream == stream,
        isReachable(key.machine, machine.index), !chance(faults.drop)
      else { continue }
      for _ in 0..<(chance(faults.duplicate) ? 2 : 1) {
        if chance(faults.reorder) {
          schedule(.live(key, life: life, bytes), after: delay(50...50_000))
        } else {
          subscription.lastLiveArrival = max(now + delay(50...2000), subscription.lastLiveArrival)
          schedule(.live(key, life: life, bytes), at: subscription.lastLiveArrival)
        }
      }
    }
  }

  func receive(_ bytes: [UInt8], _ key: SubscriptionKey, _ life: Int) {
    guard subscription(key, life) != nil else { return }
    do {
      switch try LiveMessage(bytes) {
      case .frame(let frame): schedule(.input(key, life: life, .liveFrames([simulated(frame)])), after: .zero)
      case .head(let head): schedule(.input(key, life: life, .liveHead(masked(head))), after: .zero)
      }
    } catch {
      report("a message of the live feed was damaged on the way: \(error)")
    }
  }

  private func simulated(_ frame: RecordFrame) -> SimulatedFrame {
    SimulatedFrame(frame: frame, hidesChain: sabotage == .dropChainCheck)
  }

  private func masked(_ head: HeadVector) -> HeadVector {
    guard sabotage == .dropChainCheck else { return head }
    var head = head
    head.chain = .genesis
    return head
  }

  // MARK: Reading a journal

  func startPull(_ request: PullRequest, _ subscription: SimulatedSubscription, _ life: Int) {
    let upstream = machines[subscription.upstream]
    let span = delay(200...5000)
    guard let process = upstream.process, isReachable(subscription.key.machine, subscription.upstream) else {
      // A connection that can't be made is noticed at once, one that is cut only by its silence.
      if upstream.process == nil { failPull(request.id, subscription, life, after: span) }
      return
    }
    var after = request.after
    if sabotage == .dropChainCheck { after.chain = nil }
    let place = JournalPlace(
      stream: subscription.stream,
      instance: subscription.source.instance,
      epoch: sabotage == .dropChainCheck ? nil : request.epoch,
      after: after
    )
    let principal = Principal(role: .program, name: machines[subscription.key.machine].profile.name)
    subscription.pull = SimulatedPull(
      id: request.id,
      read: SteppedJournalRead(place, of: process.mechanism.journals, for: principal),
      upstreamLife: upstream.life,
      creditBytes: request.creditBytes
    )
    schedule(.pull(subscription.key, life: life, id: request.id), after: span)
  }

  private func failPull(_ id: UInt64, _ subscription: SimulatedSubscription, _ life: Int, after span: Duration) {
    let fault = Fault(.unavailable, reason: "notThere", "The publisher is not there.")
    schedule(.input(subscription.key, life: life, .pullFailed(id: id, fault)), after: span)
  }

  func grant(_ bytes: Int, to id: UInt64, _ subscription: SimulatedSubscription, _ life: Int) {
    guard var pull = subscription.pull, pull.id == id else { return }
    pull.creditBytes += bytes
    if pull.waitsForCredit, pull.creditBytes > 0 {
      pull.waitsForCredit = false
      schedule(.pull(subscription.key, life: life, id: id), after: delay(50...1000))
    }
    subscription.pull = pull
  }

  /// One batch of a journal's reading; or nothing, where it gets lost.
  func continuePull(_ key: SubscriptionKey, _ life: Int, _ id: UInt64) async {
    guard let subscription = subscription(key, life), var pull = subscription.pull, pull.id == id else { return }
    let upstream = machines[subscription.upstream]
    guard upstream.life == pull.upstreamLife, upstream.process != nil else {
      subscription.pull = nil
      return failPull(id, subscription, life, after: delay(50...5000))
    }
    guard isReachable(key.machine, upstream.index), !chance(faults.loss) else {
      // A batch that is lost on a stream of messages takes the stream along, noticed or not.
      pull.read.cancel()
      subscription.pull = nil
      if chance(0.7) { failPull(id, subscription, life, after: delay(1000...50_000)) }
      return
    }
    let input: SimulatedSubscription.Machine.Input
    switch await pull.read.next() {
    case .frames(let frames):
      pull.creditBytes -= frames.reduce(0) { $0 + $1.byteCount }
      pull.waitsForCredit = pull.creditBytes <= 0
      subscription.pull = pull
      if !pull.waitsForCredit { schedule(.pull(key, life: life, id: id), after: delay(100...3000)) }
      input = .pulled(id: id, frames: frames.map(simulated))
    case .head(let head):
      subscription.pull = nil
      input = .pullEnded(id: id, head: masked(head))
    case .failed(let fault):
      subscription.pull = nil
      input = .pullFailed(id: id, fault)
    }
    subscription.lastPullArrival = max(now + delay(50...3000), subscription.lastPullArrival)
    schedule(.input(key, life: life, input), at: subscription.lastPullArrival)
  }
}
