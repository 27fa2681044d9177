/// Tasks that wait for the same thing. Lives behind its owner's lock; continuations are resumed after unlocking.
struct Parking: Sendable {
  private var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Void, Never>)] = []

  var isEmpty: Bool { waiting.isEmpty }

  mutating func add(_ continuation: CheckedContinuation<Void, Never>, ticket: UInt64) {
    waiting.append((ticket, continuation))
  }

  mutating func remove(_ ticket: UInt64) -> CheckedContinuation<Void, Never>? {
    guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
    return waiting.remove(at: index).continuation
  }

  mutating func removeAll() -> [CheckedContinuation<Void, Never>] {
    guard !waiting.isEmpty else { return [] }
    defer { waiting = [] }
    return waiting.map(\.continuation)
  }
}
