import ArgumentParser
import Contracts
import Foundation

// Values of Contracts as the command line spells them; what can't be read is told before anything is sent.

/// A time: RFC 3339, or a day alone, which begins at midnight UTC.
func instant(_ text: String) throws -> Timestamp {
  guard let time = Timestamp(rfc3339: text) ?? DateFormat.yearMonthDay.timestamp(text, in: .gmt) else {
    throw ValidationError("'\(text)' is no time such as 2026-11-22 or 2026-11-22T15:04:05Z")
  }
  return time
}

/// An amount with its currency: `500.00EUR`.
func money(_ text: String) throws -> Money {
  do {
    let parts = ["amount": String(text.dropLast(3)), "currency": String(text.suffix(3))]
    return try JSONDecoder().decode(Money.self, from: JSONEncoder().encode(parts))
  } catch DecodingError.dataCorrupted(let context) {
    throw ValidationError("'\(text)' is no amount such as 500.00EUR: \(context.debugDescription)")
  }
}

/// Requests that are too rich for flags come as JSON.
enum JSONArgument {
  static func read<Value: Decodable>(_ path: String) throws -> Value {
    let data: Data
    if path == "-" {
      data = FileHandle.standardInput.readDataToEndOfFile()
    } else {
      guard let contents = FileManager.default.contents(atPath: path) else {
        throw ImportError("the file \(path) isn't there, or may not be read by this user")
      }
      data = contents
    }
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      let place = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
      throw ImportError("\(path) lacks the field '\(place)'")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context)
    {
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw ImportError("\(path): \(place.isEmpty ? "" : "\(place): ")\(context.debugDescription)")
    }
  }
}
