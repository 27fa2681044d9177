import Contracts
import Messaging
import Records
import ServiceRuntime
package import Storage

/// Which services have two instances in a history, how these divide the programmes, and what is to change hands. Drawn
/// from the seed; in most histories every service is alone.
struct MovePlan {
  /// What each instance's new store claims.
  private(set) var claims: [ServiceProfile: [PartitionSet]] = [:]
  private(set) var moves: [ServiceProfile: [PlannedMove]] = [:]

  struct PlannedMove: Sendable {
    let partitions: PartitionSet
    let from: Int
    let to: Int
  }

  private static let divisible = [ServiceProfile.ranking, .goalSetting, .loopClosure]

  /// Every service alone.
  static let none = MovePlan()

  private init() {}

  init(using random: inout SplitMix64) {
    guard Int.random(in: 0..<3, using: &random) == 0 else { return }
    let first = Int.random(in: Self.divisible.indices, using: &random)
    plan(Self.divisible[first], &random)
    // Both at once are worth a third of these: one follows the other while both are moving.
    guard Int.random(in: 0..<3, using: &random) == 0 else { return }
    plan(Self.divisible[(first + 1) % Self.divisible.count], &random)
  }

  var isAny: Bool { !claims.isEmpty }

  /// How many instances of each service there are, where it isn't one.
  var counts: [ServiceProfile: UInt16] { claims.mapValues { UInt16($0.count) } }

  /// The partitions in which the history's programmes lie.
  static let partitions = Workload.programmes.map { Partition(of: ID($0)) }.sorted()

  private mutating func plan(_ service: ServiceProfile, _ random: inout SplitMix64) {
    let (low, high) = (Self.partitions[0], Self.partitions[1])
    let lower = PartitionSet((0..<high.rawValue).compactMap(Partition.init(_:)))
    let upper = PartitionSet.all.subtracting(lower)
    var owners: [Partition: Int]
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      claims[service] = [lower, upper]
      owners = [low: 0, high: 1]
    case 1:
      claims[service] = [upper, lower]
      owners = [low: 1, high: 0]
    default:
      claims[service] = [.all, .none]
      owners = [low: 0, high: 0]
    }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let first = Bool.random(using: &random) ? low : high
      guard let from = owners[first] else { continue }
      // Sometimes all that the instance has of the two.
      let moving =
        Bool.random(using: &random) ? [first] : owners.keys.sorted().filter { owners[$0] == from }
      for partition in moving { owners[partition] = 1 - from }
      moves[service, default: []].append(PlannedMove(partitions: PartitionSet(moving), from: from, to: 1 - from))
    }
  }
}

extension Ownership.Upstream: Comparable, CustomStringConvertible {
  package static func < (one: Self, other: Self) -> Bool {
    (one.stream, one.instance) < (other.stream, other.instance)
  }

  package var description: String { "\(stream)/\(instance)" }
}
