import Contracts
import Messaging
import Records
import Storage

/// Which machine's subscription it is, and which of them.
struct SubscriptionKey: Hashable, Comparable, CustomStringConvertible {
  let machine: Int
  let number: Int

  var description: String { "subscription \(machine)/\(number)" }

  static func < (one: Self, other: Self) -> Bool { (one.machine, one.number) < (other.machine, other.number) }
}

/// A frame as the machine sees it, with its hashes or, under sabotage, without.
struct SimulatedFrame: HistoryFrame {
  let frame: RecordFrame
  let hidesChain: Bool

  var identity: StreamIdentity { frame.identity }
  var firstPosition: UInt64 { frame.firstPosition }
  var recordCount: Int { frame.recordCount }
  var previousChain: ChainHash { hidesChain ? .genesis : frame.previousChain }
  var chain: ChainHash { hidesChain ? .genesis : frame.chain }
  var byteCount: Int { frame.byteCount }
  var commitTime: Timestamp { frame.commitTime }
}

/// A subscription of a process: the real machine, the real backlog and track behind it, and a sink that writes to a
/// real store. What `SubscriptionRunner` does with tasks is done here by steps of the agenda.
final class SimulatedSubscription {
  typealias Machine = SubscriptionMachine<SimulatedFrame>

  let key: SubscriptionKey
  let source: Ownership.Upstream
  var stream: StreamName { source.stream }
  /// The machine that publishes the stream.
  let upstream: Int
  var machine: Machine
  var backlog = DeliveryBacklog(mostRecords: 500)
  var track: DeliveryTrack
  let sink: any RecordSink
  /// The batch that the sink has refused so far, to be tried again.
  var pending: RecordBatch?
  var backoff: Backoff
  var isCommitting = false
  /// Where a batch begins that nobody checks, as sabotage wants it.
  var lenientCursor: Cursor?
  var pull: SimulatedPull?
  var wantsFeed = false
  /// Counts the connections that carry the feed.
  var connection = 0
  /// A connection keeps its order.
  var lastLiveArrival = MonotonicInstant(nanoseconds: 0)
  var lastPullArrival = MonotonicInstant(nanoseconds: 0)
  /// For when the next timer is on the agenda.
  var wakesAt: MonotonicInstant?

  init(
    _ key: SubscriptionKey,
    to source: Ownership.Upstream,
    of upstream: Int,
    from start: SubscriptionStart,
    into sink: any RecordSink,
    settings: SubscriptionSettings,
    seed: UInt64
  ) {
    self.key = key
    self.source = source
    self.upstream = upstream
    self.sink = sink
    machine = Machine(stream: source.stream, instance: source.instance, settings: settings, seed: seed)
    track = DeliveryTrack(start)
    if case .cursor(let cursor) = start { lenientCursor = cursor }
    backoff = Backoff(first: settings.firstBackoff, longest: settings.longestBackoff)
  }

  var failure: SubscriptionFailure? {
    if case .failed(let failure) = machine.phase { failure } else { nil }
  }
}

/// A read of the upstream's journal that is under way.
struct SimulatedPull {
  let id: UInt64
  let read: SteppedJournalRead
  /// Which life of the upstream serves it.
  let upstreamLife: Int
  var creditBytes: Int
  var waitsForCredit = false
}
