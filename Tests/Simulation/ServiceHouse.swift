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
  static func definitions(seed: UInt64) -> [ServiceDefinition] {
    [ingestion, Ranking.definition, goalSetting(seed: seed &+ 1), loopClosure(seed: seed &+ 2), Gateway.definition]
      .map(AppliedLedger.audited)
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

/// Random numbers for closures that run on a store's writer.
private final class SharedRandom: Sendable {
  private let generator: Mutex<SplitMix64>

  init(seed: UInt64) {
    generator = Mutex(SplitMix64(seed: seed))
  }

  @Sendable func next() -> UInt64 { generator.withLock { $0.next() } }
}
