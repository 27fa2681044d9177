// Written by hand because the formatters of Foundation cost microseconds, and every record carries times.

extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
  public init?(_ description: String) {
    self.init(rfc3339: description)
  }

  /// Reads RFC 3339 (section 5.6): date, `T`, time to the second, optional fraction, and `Z` or an offset `±hh:mm`.
  ///
  /// Digits past the millisecond are dropped. A leap second (`:60`) counts as the second that follows. What lies outside
  /// the years 0000 to 9999 in UTC can't be written again, so it isn't read.
  public init?(rfc3339 text: String) {
    var digits = TimeReader(text.utf8)
    guard
      let year = digits.number(ofDigits: 4), digits.take("-"), let month = digits.number(ofDigits: 2), digits.take("-"),
      let day = digits.number(ofDigits: 2), digits.take("T") || digits.take("t"),
      let hour = digits.number(ofDigits: 2), digits.take(":"), let minute = digits.number(ofDigits: 2),
      digits.take(":"), let second = digits.number(ofDigits: 2),
      let fraction = digits.fraction(), let offsetMinutes = digits.offsetMinutes(), digits.isAtEnd,
      (1...12).contains(month), day >= 1, day <= daysInMonth(month, year: year), hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = daysSinceEpoch(year: year, month: month, day: day)
    let seconds = ((days * 24 + hour) * 60 + minute - offsetMinutes) * 60 + second
    let milliseconds = Int64(seconds) * 1000 + Int64(fraction)
    guard Timestamp.writable.contains(milliseconds) else { return nil }
    self.init(milliseconds: milliseconds)
  }

  /// From 0000-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z: what four digits of a year can say.
  public static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  /// The instant as RFC 3339 text in UTC with three decimals; outside `writable`, with the nearest year there is.
  public var description: String {
    let (days, inDay) = milliseconds.flooredDivision(by: 86_400_000)
    let (year, month, day) = civilDate(daysSinceEpoch: Int(days))
    let seconds = Int(inDay / 1000)
    return String(unsafeUninitializedCapacity: 24) { buffer in
      var at = 0
      func put(_ value: Int, width: Int) {
        var rest = value
        for offset in stride(from: width - 1, through: 0, by: -1) {
          buffer[at + offset] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        }
        at += width
      }
      func put(_ character: Unicode.Scalar) {
        buffer[at] = UInt8(ascii: character)
        at += 1
      }
      put(min(max(year, 0), 9999), width: 4)
      put("-")
      put(month, width: 2)
      put("-")
      put(day, width: 2)
      put("T")
      put(seconds / 3600, width: 2)
      put(":")
      put(seconds / 60 % 60, width: 2)
      put(":")
      put(seconds % 60, width: 2)
      put(".")
      put(Int(inDay % 1000), width: 3)
      put("Z")
      return at
    }
  }

  /// Midnight UTC at the start of a calendar day.
  /// - Returns: nil where there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1, day <= daysInMonth(month, year: year) else { return nil }
    self.init(milliseconds: Int64(daysSinceEpoch(year: year, month: month, day: day)) * 86_400_000)
  }
}

/// Reads fixed-width fields off UTF-8 bytes.
private struct TimeReader {
  private var rest: Substring.UTF8View

  init(_ bytes: String.UTF8View) {
    rest = bytes[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func digit() -> Int? {
    guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
    rest.removeFirst()
    return Int(byte - UInt8(ascii: "0"))
  }

  mutating func number(ofDigits count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let next = digit() else { return nil }
      value = value * 10 + next
    }
    return value
  }

  /// Milliseconds of an optional `.ddd…`; 0 without one, nil where a dot has no digit behind it.
  mutating func fraction() -> Int? {
    guard take(".") else { return 0 }
    var value = 0
    var count = 0
    while let next = digit() {
      if count < 3 { value = value * 10 + next }
      count += 1
    }
    guard count > 0 else { return nil }
    while count < 3 {
      value *= 10
      count += 1
    }
    return value
  }

  mutating func offsetMinutes() -> Int? {
    if take("Z") || take("z") { return 0 }
    let sign = take("+") ? 1 : take("-") ? -1 : 0
    guard
      sign != 0, let hours = number(ofDigits: 2), take(":"), let minutes = number(ofDigits: 2), hours < 24, minutes < 60
    else { return nil }
    return sign * (hours * 60 + minutes)
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

private func daysInMonth(_ month: Int, year: Int) -> Int {
  let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
  return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (the algorithm in "chrono-Compatible Low-Level Date
/// Algorithms", H. Hinnant: years start in March, so that the leap day comes last).
private func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
  let shifted = month <= 2 ? year - 1 : year
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/// The inverse of `daysSinceEpoch`, from the same source.
private func civilDate(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
