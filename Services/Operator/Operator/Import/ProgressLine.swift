import Foundation

/// One line on a terminal that is written over and over: rows, share, rate, time left. Silent where nobody watches.
struct ProgressLine {
  let total: Int
  let isShown: Bool
  private let clock = ContinuousClock()
  private let startedAt: ContinuousClock.Instant
  private let settledAtStart: Int
  private var shownAt: ContinuousClock.Instant?

  init(total: Int, settledAtStart: Int, isShown: Bool = isatty(STDERR_FILENO) == 1) {
    self.total = total
    self.settledAtStart = settledAtStart
    self.isShown = isShown
    startedAt = clock.now
  }

  /// Seconds since the start.
  var elapsedSeconds: Double {
    let (seconds, attoseconds) = startedAt.duration(to: clock.now).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  /// Writes the line anew, at most five times a second.
  mutating func show(_ tally: ImportTally) {
    guard isShown, shownAt.map({ $0.duration(to: clock.now) > .milliseconds(200) }) ?? true else { return }
    shownAt = clock.now
    FileHandle.standardError.write(Data("\r\u{1B}[2K\(text(tally, seconds: elapsedSeconds))".utf8))
  }

  func text(_ tally: ImportTally, seconds: Double) -> String {
    let rate = seconds > 0 ? Double(tally.settled - settledAtStart) / seconds : 0
    let share = total > 0 ? tally.settled * 100 / total : 100
    let left = rate > 0 ? Int((Double(total - tally.settled) / rate).rounded(.up)) : 0
    let seconds = left % 60 < 10 ? "0\(left % 60)" : "\(left % 60)"
    return "\(tally.settled) of \(total) rows (\(share) %), \(Int(rate)) rows/s, \(left / 60):\(seconds) left"
  }

  /// Clears the line for what comes after it.
  func end() {
    if isShown { FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8)) }
  }
}
