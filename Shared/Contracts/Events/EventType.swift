/// What kind of fact a record states, e.g. `feedback.recorded`: a subject and a verb in the past tense. The topic.
public struct EventType: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String

  public init(_ rawValue: String) {
    self.rawValue = rawValue
  }

  public var description: String { rawValue }
}

extension EventType: Codable {
  public init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// A fact as its journal's owner writes it and everyone else reads it.
///
/// Rules for change: fields are only ever added, optional or with a default; none is renamed, retyped or used for
/// something else; `schemaVersion` counts the additions. The golden files hold every version that was released.
public protocol Event: Codable, Sendable {
  static var type: EventType { get }
  /// The stream that it is published on.
  static var stream: StreamName { get }
  static var schemaVersion: UInt16 { get }
  var programme: ID<Programme> { get }
  /// The identity of the thing that the fact is about, within its programme.
  var key: String { get }
}

extension Event {
  public static var schemaVersion: UInt16 { 1 }
}
