import DequeModule
import Records
import Synchronization

/// What the machine has delivered and the sink has not taken. The machine bounds it: it delivers no more than its
/// window until the sink has committed.
final class DeliveryQueue: Sendable {
  enum Work: Sendable {
    case slices([FrameSlice<RecordFrame>])
    case snapshot
  }

  private enum Item {
    case slice(FrameSlice<RecordFrame>)
    case snapshot
  }

  private struct State {
    var items: Deque<Item> = []
    var isHeld = false
    var isClosed = false
    var waiter: CheckedContinuation<Work?, Never>?
  }

  private let state = Mutex(State())
  private let mostRecords: Int

  init(mostRecords: Int) {
    self.mostRecords = mostRecords
  }

  func append(_ slices: [FrameSlice<RecordFrame>]) {
    change { state in
      for slice in slices { state.items.append(.slice(slice)) }
    }
  }

  func appendSnapshot() {
    change { $0.items.append(.snapshot) }
  }

  /// Voids what waits and hands out nothing more until `restart`.
  func hold() {
    change { state in
      state.items = []
      state.isHeld = true
    }
  }

  /// Voids what waits, and goes on with what is appended from now on.
  func restart() {
    change { state in
      state.items = []
      state.isHeld = false
    }
  }

  /// Hands out nothing more, ever.
  func close() {
    change { $0.isClosed = true }
  }

  /// Waits for work and takes as much as makes a good commit: what has queued, up to so many records that publisher
  /// and consumer can commit at the same time.
  /// - Returns: nil once closed.
  func next() async -> Work? {
    await withCheckedContinuation { continuation in
      let outcome: Work?? = state.withLock { state in
        if state.isClosed { return .some(nil) }
        if let work = takeWork(&state) { return .some(work) }
        state.waiter = continuation
        return nil
      }
      if let outcome { continuation.resume(returning: outcome) }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let woken: (CheckedContinuation<Work?, Never>, Work?)? = state.withLock { state in
      body(&state)
      guard let waiter = state.waiter else { return nil }
      let work = state.isClosed ? nil : takeWork(&state)
      guard state.isClosed || work != nil else { return nil }
      state.waiter = nil
      return (waiter, work)
    }
    if let (waiter, work) = woken { waiter.resume(returning: work) }
  }

  private func takeWork(_ state: inout State) -> Work? {
    guard !state.isHeld, let first = state.items.first else { return nil }
    if case .snapshot = first {
      state.items.removeFirst()
      return .snapshot
    }
    var slices: [FrameSlice<RecordFrame>] = []
    var recordCount = 0
    while case .slice(let slice)? = state.items.first {
      guard slices.isEmpty || recordCount + slice.recordCount <= mostRecords else { break }
      recordCount += slice.recordCount
      slices.append(slice)
      state.items.removeFirst()
    }
    return .slices(slices)
  }
}
