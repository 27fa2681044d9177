import Foundation

/// What one measurement found.
struct Measurement: Codable {
  enum Mode: String, Codable {
    /// As fast as it goes.
    case flat
    /// At a given rate; latencies count from when an event was due, so a stall is charged to all that waited for it.
    case paced
  }

  var name: String
  var mode: Mode
  var events: Int
  var eventsPerSecond: Double
  var p50Microseconds: Double
  var p99Microseconds: Double
  /// Events that were accepted and never came.
  var lost: Int
  /// Times that an event came again.
  var duplicated: Int
  /// Most memory that was resident at once, by process.
  var peakMemoryMiB: [String: Double]

  init(
    _ name: String,
    _ mode: Mode,
    _ report: LatencyReport,
    lost: Int = 0,
    duplicated: Int = 0,
    peakMemoryMiB: [String: Double]
  ) {
    self.name = name
    self.mode = mode
    events = report.events
    eventsPerSecond = report.eventsPerSecond.rounded()
    p50Microseconds = report.p50
    p99Microseconds = report.p99
    self.lost = lost
    self.duplicated = duplicated
    self.peakMemoryMiB = peakMemoryMiB
  }

  /// What a consumer found of the events that were published to it.
  init(_ name: String, _ mode: Mode, of report: ConsumerReport, publisherMiB: Double) {
    self.init(
      name,
      mode,
      report.latencies,
      lost: report.lost,
      duplicated: report.duplicated,
      peakMemoryMiB: ["publisher": publisherMiB, "consumer": report.peakMemoryMiB]
    )
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// The line that the peers' programs print, so that their driver can put ours beside it.
  func line(_ what: String, _ report: LatencyReport) -> String {
    func text(_ microseconds: Double) -> String { String(format: "%.0f", microseconds) }
    return "groundswell \(name) \(what) lost=\(lost) duplicated=\(duplicated) e2e-committed n=\(events)"
      + " rate=\(text(eventsPerSecond))/s p50=\(text(report.p50))us p90=\(text(report.p90))us"
      + " p99=\(text(report.p99))us p99.9=\(text(report.p999))us max=\(text(report.longest))us"
  }

  /// Prints the measurement, as JSON or for people.
  func print(_ what: String, _ report: LatencyReport, json isJSON: Bool) throws {
    Swift.print(isJSON ? try json : line(what, report))
  }
}

/// Latencies in microseconds, and how many events came how fast.
struct LatencyReport: Codable {
  var events: Int
  var eventsPerSecond: Double
  var p50: Double
  var p90: Double
  var p99: Double
  var p999: Double
  var longest: Double

  /// - Parameter nanoseconds: one latency for each event, in any order.
  init(nanoseconds: [Int64], over span: Duration) {
    let sorted = nanoseconds.sorted()
    func percentile(_ share: Double) -> Double {
      guard !sorted.isEmpty else { return 0 }
      return Double(sorted[Int(share * Double(sorted.count - 1))]) / 1000
    }
    events = sorted.count
    let seconds = span / .seconds(1)
    eventsPerSecond = seconds > 0 ? Double(events) / seconds : 0
    p50 = percentile(0.5)
    p90 = percentile(0.9)
    p99 = percentile(0.99)
    p999 = percentile(0.999)
    longest = percentile(1)
  }
}
