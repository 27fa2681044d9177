import Contracts
import Messaging
import Records

/// The subscriber's side: a queue before a store that commits records and cursor together, and tells when something
/// is missing, doubled or out of order.
struct SimulatedSink {
  enum Item {
    case slice(FrameSlice<TestFrame>)
    case snapshot
  }

  /// The durable part: every record, in the order of its commit; nil for what only a snapshot told of.
  private(set) var applied: [UInt64?] = []
  private(set) var cursor: Cursor?
  /// The part that a crash forgets.
  var queue: [Item] = []
  private(set) var violations: [String] = []
  var isBusy = false

  var start: SubscriptionStart { cursor.map(SubscriptionStart.cursor) ?? .beginning }

  var queuedBytes: Int {
    queue.reduce(0) { sum, item in
      if case .slice(let slice) = item { sum + slice.frame.byteCount } else { sum }
    }
  }

  mutating func forgetQueue() {
    queue = []
    isBusy = false
  }

  mutating func commit(_ slice: FrameSlice<TestFrame>) {
    if slice.firstPosition != UInt64(applied.count) + 1 {
      violations.append("position \(slice.firstPosition) was applied after \(applied.count)")
    }
    applied += slice.frame.contents.dropFirst(slice.skippedRecords).map(Optional.some)
    cursor = slice.frame.head
  }

  mutating func adopt(_ snapshot: HeadVector) {
    // A snapshot replaces the state; which records made it up isn't known one by one.
    applied = Array(repeating: nil, count: Int(snapshot.position))
    cursor = snapshot
  }

  /// Compares a published record with an applied one.
  func matches(_ published: UInt64, _ applied: UInt64?) -> Bool {
    applied == nil || applied == published
  }
}

extension EventSimulation {
  mutating func enqueue(_ slices: [FrameSlice<TestFrame>]) {
    var items = slices.map(SimulatedSink.Item.slice)
    if !isCalm, chance(0.02) {
      switch sabotage {
      case .loseDelivery: items.removeLast()
      case .repeatDelivery: items.append(items[0])
      case .swapDeliveries: items.reverse()
      default: break
      }
    }
    sink.queue += items
    scheduleCommit()
  }

  mutating func enqueueSnapshot() {
    sink.queue.append(.snapshot)
    scheduleCommit()
  }

  private mutating func scheduleCommit() {
    guard !sink.isBusy, !sink.queue.isEmpty else { return }
    sink.isBusy = true
    schedule(.commitNext(life: life), after: chance(faults.slowSink) ? delay(5000...400_000) : delay(50...1000))
  }

  mutating func commitNext() {
    sink.isBusy = false
    guard let first = sink.queue.first else { return }
    switch first {
    case .snapshot:
      sink.queue.removeFirst()
      commitSnapshot()
    case .slice:
      commitSlices()
    }
    scheduleCommit()
  }

  private mutating func commitSlices() {
    var last: UInt64?
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard case .slice(let slice)? = sink.queue.first else { break }
      sink.queue.removeFirst()
      sink.commit(slice)
      last = slice.frame.lastPosition
    }
    guard let last else { return }
    if chance(faults.sinkRewind), let cursor = sink.cursor {
      // As after a commit whose outcome wasn't known: the store was asked where it stands.
      sink.queue = []
      feed(.rewound(cursor))
    } else {
      feed(.applied(last))
    }
  }

  private mutating func commitSnapshot() {
    guard publisher.isUp else {
      return feed(.snapshotFailed(Fault(.unavailable, reason: "down", "The publisher is not there.")))
    }
    sink.adopt(publisher.history.head)
    feed(.snapshotTaken(publisher.history.head))
  }
}
