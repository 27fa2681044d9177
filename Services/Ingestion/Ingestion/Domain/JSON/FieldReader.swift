package import Contracts

/// Reads the members of a JSON object into typed values; what doesn't fit is a `Fault` that names field and type.
///
/// A member that is null counts as one that isn't there. Members that nobody asks for are left alone: senders may be
/// newer than we are.
package struct FieldReader {
  private let members: [String: JSONValue]

  /// - Throws: `Fault` with reason `wrongType` where `value` is not an object.
  package init(_ value: JSONValue) throws(Fault) {
    guard case .object(let members) = value else {
      throw Fault(.invalidArgument, reason: "wrongType", "It is \(value.kindOfValue); it must be an object.")
    }
    self.members = members
  }

  subscript(name: String) -> JSONValue? {
    guard let value = members[name], value != .null else { return nil }
    return value
  }

  // MARK: Optional members

  /// A string of at most `limit` Unicode scalars, without control characters other than tab and line breaks.
  func text(_ name: String, limit: Int) throws(Fault) -> String? {
    guard let value = self[name] else { return nil }
    guard case .string(let text) = value else { throw wrongType(name, value, wanted: "a string") }
    do throws(Fault) {
      return try CleanText.cleaned(text, limit: limit)
    } catch {
      throw error.within(name)
    }
  }

  func identifier<Entity>(_ name: String) throws(Fault) -> ID<Entity>? {
    guard let value = self[name] else { return nil }
    guard case .string(let text) = value else { throw wrongType(name, value, wanted: "a string") }
    guard ID<Entity>.isWellFormed(text) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidIdentifier",
        "An identifier has 1 to \(ID<Entity>.longestLength) bytes, none of them a control character.",
        field: name
      )
    }
    return ID(text)
  }

  /// A word out of an open set, such as a channel.
  func word<Known>(_ name: String) throws(Fault) -> Open<Known>? {
    guard let value = self[name] else { return nil }
    return try FieldReader.word(value, name)
  }

  func timestamp(_ name: String) throws(Fault) -> Timestamp? {
    guard let value = self[name] else { return nil }
    guard case .string(let text) = value else { throw wrongType(name, value, wanted: "a string") }
    guard let timestamp = Timestamp(rfc3339: text) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidTime",
        "'\(text.prefix(40))' is not an RFC 3339 time such as 2026-11-22T15:04:05.123Z.",
        field: name
      )
    }
    return timestamp
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(Fault) -> Int? {
    guard let value = self[name] else { return nil }
    let whole: Int? =
      switch value {
      case .integer(let integer): Int(exactly: integer)
      case .number(let number): Int(exactly: number)
      default: throw wrongType(name, value, wanted: "a whole number")
      }
    guard let whole else { throw wrongType(name, value, wanted: "a whole number") }
    guard range.contains(whole) else {
      throw Fault(
        .invalidArgument,
        reason: "outOfBounds",
        "\(whole) is outside \(range.lowerBound) to \(range.upperBound).",
        field: name
      )
    }
    return whole
  }

  func number(_ name: String) throws(Fault) -> Double? {
    switch self[name] {
    case nil: return nil
    case .integer(let integer)?: return Double(integer)
    case .number(let number)? where number.isFinite: return number
    case let value?: throw wrongType(name, value, wanted: "a number")
    }
  }

  func boolean(_ name: String) throws(Fault) -> Bool? {
    guard let value = self[name] else { return nil }
    guard case .bool(let bool) = value else { throw wrongType(name, value, wanted: "true or false") }
    return bool
  }

  func array(_ name: String, atMost limit: Int) throws(Fault) -> [JSONValue]? {
    guard let value = self[name] else { return nil }
    guard case .array(let elements) = value else { throw wrongType(name, value, wanted: "an array") }
    guard elements.count <= limit else {
      throw Fault(
        .invalidArgument,
        reason: "tooMany",
        "There are \(elements.count) of them; at most \(limit) are taken.",
        field: name
      )
    }
    return elements
  }

  /// Reads a member that is itself an object.
  func object<Value>(_ name: String, _ read: (FieldReader) throws(Fault) -> Value) throws(Fault) -> Value? {
    guard let value = self[name] else { return nil }
    do throws(Fault) {
      return try read(FieldReader(value))
    } catch {
      throw error.within(name)
    }
  }

  // MARK: Required members

  /// What was found, or a fault that says that the member is missing.
  func required<Value>(_ name: String, _ found: Value?) throws(Fault) -> Value {
    guard let found else {
      throw Fault(.invalidArgument, reason: "missingField", "The field '\(name)' is missing.", field: name)
    }
    return found
  }

  func requiredText(_ name: String, limit: Int) throws(Fault) -> String {
    let text = try required(name, text(name, limit: limit))
    guard !text.isEmpty else {
      throw Fault(.invalidArgument, reason: "emptyField", "The field '\(name)' is empty.", field: name)
    }
    return text
  }

  // MARK: Parts

  static func word<Known>(_ value: JSONValue, _ name: String) throws(Fault) -> Open<Known> {
    guard case .string(let text) = value else {
      throw Fault(
        .invalidArgument,
        reason: "wrongType",
        "It is \(value.kindOfValue); it must be a string.",
        field: name
      )
    }
    let bytes = text.utf8
    guard (1...longestWord).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Fault(
        .invalidArgument,
        reason: "invalidWord",
        "A word of this kind has 1 to \(longestWord) printable ASCII characters and no space.",
        field: name
      )
    }
    return Open(rawValue: text)
  }

  /// Channels, signals and the like: the longest, in bytes.
  static var longestWord: Int { 40 }

  private func wrongType(_ name: String, _ value: JSONValue, wanted: String) -> Fault {
    Fault(
      .invalidArgument,
      reason: "wrongType",
      "It is \(value.kindOfValue); it must be \(wanted).",
      field: name
    )
  }
}

extension JSONValue {
  /// What to call this kind of value in a sentence.
  var kindOfValue: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
