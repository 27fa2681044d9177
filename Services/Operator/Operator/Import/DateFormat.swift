import Contracts
import Foundation

/// How a file writes its times: given, or found out from its first rows.
enum DateFormat: Hashable, CaseIterable {
  case rfc3339
  /// `2026-11-22`, alone or followed by a time, separated by a space or `T`, without an offset.
  case yearMonthDay
  /// `11/22/2026 15:04`, as in the United States.
  case monthDayYear
  /// `22/11/2026 15:04`, `22.11.2026 15:04`.
  case dayMonthYear
  case unixSeconds
  case unixMilliseconds

  /// The name on the command line.
  var name: String {
    switch self {
    case .rfc3339: "rfc3339"
    case .yearMonthDay: "ymd"
    case .monthDayYear: "mdy"
    case .dayMonthYear: "dmy"
    case .unixSeconds: "unix"
    case .unixMilliseconds: "unix-ms"
    }
  }

  init?(name: String) {
    guard let format = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = format
  }

  /// Reads one time; times without an offset are read in `timeZone`. Nil where it can't be, or where RFC 3339 couldn't
  /// write it again.
  func timestamp(_ text: String, in timeZone: TimeZone) -> Timestamp? {
    let time = read(text.trimmingCharacters(in: .whitespaces), in: timeZone)
    return time.flatMap { Timestamp.writable.contains($0.milliseconds) ? $0 : nil }
  }

  private func read(_ text: String, in timeZone: TimeZone) -> Timestamp? {
    switch self {
    case .rfc3339: return Timestamp(rfc3339: text)
    case .unixSeconds:
      guard let seconds = Double(text), abs(seconds) < 1e11 else { return nil }
      return Timestamp(milliseconds: Int64(seconds * 1000))
    case .unixMilliseconds:
      guard let milliseconds = Int64(text), milliseconds.magnitude >= 100_000_000_000 else { return nil }
      return Timestamp(milliseconds: milliseconds)
    case .yearMonthDay, .monthDayYear, .dayMonthYear:
      return LocalTime(text, order: self)?.timestamp(in: timeZone)
    }
  }

  /// The only format that reads all of `samples`.
  /// - Returns: one format; several where the samples can't tell them apart; none where nothing fits.
  static func detect(in samples: [String]) -> [DateFormat] {
    let texts = samples.filter { !$0.isEmpty }
    guard !texts.isEmpty else { return [] }
    return allCases.filter { format in texts.allSatisfy { format.timestamp($0, in: .gmt) != nil } }
  }
}

/// A date and perhaps a time on somebody's clock.
private struct LocalTime {
  var components = DateComponents()

  init?(_ text: String, order: DateFormat) {
    let halves = text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "T" })
    guard let date = halves.first else { return nil }
    let parts = date.split(omittingEmptySubsequences: false, whereSeparator: { "-/.".contains($0) }).map { Int($0) }
    guard parts.count == 3, let first = parts[0], let second = parts[1], let third = parts[2] else { return nil }
    let (year, month, day) =
      switch order {
      case .monthDayYear: (third, first, second)
      case .dayMonthYear: (third, second, first)
      default: (first, second, third)
      }
    guard (1000...9999).contains(year), Timestamp(year: year, month: month, day: day) != nil else { return nil }
    components.year = year
    components.month = month
    components.day = day
    guard halves.count == 1 || readClock(halves[1]) else { return nil }
  }

  /// `15:04`, `15:04:05`, `15:04:05.123`, and with `AM` or `PM` behind them.
  private mutating func readClock(_ text: Substring) -> Bool {
    let words = text.split(separator: " ")
    guard let clock = words.first, words.count <= 2 else { return false }
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), var hour = Int(parts[0]), let minute = Int(parts[1]) else { return false }
    if words.count == 2 {
      let half = words[1].uppercased()
      guard half == "AM" || half == "PM", (1...12).contains(hour) else { return false }
      hour = hour % 12 + (half == "PM" ? 12 : 0)
    }
    guard (0..<24).contains(hour), (0..<60).contains(minute) else { return false }
    components.hour = hour
    components.minute = minute
    if parts.count == 3 {
      guard let second = Double(parts[2]), second >= 0, second < 60 else { return false }
      components.second = Int(second)
      components.nanosecond = Int((second - second.rounded(.down)) * 1e9)
    }
    return true
  }

  func timestamp(in timeZone: TimeZone) -> Timestamp? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    guard let date = calendar.date(from: components) else { return nil }
    return Timestamp(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
  }
}
