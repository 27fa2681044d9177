import Contracts
import Messaging
import Records
import ServiceRuntime
import Storage
import TestSupport

/// Subscriptions: what `SubscriptionRunner`, `JournalPuller` and `RecordApplier` do with tasks, by steps of the agenda.
extension Simulation {
  func subscription(_ key: SubscriptionKey, _ life: Int) -> SimulatedSubscription? {
    let machine = machines[key.machine]
    guard machine.life == life, machine.subscriptions.indices.contains(key.number) else { return nil }
    return machine.subscriptions[key.number]
  }

  /// Begins to follow, from where the store says, whatever the service follows.
  func follow(_ machine: SimulatedMachine, _ process: SimulatedProcess) async throws {
    let cursors = try await process.store.read { try Records.Cursor.fetchAll($0) }
    let upstreams = process.mechanism.sinks.keys.sorted().flatMap { stream in
      machines.filter { $0.profile.streams.contains(stream) }.map { (stream, $0) }
    }
    for (number, (stream, upstream)) in upstreams.enumerated() {
      guard let sink = process.mechanism.sinks[stream] else { continue }
      let source = Ownership.Upstream(stream: stream, instance: upstream.instance)
      let cursor = cursors.first { Ownership.Upstream($0.identity) == source }
      let start = cursor.map { SubscriptionStart.cursor(hidingChain($0)) } ?? .beginning
      let subscription = SimulatedSubscription(
        SubscriptionKey(machine: machine.index, number: number),
        to: source,
        of: upstream.index,
        from: cursor.map { .cursor($0) } ?? .beginning,
        into: sabotage == .applyTwice ? DoublingSink(sink: sink, store: process.store) : sink,
        settings: subscriptionSettings,
        seed: random.next()
      )
      machine.subscriptions.append(subscription)
      schedule(.input(subscription.key, life: machine.life, .started(start)), after: delay(10...1000))
    }
  }

  /// Under sabotage, nobody knows a hash.
  private func hidingChain(_ cursor: Records.Cursor) -> Records.Cursor {
    guard sabotage == .dropChainCheck else { return cursor }
    var cursor = cursor
    cursor.chain = .genesis
    return cursor
  }

  // MARK: The machine

  func step(_ key: SubscriptionKey, _ life: Int, _ input: SimulatedSubscription.Machine.Input) async {
    guard let subscription = subscription(key, life) else { return }
    if case .rewound = input { subscription.backlog.restart() }
    for effect in subscription.machine.step(input, now: now) { perform(effect, subscription, life) }
    scheduleWake(subscription, life)
  }

  func wake(_ key: SubscriptionKey, _ life: Int) async {
    guard let subscription = subscription(key, life) else { return }
    subscription.wakesAt = nil
    if let due = subscription.machine.wakeUp, due <= now { return await step(key, life, .timer) }
    scheduleWake(subscription, life)
  }

  private func scheduleWake(_ subscription: SimulatedSubscription, _ life: Int) {
    guard let due = subscription.machine.wakeUp, subscription.wakesAt.map({ due < $0 }) ?? true else { return }
    subscription.wakesAt = due
    schedule(.wake(subscription.key, life: life), at: due)
  }

  private func perform(
    _ effect: SimulatedSubscription.Machine.Effect,
    _ subscription: SimulatedSubscription,
    _ life: Int
  ) {
    switch effect {
    case .subscribe:
      subscription.wantsFeed = true
      scheduleFeed(subscription, after: delay(100...5000))
    case .unsubscribe:
      subscription.wantsFeed = false
      machines[subscription.upstream].publisher.unsubscribe(subscription.key)
    case .pull(let request): startPull(request, subscription, life)
    case .grant(let id, let bytes): grant(bytes, to: id, subscription, life)
    case .cancelPull(let id):
      guard subscription.pull?.id == id else { return }
      subscription.pull?.read.cancel()
      subscription.pull = nil
    case .apply(let slices):
      subscription.backlog.append(
        sabotaged(slices).map { FrameSlice(frame: $0.frame.frame, skippedRecords: $0.skippedRecords) }
      )
      scheduleCommit(subscription, life)
    case .takeSnapshot: report("\(subscription.stream): a snapshot was asked for, which nobody here can take")
    case .fail(let failure): noteFailure(failure, subscription)
    }
  }

