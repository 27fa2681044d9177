package import Contracts
package import Logging
package import Records
import Synchronization

/// Runs a subscription: keeps its machine, and does what the machine wants with a transport and a sink.
package final class SubscriptionRunner: Sendable {
  package let stream: StreamName
  package let instance: UInt16

  private let transport: any EventTransport
  private let sink: any RecordSink
  private let settings: SubscriptionSettings
  private let logger: Logger
  private let wallTime: @Sendable () -> Timestamp
  private let seed: UInt64

  private let inbox: SubscriptionInbox
  private let queue: DeliveryQueue
  private let applier: RecordApplier
  private let parts: Mutex<StatusParts>

  private struct StatusParts {
    var summary: SubscriptionSummary
    var damagedMessages: UInt64 = 0
  }

  /// - Parameters:
  ///   - mostRecordsPerBatch: how many records a commit of the sink takes at most, unless one frame holds more or very
  ///     many wait (`DeliveryBacklog`). Some 500 let publisher and consumer commit at the same time; without a bound
  ///     they take turns.
  ///   - seed: where jitter comes from.
  ///   - wallTime: the time in UTC, to tell how old the oldest unapplied record is.
  package init(
    to stream: StreamName,
    instance: UInt16 = 0,
    over transport: any EventTransport,
    into sink: any RecordSink,
    settings: SubscriptionSettings = SubscriptionSettings(),
    mostRecordsPerBatch: Int = 500,
    seed: UInt64 = .random(in: 0 ... .max),
    wallTime: @escaping @Sendable () -> Timestamp,
    logger: Logger
  ) {
    self.stream = stream
    self.instance = instance
    self.transport = transport
    self.sink = sink
    var settings = settings
    settings.takesSnapshots = sink is any SnapshotSink
    self.settings = settings
    var logger = logger
    logger[metadataKey: "stream"] = "\(stream)/\(instance)"
    self.logger = logger
    self.wallTime = wallTime
    self.seed = seed
    inbox = SubscriptionInbox(capacityBytes: settings.deliveryWindowBytes)
    queue = DeliveryQueue(mostRecords: mostRecordsPerBatch)
    applier = RecordApplier(sink: sink, queue: queue, inbox: inbox, settings: settings, logger: logger)
    parts = Mutex(StatusParts(summary: SubscriptionRunner.machine(stream, instance, settings, seed).summary))
  }

  private static func machine(
    _ stream: StreamName,
    _ instance: UInt16,
    _ settings: SubscriptionSettings,
    _ seed: UInt64
  ) -> SubscriptionMachine<RecordFrame> {
    SubscriptionMachine(stream: stream, instance: instance, settings: settings, seed: seed)
  }

  /// Ends `run`, once the batch in hand is committed; no other one is begun from here on.
  package func stop() {
    queue.close()
    inbox.stop()
  }

  /// Has the sink asked where its cursor is, in case that it was moved by something else than this subscription; it then
  /// goes on from there.
  package func checkCursor() {
    queue.change { $0.appendCheck() }
  }

  package var status: SubscriptionStatus {
    let (summary, damaged) = parts.withLock { ($0.summary, $0.damagedMessages) }
    let report = applier.currentReport
    return SubscriptionStatus(
      summary: summary,
      lag: summary.lag(now: .now, wallTime: wallTime()),
      damagedMessages: damaged,
      batchesApplied: report.batches,
      recordsApplied: report.records,
      sinkFailures: report.failures,
      lastSinkError: report.lastError
    )
  }

  /// Follows the stream until `stop`, or until it can't go on. Call it once.
  /// - Parameter start: what the sink's store says; `.beginning` for a sink that has no cursor.
  /// - Throws: what the transport throws when it can't be set up.
  package func run(from start: SubscriptionStart) async throws -> SubscriptionEnd {
    let feed = try await transport.liveFeed(of: stream, instance: instance, into: inbox)
    let journal = try await transport.journal(of: stream, instance: instance)
    let puller = JournalPuller(source: journal, stream: stream, instance: instance, inbox: inbox)
    let snapshots = SnapshotSource(journal, of: stream, instance: instance)
    let applying = Task(executorPreference: sink.executor ?? transport.executor) { [applier, seed] in
      await applier.run(from: start, snapshots: snapshots, seed: seed &+ 1)
    }
    let end = await withTaskCancellationHandler {
      await withTaskExecutorPreference(transport.executor) {
        await follow(from: start, feed: feed, puller: puller)
      }
    } onCancel: {
      stop()
    }
    queue.close()
    applier.stopWaiting()
    feed.unsubscribe()
    await puller.stop()
    await applying.value
    await feed.close()
    return end
  }

  private func follow(from start: SubscriptionStart, feed: any LiveFeed, puller: JournalPuller) async
    -> SubscriptionEnd
  {
    var machine = SubscriptionRunner.machine(stream, instance, settings, seed)
    let alarm = Alarm { [inbox] in inbox.post(.timer) }
    defer { alarm.turnOff() }
    var inputs: [SubscriptionInput<RecordFrame>] = [.started(start)]
    while true {
      let phase = machine.phase
      for input in inputs {
        if case .rewound = input { queue.change { $0.restart() } }
        for effect in machine.step(input, now: .now) { perform(effect, feed: feed, puller: puller) }
      }
      if machine.phase != phase { await log(machine) }
      parts.withLock { $0.summary = machine.summary }
      if case .failed(let failure) = machine.phase { return .failed(failure) }
      alarm.set(machine.wakeUp)
      let turn = await inbox.next()
      if turn.isStopping { return .stopped }
      inputs = read(turn)
    }
  }

  private func perform(_ effect: SubscriptionEffect<RecordFrame>, feed: any LiveFeed, puller: JournalPuller) {
    switch effect {
    case .subscribe: feed.subscribe()
    case .unsubscribe:
      feed.unsubscribe()
      inbox.forgetLiveMessages()
    case .pull(let request): puller.start(request)
    case .grant(let id, let bytes): puller.grant(id, bytes)
    case .cancelPull(let id): puller.cancel(id)
    case .apply(let slices): queue.change { $0.append(slices) }
    case .takeSnapshot: queue.change { $0.appendSnapshot() }
    case .fail: break
    }
  }

  /// Turns what has come into inputs. Messages that don't stand their checks are as good as lost, and found missing.
  private func read(_ turn: SubscriptionInbox.Turn) -> [SubscriptionInput<RecordFrame>] {
    var inputs: [SubscriptionInput<RecordFrame>] = []
    if turn.isDisconnected { inputs.append(.disconnected) }
    if turn.hasOverflowed { inputs.append(.liveOverflowed) }
    var damaged: UInt64 = 0
    var frames: [RecordFrame] = []
    for message in turn.liveMessages {
      do throws(Records.FrameError) {
        switch try LiveMessage(message) {
        case .frame(let frame): frames.append(frame)
        case .head(let head):
          if !frames.isEmpty { inputs.append(.liveFrames(frames)) }
          frames = []
          inputs.append(.liveHead(head))
        }
      } catch {
        damaged += 1
      }
    }
    if !frames.isEmpty { inputs.append(.liveFrames(frames)) }
    if damaged > 0 { parts.withLock { $0.damagedMessages += damaged } }
    return inputs + turn.inputs
  }

  /// On the pool, because whoever takes the log may keep its writer waiting.
  private func log(_ machine: SubscriptionMachine<RecordFrame>) async {
    var metadata: Logger.Metadata = [
      "phase": "\(machine.phase.word)", "applied": "\(machine.appliedPosition)", "head": "\(machine.headPosition)",
    ]
    if let fault = machine.lastFault { metadata["fault"] = "\(fault)" }
    if case .failed(let failure) = machine.phase { metadata["failure"] = "\(failure)" }
    let noted = metadata
    await withTaskExecutorPreference(globalConcurrentExecutor) {
      logger.info("Subscription changed phase", metadata: noted)
    }
  }
}

/// A message of the live feed, checked.
package enum LiveMessage: Sendable {
  case frame(RecordFrame)
  case head(HeadVector)

  /// - Parameter kind: of the frames that records come in here.
  package init(_ bytes: [UInt8], as kind: FrameKind = .records) throws(Records.FrameError) {
    // Which of the two it is stands at one byte; whether that is true is for the checksums to say.
    if bytes.count > 24, bytes[24] == kind.rawValue {
      self = .frame(try RecordFrame(validating: bytes, as: kind))
    } else {
      self = .head(try HeadVector(validating: bytes))
    }
  }
}
