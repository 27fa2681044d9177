import Contracts
import Gateway
import GoalSetting
import Ingestion
import LoopClosure
import Messaging
import Ranking
import ServiceRuntime
import Synchronization

/// The five services as they ship, except that what they draw at random comes from the seed.
enum ServiceHouse {
  /// One instance of a service.
  struct Member {
    let definition: ServiceDefinition
    let instance: UInt16
    /// What a new store owns; nil where the service decides that by itself.
    let claim: PartitionSet?
  }

  /// The first instance of each service, then all others.
  static func members(_ plan: MovePlan, seed: UInt64) -> [Member] {
    let firsts = ServiceProfile.all.map { Member(of: $0, 0, plan, seed: seed) }
    let others = ServiceProfile.all.flatMap { profile in
      (1..<plan.counts[profile, default: 1]).map { Member(of: profile, $0, plan, seed: seed) }
    }
    return firsts + others
  }

  fileprivate static func definition(of profile: ServiceProfile, seed: UInt64) -> ServiceDefinition {
    switch profile {
    case .ingestion: ingestion
    case .ranking: Ranking.definition
    case .goalSetting: goalSetting(seed: seed &+ 1)
    case .loopClosure: loopClosure(seed: seed &+ 2)
    default: Gateway.definition
    }
  }

  /// Flags that bring what takes many events within the reach of a short history.
  static func arguments(of profile: ServiceProfile) -> [String] {
    profile == .ranking ? ["--items-to-open", "2", "--publish-ranking-every-hours", "1"] : []
  }

  private static var ingestion: ServiceDefinition {
    ServiceDefinition(.ingestion) { _ in
      Ingestion.blueprint(
        customerKey: "a key of at least thirty-two bytes, for simulations",
        limits: IntakeLimits(bodyBytes: 1 << 20, batchEvents: 100, requests: 16)
      )
    }
  }

  private static func goalSetting(seed: UInt64) -> ServiceDefinition {
    let random = SharedRandom(seed: seed)
    return ServiceDefinition(.goalSetting) { _ in
      GoalSetting.blueprint(
        goals: GoalBook(mint: .init(random: random.next)),
        partnerships: PartnershipBook(mint: .init(random: random.next))
      )
    }
  }

  private static func loopClosure(seed: UInt64) -> ServiceDefinition {
    let random = SharedRandom(seed: seed)
    return ServiceDefinition(.loopClosure) { _ in
      LoopClosure.blueprint(LoopBooks(mint: .init(random: random.next)))
    }
  }
}

extension ServiceHouse.Member {
  fileprivate init(of profile: ServiceProfile, _ instance: UInt16, _ plan: MovePlan, seed: UInt64) {
    // Each instance draws numbers of its own.
    let own = seed &+ UInt64(instance) &* 0x9E37_79B9_7F4A_7C15
    definition = AppliedLedger.audited(ServiceHouse.definition(of: profile, seed: own))
    self.instance = instance
    claim = plan.claims[profile]?[Int(instance)]
  }
}

/// Random numbers for closures that run on a store's writer.
private final class SharedRandom: Sendable {
  private let generator: Mutex<SplitMix64>

  init(seed: UInt64) {
    generator = Mutex(SplitMix64(seed: seed))
  }

  @Sendable func next() -> UInt64 { generator.withLock { $0.next() } }
}
