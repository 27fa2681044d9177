/// One of the 64 parts that programmes hash to: the unit of ordering and of scaling out.
public struct Partition: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: UInt16

  /// How many there are. Fixed for ever: records carry their partition's number.
  public static let count = 64

  /// - Returns: nil outside 0 ..< `count`.
  public init?(_ rawValue: UInt16) {
    guard rawValue < Partition.count else { return nil }
    self.rawValue = rawValue
  }

  /// The partition of a programme: FNV-1a (64 bits, draft-eastlake-fnv) over the id's UTF-8 bytes, modulo `count`.
  public init(of programme: ID<Programme>) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in programme.rawValue.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    rawValue = UInt16(hash % UInt64(Partition.count))
  }

  public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  public var description: String { String(rawValue) }
}
