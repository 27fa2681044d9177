/// Some of the 64 partitions. Written as numbers and ranges, e.g. `0-31,40`; `all` and `none` are understood, too.
public struct PartitionSet: Hashable, Sendable {
  /// Bit n stands for partition n.
  public private(set) var bits: UInt64

  public static let all = PartitionSet(bits: .max)
  public static let none = PartitionSet(bits: 0)

  public init(bits: UInt64) {
    self.bits = bits
  }

  public init(_ partitions: some Sequence<Partition>) {
    bits = partitions.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
  }

  public var isEmpty: Bool { bits == 0 }
  public var count: Int { bits.nonzeroBitCount }

  public func contains(_ partition: Partition) -> Bool { bits & (1 << UInt64(partition.rawValue)) != 0 }
  public func isDisjoint(with other: PartitionSet) -> Bool { bits & other.bits == 0 }
  public func subtracting(_ other: PartitionSet) -> PartitionSet { PartitionSet(bits: bits & ~other.bits) }

  public mutating func insert(_ partition: Partition) { bits |= 1 << UInt64(partition.rawValue) }
  public mutating func remove(_ partition: Partition) { bits &= ~(1 << UInt64(partition.rawValue)) }

  /// In ascending order.
  public var partitions: [Partition] {
    (0..<UInt16(Partition.count)).compactMap(Partition.init(_:)).filter(contains)
  }
}

extension PartitionSet: LosslessStringConvertible {
  /// - Returns: nil for anything that is no list of numbers and ascending ranges below 64.
  public init?(_ description: String) {
    self = .none
    switch description {
    case "all": self = .all
    case "none": break
    default:
      for part in description.split(separator: ",", omittingEmptySubsequences: false) {
        let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { bound in
          bound.allSatisfy(\.isNumber) ? UInt16(bound).flatMap(Partition.init(_:)) : nil
        }
        guard (1...2).contains(bounds.count), let first = bounds[0], let last = bounds[bounds.count - 1], first <= last
        else { return nil }
        for number in first.rawValue...last.rawValue { bits |= 1 << UInt64(number) }
      }
    }
  }

  public var description: String {
    if self == .all { return "all" }
    if self == .none { return "none" }
    var ranges: [ClosedRange<UInt16>] = []
    for partition in partitions.map(\.rawValue) {
      if let last = ranges.last, last.upperBound + 1 == partition {
        ranges[ranges.count - 1] = last.lowerBound...partition
      } else {
        ranges.append(partition...partition)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
      separator: ","
    )
  }
}

extension PartitionSet: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let set = PartitionSet(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "'\(text)' is no set of partitions, such as 0-31,40"
      )
    }
    self = set
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
