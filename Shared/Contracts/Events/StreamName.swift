/// A journal that others may subscribe to and replay. A stream is the unit of permission: whoever may not read
/// scores is not given `ingestion.scores`, however it asks.
public struct StreamName: Hashable, Sendable, Comparable, CustomStringConvertible, LosslessStringConvertible {
  public let rawValue: String

  /// Reads a stream's name: 1 to `longestLength` bytes of `a-z`, `0-9`, `-` and `.`.
  public init?(_ description: String) {
    let bytes = description.utf8
    guard
      (1...StreamName.longestLength).contains(bytes.count),
      bytes.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E })
    else { return nil }
    rawValue = description
  }

  private init(known: StaticString) {
    rawValue = "\(known)"
  }

  /// A frame's header keeps this many bytes for the name, filled up with zeros.
  public static let longestLength = 24

  /// Customers' words: `feedback.recorded`, `.revised`, `.erased`.
  public static let ingestion = StreamName(known: "ingestion")
  /// `score.observed`, apart from the words, and out of reach of Ranking and GoalSetting.
  public static let scores = StreamName(known: "ingestion.scores")
  /// Outcomes of experiments and counts of interactions.
  public static let observations = StreamName(known: "ingestion.observations")
  public static let ranking = StreamName(known: "ranking")
  public static let goalSetting = StreamName(known: "goal-setting")
  public static let loopClosure = StreamName(known: "loop-closure")
  /// Programmes, teams and people, kept by the gateway.
  public static let directory = StreamName(known: "directory")

  public static let all: [StreamName] = [
    .ingestion, .scores, .observations, .ranking, .goalSetting, .loopClosure, .directory,
  ]

  public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  public var description: String { rawValue }
}

extension StreamName: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let name = StreamName(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' can't be a stream's name")
    }
    self = name
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
