/// An identifier that knows what it identifies: an `ID<Team>` can't be passed where an `ID<Idea>` is meant.
///
/// On the wire it is its bare text. The text is opaque: nobody may take it apart.
public struct ID<Entity>: Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  public let rawValue: String

  public init(_ rawValue: String) {
    self.rawValue = rawValue
  }

  public init(stringLiteral value: String) {
    self.init(value)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard ID.isWellFormed(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "an identifier has 1 to \(ID.longestLength) characters, none of them a control character"
      )
    }
    self.init(text)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

  public var description: String { rawValue }

  /// The longest identifier, in UTF-8 bytes: it has to fit a record header's one-byte length.
  public static var longestLength: Int { 200 }

  /// Whether `text` may serve as an identifier: not empty, at most `longestLength` bytes, no control characters.
  public static func isWellFormed(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= longestLength && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }
}

// What identifiers point at. Types without a value of their own are named here, the others beside their definition.

/// A request that changes something, as its sender named it; a repeat under the same id is answered, not done again.
public enum Request {}
/// A person or organisation whose feedback it is. Only ever a keyed hash of the customer reference.
public enum Customer {}
/// One contact between a customer and the company: a call, a chat, a visit.
public enum Interaction {}
