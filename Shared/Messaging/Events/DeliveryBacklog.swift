import DequeModule
package import Records

/// What has been delivered and the sink has not taken, in order.
///
/// A value, so that a simulation takes from it by the same rules as the task that feeds a real sink.
package struct DeliveryBacklog: Sendable {
  package enum Work: Sendable {
    case slices([FrameSlice<RecordFrame>])
    case snapshot
    /// Ask the sink where its cursor is.
    case check
  }

  private enum Item {
    case slice(FrameSlice<RecordFrame>)
    case snapshot
    case check
  }

  private var items: Deque<Item> = []
  private var isHeld = false
  /// How many records wait.
  private var recordCount = 0
  private let usualRecords: Int
  /// Far behind, nothing is gained by committing in time with the publisher, and each commit costs an fsync, and what
  /// lies between two of them.
  private var mostRecords: Int { min(max(usualRecords, recordCount / 4), 4 * usualRecords) }

  /// - Parameter mostRecords: how many records a commit of the sink takes at most, unless one frame holds more; a
  ///   quarter of what waits where that is more, up to four times as many.
  package init(mostRecords: Int) {
    usualRecords = mostRecords
  }

  package mutating func append(_ slices: [FrameSlice<RecordFrame>]) {
    for slice in slices {
      items.append(.slice(slice))
      recordCount += slice.recordCount
    }
  }

  package mutating func appendSnapshot() {
    items.append(.snapshot)
  }

  package mutating func appendCheck() {
    items.append(.check)
  }

  /// Voids what waits and hands out nothing more until `restart`.
  package mutating func hold() {
    clear()
    isHeld = true
  }

  /// Voids what waits, and goes on with what is appended from now on.
  package mutating func restart() {
    clear()
    isHeld = false
  }

  private mutating func clear() {
    items = []
    recordCount = 0
  }

  /// Takes as much as makes a good commit: what has queued, up to so many records that publisher and consumer can
  /// commit at the same time.
  /// - Returns: nil where nothing waits.
  package mutating func take() -> Work? {
    guard !isHeld, let first = items.first else { return nil }
    switch first {
    case .snapshot:
      items.removeFirst()
      return .snapshot
    case .check:
      items.removeFirst()
      return .check
    case .slice: break
    }
    var slices: [FrameSlice<RecordFrame>] = []
    var taken = 0
    let most = mostRecords
    while case .slice(let slice)? = items.first {
      guard slices.isEmpty || taken + slice.recordCount <= most else { break }
      taken += slice.recordCount
      slices.append(slice)
      items.removeFirst()
    }
    recordCount -= taken
    return .slices(slices)
  }
}
