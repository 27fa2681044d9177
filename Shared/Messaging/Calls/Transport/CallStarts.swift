/// Decides when and where the handlers of newly opened calls begin.
///
/// They begin once a whole frame has been handed over, so that a handler finds all of its request. A short call that
/// comes by itself begins on the socket thread, where its method may (`HandlerPlace`), and stays there until it first
/// waits for something, which spares it a hand-over (decision 0012). Where several come together each would wait for
/// those before it, so they begin in the pool. So do for a while the calls of a method that has kept the thread twice
/// within such a while; a single time it may have been the system that had something else to do.
struct CallStarts<Call> {
  /// A handler that keeps the thread for longer than this before it waits for something isn't for the thread. Those of
  /// the services read a short request and then wait for their store.
  static var patience: Duration { .milliseconds(5) }
  /// How long a method's calls begin in the pool after that.
  static var banishment: Duration { .seconds(10) }
  /// The largest frame that counts as short. Decoding more JSON than this may take as long as a hand-over.
  static var longestShortFrameBytes: Int { 16 << 10 }

  private var pending: [Call] = []
  private var mayBeAlone = false
  private var framesOfTurn = 0
  /// When methods kept the thread.
  private var suspects: [String: MonotonicInstant] = [:]
  /// Until when the calls of methods begin in the pool.
  private var banished: [String: MonotonicInstant] = [:]

  /// - Parameters:
  ///   - method: `service/Method`, where it is known to be one for the thread; nil for others, whose names a stranger
  ///     may have made up.
  ///   - frameBytes: the size of the frame that opened it.
  mutating func add(_ call: Call, shortMethod method: String?, frameBytes: Int, now: MonotonicInstant) {
    pending.append(call)
    mayBeAlone =
      pending.count == 1 && frameBytes <= Self.longestShortFrameBytes && method.map { !isBanished($0, now) } ?? false
  }

  /// - Returns: the calls that are to begin in the pool now.
  mutating func endFrame() -> [Call] {
    framesOfTurn += 1
    guard !pending.isEmpty, !(mayBeAlone && framesOfTurn == 1) else { return [] }
    defer { pending.removeAll(keepingCapacity: true) }
    return pending
  }

  /// - Returns: the call that is to begin on the thread now.
  mutating func endTurn() -> Call? {
    framesOfTurn = 0
    return pending.popLast()
  }

  /// Books how long a handler has kept the thread.
  mutating func book(_ span: Duration, of method: String, now: MonotonicInstant) {
    guard span > Self.patience else { return }
    let last = suspects.updateValue(now, forKey: method)
    if let last, now - last < Self.banishment { banished[method] = now + Self.banishment }
  }

  private mutating func isBanished(_ method: String, _ now: MonotonicInstant) -> Bool {
    guard let end = banished[method] else { return false }
    if now >= end { banished[method] = nil }
    return now < end
  }
}
