/// Deadlines by identity, the earliest first. What finishes early is taken out at once: a queue that only forgot on
/// expiry would keep the thread awake for calls long gone.
///
/// A binary heap with an index of positions: `set`, `remove` and `popExpired` are O(log n).
struct DeadlineQueue<ID: Hashable & Sendable>: Sendable {
  private struct Entry: Sendable {
    var deadline: MonotonicInstant
    var id: ID
  }

  private var heap: [Entry] = []
  private var positions: [ID: Int] = [:]

  var isEmpty: Bool { heap.isEmpty }
  var count: Int { heap.count }
  var earliest: MonotonicInstant? { heap.first?.deadline }

  mutating func set(_ deadline: MonotonicInstant, for id: ID) {
    if let position = positions[id] {
      heap[position].deadline = deadline
      siftDown(siftUp(position))
    } else {
      heap.append(Entry(deadline: deadline, id: id))
      positions[id] = heap.count - 1
      siftUp(heap.count - 1)
    }
  }

  mutating func remove(_ id: ID) {
    guard let position = positions.removeValue(forKey: id) else { return }
    let last = heap.removeLast()
    guard position < heap.count else { return }
    heap[position] = last
    positions[last.id] = position
    siftDown(siftUp(position))
  }

  /// Takes out one whose deadline has come.
  mutating func popExpired(_ now: MonotonicInstant) -> ID? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    remove(first.id)
    return first.id
  }

  @discardableResult
  private mutating func siftUp(_ start: Int) -> Int {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard heap[position].deadline < heap[parent].deadline else { break }
      exchange(position, parent)
      position = parent
    }
    return position
  }

  private mutating func siftDown(_ start: Int) {
    var position = start
    while 2 * position + 1 < heap.count {
      var child = 2 * position + 1
      if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
      guard heap[child].deadline < heap[position].deadline else { return }
      exchange(position, child)
      position = child
    }
  }

  private mutating func exchange(_ one: Int, _ other: Int) {
    heap.swapAt(one, other)
    positions[heap[one].id] = one
    positions[heap[other].id] = other
  }
}