  /// A subscription may end only because a publisher went back in time.
  private func noteFailure(_ failure: SubscriptionFailure, _ subscription: SimulatedSubscription) {
    guard case .diverged = failure, restored == subscription.upstream else {
      return report("\(machines[subscription.key.machine].name) ended \(subscription.source): \(failure)")
    }
    statistics.divergences += 1
  }

  private func sabotaged(_ slices: [FrameSlice<SimulatedFrame>]) -> [FrameSlice<SimulatedFrame>] {
    guard sabotage == .acceptGap, chance(0.1) else { return slices }
    var slices = slices
    slices.remove(at: Int.random(in: 0..<slices.count, using: &random))
    return slices
  }

  // MARK: The sink

  func scheduleCommit(_ subscription: SimulatedSubscription, _ life: Int) {
    guard !subscription.isCommitting else { return }
    if subscription.pending == nil {
      do {
        guard let batch = try nextBatch(subscription) else { return }
        subscription.pending = batch
      } catch {
        subscription.backlog.hold()
        let failure = SubscriptionFailure.diverged("The publisher's numbering doesn't continue ours: \(error).")
        return schedule(.input(subscription.key, life: life, .condemned(failure)), after: .zero)
      }
    }
    subscription.isCommitting = true
    let span = chance(faults.slowness) ? delay(5000...400_000) : delay(50...1000)
    schedule(.commit(subscription.key, life: life), after: span)
  }

  /// What is to be committed next; nil where nothing waits.
  private func nextBatch(_ subscription: SimulatedSubscription) throws -> RecordBatch? {
    while let work = subscription.backlog.take() {
      switch work {
      case .slices(let slices): return slices.isEmpty ? nil : try batch(of: slices, subscription)
      case .check:
        if let batch = subscription.track.emptyBatch { return batch }
      case .snapshot: return nil
      }
    }
    return nil
  }

  /// Has subscriptions go on from where their cursors are, where something has moved these.
  func checkCursors(of machine: SimulatedMachine) {
    for upstream in machine.process?.takeChecks() ?? [] {
      machine.reporting.mustSay(upstream)
      for subscription in machine.subscriptions where subscription.source == upstream {
        subscription.backlog.appendCheck()
        scheduleCommit(subscription, machine.life)
      }
    }
  }

  private func batch(
    of slices: [FrameSlice<RecordFrame>],
    _ subscription: SimulatedSubscription
  ) throws -> RecordBatch {
    guard sabotage == .acceptGap || sabotage == .dropChainCheck else { return try subscription.track.batch(of: slices) }
    return subscription.lenientBatch(of: slices)
  }

  func commit(_ key: SubscriptionKey, _ life: Int) async {
    guard let subscription = subscription(key, life), let batch = subscription.pending else { return }
    subscription.isCommitting = false
    let machine = machines[key.machine]
    do {
      let cursor = try await subscription.sink.apply(batch)
      subscription.pending = nil
      subscription.backoff.reset()
      statistics.recordsApplied += cursor == batch.end ? batch.recordCount : 0
      await collectCommits(machine)
      if machine.disk.isDown { return }
      let input: SimulatedSubscription.Machine.Input = subscription.track.settle(batch, at: cursor)
      if case .rewound = input { subscription.backlog.hold() }
      await step(key, life, input)
      scheduleCommit(subscription, life)
    } catch {
      if !(error is Succession.PredecessorBehind) {
        noteStoreFailure(error, of: machine, during: "applying \(subscription.source)")
      } else {
        statistics.successions += 1
      }
      guard !machine.disk.isDown else { return }
      subscription.isCommitting = true
      schedule(.commit(key, life: life), after: subscription.backoff.next(using: &random))
    }
  }
}

extension SimulatedSubscription {
  /// A batch that follows on whatever came before, as sabotage wants it.
  func lenientBatch(of slices: [FrameSlice<RecordFrame>]) -> RecordBatch {
    let start = lenientCursor ?? Cursor(startOf: slices[0].frame.header.identity)
    var end = start
    for slice in slices { end.move(past: slice.frame) }
    lenientCursor = end
    return RecordBatch(slices: slices, start: start, end: end)
  }
}
