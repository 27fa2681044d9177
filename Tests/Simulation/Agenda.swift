import HeapModule
import Messaging

/// What is going to happen, in order of time; what is for the same instant, in the order in which it was put down.
struct Agenda<Happening> {
  private struct Entry: Comparable {
    let at: MonotonicInstant
    let number: Int
    let happening: Happening

    static func < (one: Self, other: Self) -> Bool { (one.at, one.number) < (other.at, other.number) }
    static func == (one: Self, other: Self) -> Bool { one.number == other.number }
  }

  private var entries = Heap<Entry>()
  private var count = 0

  mutating func add(_ happening: Happening, at instant: MonotonicInstant) {
    count += 1
    entries.insert(Entry(at: instant, number: count, happening: happening))
  }

  mutating func next() -> (at: MonotonicInstant, happening: Happening)? {
    entries.popMin().map { ($0.at, $0.happening) }
  }
}
