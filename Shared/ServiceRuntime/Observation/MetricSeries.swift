import CoreMetrics
import Synchronization

/// Name and labels of one series, cleaned for the text format.
struct SeriesKey: Hashable {
  let name: String
  /// Sorted by name.
  let labels: [Label]

  struct Label: Hashable {
    let name: String
    let value: String
  }

  init(name: String, labels: [(String, String)]) {
    self.name = SeriesKey.clean(name)
    self.labels =
      labels
      .map { Label(name: SeriesKey.clean($0.0).replacing(":", with: "_"), value: $0.1) }
      .sorted { $0.name < $1.name }
  }

  /// A metric's name may hold ASCII letters, digits, `_` and `:`, and not start with a digit.
  private static func clean(_ name: String) -> String {
    let characters = name.map { character in
      character.isASCII && (character.isLetter || character.isNumber) || character == ":" ? character : "_"
    }
    return characters.first?.isNumber == false ? String(characters) : "_" + String(characters)
  }
}

/// Counts events. Whole increments only, as swift-metrics' counters give.
final class CounterSeries: CounterHandler {
  private let total = Atomic<Int64>(0)

  func increment(by amount: Int64) {
    total.wrappingAdd(amount, ordering: .relaxed)
  }

  func reset() {
    total.store(0, ordering: .relaxed)
  }

  var value: Int64 { total.load(ordering: .relaxed) }
}

/// A value that goes up and down.
final class GaugeSeries: RecorderHandler, MeterHandler {
  private let current = Mutex(0.0)

  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { current.withLock { $0 = value } }
  func increment(by amount: Double) { current.withLock { $0 += amount } }
  func decrement(by amount: Double) { current.withLock { $0 -= amount } }

  var value: Double { current.withLock { $0 } }
}

/// Observations counted in buckets with fixed upper limits.
final class HistogramSeries: RecorderHandler, TimerHandler {
  private let limits: [Double]
  private let state: Mutex<Counts>

  struct Counts {
    /// Observations per bucket; the last one has no limit.
    var buckets: [UInt64]
    var sum = 0.0
  }

  init(limits: [Double]) {
    self.limits = limits
    state = Mutex(Counts(buckets: Array(repeating: 0, count: limits.count + 1)))
  }

  func record(_ value: Int64) { observe(Double(value)) }
  func record(_ value: Double) { observe(value) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }

  private func observe(_ value: Double) {
    guard !value.isNaN else { return }
    let bucket = limits.firstIndex { value <= $0 } ?? limits.count
    state.withLock { counts in
      counts.buckets[bucket] += 1
      counts.sum += value
    }
  }

  /// Upper limits with the number of observations at or below each, then all observations and their sum.
  func snapshot() -> (cumulative: [(limit: Double, count: UInt64)], count: UInt64, sum: Double) {
    let counts = state.withLock { $0 }
    var total: UInt64 = 0
    var cumulative: [(limit: Double, count: UInt64)] = []
    for (limit, count) in zip(limits, counts.buckets) {
      total += count
      cumulative.append((limit, total))
    }
    return (cumulative, total + (counts.buckets.last ?? 0), counts.sum)
  }

  /// From 100 µs, a call inside the process, to 30 s, the longest that anyone waits.
  static let seconds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  ]
  /// Counts and sizes: 1-2-5 up to ten million.
  static let sizes: [Double] = (0...6).flatMap { power in [1, 2, 5].map { $0 * pow10(power) } } + [10_000_000]

  private static func pow10(_ power: Int) -> Double {
    (0..<power).reduce(1.0) { product, _ in product * 10 }
  }
}

/// Takes what there is no room for.
final class DiscardedSeries: CounterHandler, RecorderHandler, MeterHandler, TimerHandler {
  func increment(by _: Int64) {}
  func reset() {}
  func record(_: Int64) {}
  func record(_: Double) {}
  func set(_: Int64) {}
  func set(_: Double) {}
  func increment(by _: Double) {}
  func decrement(by _: Double) {}
  func recordNanoseconds(_: Int64) {}
}
