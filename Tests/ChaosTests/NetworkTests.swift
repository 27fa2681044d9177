import Contracts
import Foundation
import TestSupport
import Testing

extension ChaosTests {
  /// Networks between the services that are cut, that stall, and that lose connections without telling anybody.
  @Suite struct NetworkTests {
    /// Who follows Ingestion's feedback.
    private static let followers = ["ranking", "loop-closure", "gateway"]

    @Test(.timeLimit(.minutes(3)), arguments: [FaultyLink.Condition.cut, .stalled])
    func whatIsOutOfReachIsCaughtUpWith(condition: FaultyLink.Condition) async throws {
      try await ChaosRun.with(over: .relayed) { run in
        for service in ["ingestion", "gateway", "loop-closure"] {
          for link in run.network.links(to: service) { link.become(condition) }
          try await run.source.acknowledgements(100)
          if service == "ingestion" {
            for follower in Self.followers {
              try await run.waitUntil(follower, isLive: false, on: .ingestion)
            }
            // What has been heard so far is still there to be asked for.
            let opportunities = try await run.cluster.run("opportunities", "--programme", "northwind", "--json")
            #expect(opportunities.status == 0, "\(opportunities.errors)")
          }
          #expect(Set(try await run.statuses().keys) == Set(Cluster.services))
          run.network.heal()
        }
        for follower in Self.followers { try await run.waitUntil(follower, hasApplied: .ingestion) }
      }
    }

    /// Each side believes in a connection that nothing comes through any more.
    @Test(.timeLimit(.minutes(2))) func forgottenConnectionsAreReplaced() async throws {
      try await ChaosRun.with(over: .relayed) { run in
        for _ in 0..<2 {
          for service in Cluster.services {
            for link in run.network.links(to: service) { link.forgetConnections() }
          }
          for follower in Self.followers { try await run.waitUntil(follower, hasApplied: .ingestion) }
        }
        // A call that goes from one service to another, by the gateway's REST API.
        let (page, status) = try await run.get("programmes/northwind/feedback?limit=5")
        #expect(status == 200, "\(page)")
      }
    }

    /// With one of the two ways to a service's events gone, the other carries on.
    @Test(.timeLimit(.minutes(2)), arguments: FaultyNetwork.Kind.allCases)
    func oneWayIsEnough(broken: FaultyNetwork.Kind) async throws {
      try await ChaosRun.with(over: .relayed) { run in
        for follower in Self.followers {
          try await run.waitUntil(follower, isLive: true, on: .ingestion)
        }
        for link in run.network.links(to: "ingestion", [broken]) { link.become(.cut) }
        try await run.source.acknowledgements(50)
        for follower in Self.followers { try await run.waitUntil(follower, hasApplied: .ingestion) }
        run.network.heal()
      }
    }

    /// A relay that failed by itself would prove nothing.
    @Test(.timeLimit(.minutes(2))) func aSoundLinkPassesEverythingOn() async throws {
      try await ChaosRun.with(over: .relayed) { run in
        try await run.source.acknowledgements(50)
        for follower in Self.followers {
          try await run.waitUntil(follower, hasApplied: .ingestion)
          try await run.waitUntil(follower, isLive: true, on: .ingestion)
        }
      }
    }
  }
}
