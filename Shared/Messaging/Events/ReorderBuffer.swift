/// Live frames that arrived before the ones they continue, in order of position, up to a number of bytes.
package struct ReorderBuffer<Frame: HistoryFrame>: Sendable {
  package let capacityBytes: Int
  package private(set) var byteCount = 0
  /// Ascending by first position; one frame for each first position.
  private var frames: [Frame] = []

  package init(capacityBytes: Int) {
    self.capacityBytes = capacityBytes
  }

  package enum Insertion: Sendable {
    case stored, duplicate, full
  }

  package var isEmpty: Bool { frames.isEmpty }
  package var count: Int { frames.count }
  package var firstPosition: UInt64? { frames.first?.firstPosition }

  package mutating func insert(_ frame: Frame) -> Insertion {
    // Frames nearly always come in order, so the place is nearly always the end.
    var index = frames.count
    while index > 0, frames[index - 1].firstPosition >= frame.firstPosition { index -= 1 }
    if index < frames.count, frames[index].firstPosition == frame.firstPosition { return .duplicate }
    guard byteCount + frame.byteCount <= capacityBytes else { return .full }
    frames.insert(frame, at: index)
    byteCount += frame.byteCount
    return .stored
  }

  /// Takes out, in order, what no longer lies ahead of `position`, one frame a call.
  package mutating func popFirst(upTo position: UInt64) -> Frame? {
    guard let first = frames.first, first.firstPosition <= position else { return nil }
    frames.removeFirst()
    byteCount -= first.byteCount
    return first
  }

  /// - Returns: how many frames were dropped.
  package mutating func removeAll() -> Int {
    defer {
      frames.removeAll()
      byteCount = 0
    }
    return frames.count
  }
}
