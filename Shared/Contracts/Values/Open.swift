/// A value out of an open set: a case that this version knows, or the text of one that it doesn't.
///
/// Peers are upgraded one at a time, so a new case reaches old readers. They keep its raw text and hand it on
/// unchanged rather than fail the whole message.
public enum Open<Known: RawRepresentable & Hashable & Sendable>: Hashable, Sendable where Known.RawValue == String {
  case known(Known)
  case unknown(String)

  public init(rawValue: String) {
    self = Known(rawValue: rawValue).map(Open.known) ?? .unknown(rawValue)
  }

  public var rawValue: String {
    switch self {
    case .known(let known): known.rawValue
    case .unknown(let raw): raw
    }
  }

  /// The case, where this version knows it.
  public var known: Known? {
    if case .known(let known) = self { known } else { nil }
  }

  public static func == (open: Self, known: Known) -> Bool { open.known == known }
  public static func != (open: Self, known: Known) -> Bool { open.known != known }
}

extension Open: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
