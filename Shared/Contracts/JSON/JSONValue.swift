public import Foundation

/// Any JSON value, for payloads whose shape is somebody else's.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// Whole numbers that fit are kept exactly.
  case integer(Int64)
  /// All others; whoever makes one of a number that may be whole uses `init(_: Double)`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// A number has one form, however it was spelled: `5.0` and `5e0` are the integer 5.
  /// - Parameter exact: the same number without rounding, where binary floating point may have rounded it.
  public init(_ number: Double, exact: Decimal? = nil) {
    // Its description has no fraction and no exponent where it is whole.
    let whole = exact.flatMap { Int64($0.description) } ?? Int64(exactly: number)
    self = whole.map(JSONValue.integer) ?? .number(number)
  }

  /// Whether binary floating point may have rounded a whole number: from 2^53 on not each of them has a place.
  public static func mayBeRounded(_ number: Double) -> Bool { number.magnitude >= 0x1p53 }

  public subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? container.decode(Double.self) {
      // Foundation would cut off the fraction of a large number that is decoded as an integer.
      self.init(number, exact: JSONValue.mayBeRounded(number) ? try? container.decode(Decimal.self) : nil)
    } else if let string = try? container.decode(String.self) {
      self = .string(string)
    } else if let array = try? container.decode([JSONValue].self) {
      self = .array(array)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let bool): try container.encode(bool)
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .string(let string): try container.encode(string)
    case .array(let array): try container.encode(array)
    case .object(let members): try container.encode(members)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}
